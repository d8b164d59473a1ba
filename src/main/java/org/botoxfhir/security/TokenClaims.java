package org.botoxfhir.security;

import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.fhir.ResourceKey;
import org.jspecify.annotations.Nullable;

/**
 * What the claims of a token mean: whether it is of our issuer and for us (RFC 7519, 4.1), who sends it and what it grants
 * (SMART App Launch 2.2). The claims come with a signature that was verified, or from the issuer itself.
 */
final class TokenClaims {
  private static final String PURPOSE = "purpose_of_use";

  private final String issuer;
  private final Set<String> audiences;
  private final String patientClaim;
  private final String breakTheGlassScope;

  TokenClaims(SecuritySettings settings, String issuer) {
    this.issuer = issuer;
    this.audiences = Set.copyOf(settings.audiences());
    this.patientClaim = settings.patientClaim();
    this.breakTheGlassScope = settings.breakTheGlassScope();
  }

  /** @throws FaultException with {@link Fault.NotAuthenticated} */
  TokenCaller ofSigned(Map<String, Object> claims) {
    if (!issuer.equals(claims.get("iss"))) {
      throw refused("the token is of another issuer than " + issuer);
    }
    if (!(claims.get("exp") instanceof Instant)) {
      throw refused("the token does not say until when it is valid (exp)");
    }
    return caller(claims);
  }

  /**
   * Of what the issuer told: RFC 7662, 2.2 leaves out issuer and time, since it has looked at them.
   *
   * @throws FaultException with {@link Fault.NotAuthenticated}
   */
  TokenCaller ofIntrospected(Map<String, Object> claims) {
    Object told = claims.get("iss");
    if (told != null && !issuer.equals(told.toString())) {
      throw refused("the token is of another issuer than " + issuer);
    }
    return caller(claims);
  }

  private TokenCaller caller(Map<String, Object> claims) {
    if (texts(claims.get("aud")).stream().noneMatch(audiences::contains)) {
      throw refused("the token is for another audience (aud) than "
          + String.join(", ", audiences.stream().sorted().toList()));
    }
    String client = first(claims, "client_id", "azp");
    String actor = first(claims, "fhirUser", "sub");
    if (actor == null) {
      actor = client;
    }
    if (actor == null) {
      throw refused("the token names nobody (fhirUser, sub or client_id)");
    }
    List<String> scopes = scopes(claims);
    return new TokenCaller(
        claims.get("nbf") instanceof Instant start ? start : null,
        claims.get("exp") instanceof Instant end ? end : null,
        actor,
        client,
        Grants.of(scopes, patient(claims)),
        new Purposes(purposes(claims), scopes.contains(breakTheGlassScope)));
  }

  /**
   * Codes in {@code purpose_of_use}, or codings there within the extension of IHE's IUA (ITI TF-2: 3.71). What is no purpose of HL7's is of
   * no meaning here.
   */
  private static Set<PurposeOfUse> purposes(Map<String, Object> claims) {
    Set<PurposeOfUse> stated = EnumSet.noneOf(PurposeOfUse.class);
    texts(claims.get(PURPOSE)).forEach(token -> PurposeOfUse.of(token).ifPresent(stated::add));
    if (claims.get("extensions") instanceof Map<?, ?> extensions
        && extensions.get("ihe_iua") instanceof Map<?, ?> iua
        && iua.get(PURPOSE) instanceof Collection<?> codings) {
      for (Object coding : codings) {
        if (coding instanceof Map<?, ?> parts) {
          PurposeOfUse.of(
                  Objects.toString(parts.get("system"), null),
                  Objects.toString(parts.get("code"), null))
              .ifPresent(stated::add);
        }
      }
    }
    return stated;
  }

  /** As one text with spaces between (RFC 8693), or as several; some issuers name the claim otherwise. */
  private static List<String> scopes(Map<String, Object> claims) {
    Object told = claims.containsKey("scope") ? claims.get("scope") : claims.get("scp");
    return texts(told).stream()
        .flatMap(text -> Arrays.stream(text.split(" ")))
        .filter(scope -> !scope.isEmpty())
        .toList();
  }

  private @Nullable String patient(Map<String, Object> claims) {
    Object told = claims.get(patientClaim);
    if (told == null) {
      return null;
    }
    String id = told.toString();
    id = id.startsWith("Patient/") ? id.substring("Patient/".length()) : id;
    if (!ResourceKey.isId(id)) {
      throw refused("the claim %s of the token is no id of a patient".formatted(patientClaim));
    }
    return id;
  }

  private static @Nullable String first(Map<String, Object> claims, String... names) {
    for (String name : names) {
      if (claims.get(name) instanceof String text && !text.isBlank()) {
        return text;
      }
    }
    return null;
  }

  private static List<String> texts(@Nullable Object told) {
    return switch (told) {
      case null -> List.of();
      case Collection<?> several -> several.stream().map(String::valueOf).toList();
      default -> List.of(told.toString());
    };
  }

  static FaultException refused(String text) {
    return new FaultException(new Fault.NotAuthenticated("invalid_token", "login", text));
  }
}
