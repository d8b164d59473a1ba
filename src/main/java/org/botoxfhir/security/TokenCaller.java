package org.botoxfhir.security;

import java.time.Duration;
import java.time.Instant;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.jspecify.annotations.Nullable;

/**
 * Who sends a token of our issuer for us, and what it grants, in the time that it is valid.
 *
 * @param start from when it is valid, if it says so
 * @param end until when; null only where the issuer was asked
 * @param actor as in {@link Access}
 * @param client as in {@link Access}
 * @param purposes that the token states
 */
record TokenCaller(
    @Nullable Instant start,
    @Nullable Instant end,
    String actor,
    @Nullable String client,
    Grants grants,
    Purposes purposes) {

  /** @throws FaultException with {@link Fault.NotAuthenticated} before and after its time */
  void requireValid(Instant now, Duration clockSkew) {
    if (end != null && !now.isBefore(end.plus(clockSkew))) {
      throw new FaultException(new Fault.NotAuthenticated(
          "invalid_token", "expired", "the token expired at %s; get a new one".formatted(end)));
    }
    if (start != null && now.isBefore(start.minus(clockSkew))) {
      throw TokenClaims.refused("the token is not valid before " + start);
    }
  }
}
