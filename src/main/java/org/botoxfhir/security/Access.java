package org.botoxfhir.security;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.fault.Finding;
import org.jspecify.annotations.Nullable;

/**
 * Who is asking, and what the caller may do.
 *
 * @param actor stable name of the caller for audit: {@code fhirUser} of the token, else {@code sub}, else the client; never a patient's
 *     name
 * @param client id of the program that asks, as its issuer knows it; null where nobody is authenticated
 * @param grants what the caller may do
 * @param purposes why the caller asks
 * @param traceparent W3C trace context of the request, or null; events carry it on
 * @param acceptLanguage languages that the caller reads, as the header {@code Accept-Language} says, or null; unchecked
 */
public record Access(
    String actor,
    @Nullable String client,
    Grants grants,
    Purposes purposes,
    @Nullable String traceparent,
    @Nullable String acceptLanguage) {
  /** A caller who does not say why. */
  public Access(
      String actor,
      @Nullable String client,
      Grants grants,
      @Nullable String traceparent,
      @Nullable String acceptLanguage) {
    this(actor, client, grants, Purposes.NONE, traceparent, acceptLanguage);
  }

  /** The service itself, e.g. when it writes the definitions that it ships. */
  public static final Access SERVICE = new Access("service", null, Grants.ALL, null, null);

  /** A caller that is not authenticated here: in development mode, or behind a gateway that authenticates. */
  public static Access anonymous(@Nullable String traceparent, @Nullable String acceptLanguage) {
    return new Access("anonymous", null, Grants.ALL, traceparent, acceptLanguage);
  }

  /** Whether what Consents deny is open to the caller, as far as scopes of a user reach. */
  public boolean breaksTheGlass() {
    return grants.ofUser() && purposes.stated().stream().anyMatch(PurposeOfUse::breaksTheGlass);
  }

  /**
   * The same caller, for further purposes that the request states.
   *
   * @param breakTheGlassScope what a token must have as a scope for its requests to break the glass
   * @throws FaultException with {@link Fault.Forbidden} when they would break the glass and the caller may not
   */
  public Access stating(Set<PurposeOfUse> further, String breakTheGlassScope) {
    if (further.isEmpty()) {
      return this;
    }
    boolean breaks = further.stream().anyMatch(PurposeOfUse::breaksTheGlass);
    if (breaks && !grants.isAll() && !(grants.ofUser() && purposes.mayBreakTheGlass())) {
      throw new FaultException(new Fault.Forbidden(
          List.of(Finding.error(
              "forbidden",
              "to break the glass (%s of the header %s) takes a token with a scope of a user (user/...) and the scope %s; ask again with such a token, or for another purpose"
                  .formatted(further, PurposeOfUse.HEADER, breakTheGlassScope),
              null)),
          breakTheGlassScope));
    }
    Set<PurposeOfUse> all = EnumSet.copyOf(further);
    all.addAll(purposes.stated());
    return new Access(
        actor,
        client,
        grants,
        new Purposes(all, purposes.mayBreakTheGlass()),
        traceparent,
        acceptLanguage);
  }
}
