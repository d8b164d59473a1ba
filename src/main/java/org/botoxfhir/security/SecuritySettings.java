package org.botoxfhir.security;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Who may reach the records: whoever has an access token of {@code issuer}; where there is none, whoever a gateway lets through, or in
 * development mode everyone on this machine.
 *
 * @param authenticatingGateway the operator's word that a gateway in front of the service authenticates and authorises every
 *     request, and that the service cannot be reached around it; {@code false} unless set
 * @param issuer address of the authorization server, exactly as in the claim {@code iss} of its tokens; https, or http on loopback
 * @param audiences values of the claim {@code aud}, one of which a token for this service has
 * @param jwkSetUri where the issuer's keys are, if not where its metadata says
 * @param clockSkew how far the clocks of issuer and service may differ; at most five minutes
 * @param patientClaim claim that holds the id of the patient whom an app was launched for
 * @param smartCapabilities SMART capabilities of the issuer that its metadata cannot tell, e.g. {@code launch-standalone}
 * @param breakTheGlassScope scope of a token whose requests may break the glass; the issuer gives it to whom it is for
 * @param introspectionUri where the issuer tells what an opaque token means (RFC 7662); without it only signed tokens are taken
 * @param introspectionClientId id by which the service asks there
 * @param introspectionClientSecret secret by which it asks
 * @param introspectionLifetime how long an answer holds, so how long a token that was revoked may still be taken
 * @param sslBundle name of the SSL bundle ({@code spring.ssl.bundle}) by whose trust store the issuer's certificate is judged; without it by
 *     that of the JVM
 */
@ConfigurationProperties("botox.security")
record SecuritySettings(
    boolean authenticatingGateway,
    @Nullable String issuer,
    @DefaultValue List<String> audiences,
    @Nullable String jwkSetUri,
    @DefaultValue("60s") Duration clockSkew,
    @DefaultValue("patient") String patientClaim,
    @DefaultValue List<String> smartCapabilities,
    @DefaultValue("break-the-glass") String breakTheGlassScope,
    @Nullable String introspectionUri,
    @Nullable String introspectionClientId,
    @Nullable String introspectionClientSecret,
    @DefaultValue("30s") Duration introspectionLifetime,
    @Nullable String sslBundle) {
  private static final String PREFIX = "botox.security.";
  private static final Duration MOST_SKEW = Duration.ofMinutes(5);

  SecuritySettings {
    issuer = given(issuer);
    jwkSetUri = given(jwkSetUri);
    introspectionUri = given(introspectionUri);
    sslBundle = given(sslBundle);
    audiences = audiences.stream().filter(one -> !one.isBlank()).toList();
    require(
        issuer != null
            || (audiences.isEmpty()
                && jwkSetUri == null
                && introspectionUri == null
                && sslBundle == null),
        "audiences, jwk-set-uri, introspection-uri and ssl-bundle are about tokens of an issuer; set botox.security.issuer too");
    require(
        issuer == null || !authenticatingGateway,
        "issuer and authenticating-gateway exclude each other: with an issuer every request needs a token; remove one");
    require(
        issuer == null || !audiences.isEmpty(),
        "audiences must name what tokens for this service have as aud, usually the address of its FHIR base");
    require(
        introspectionUri == null
            || (given(introspectionClientId) != null && given(introspectionClientSecret) != null),
        "introspection-client-id and introspection-client-secret are missing; introspection-uri needs them");
    require(
        !clockSkew.isNegative() && clockSkew.compareTo(MOST_SKEW) <= 0,
        "clock-skew must be between 0s and 5m");
    require(!introspectionLifetime.isNegative(), "introspection-lifetime must not be negative");
    requireSafe("issuer", issuer);
    requireSafe("jwk-set-uri", jwkSetUri);
    requireSafe("introspection-uri", introspectionUri);
  }

  private static void requireSafe(String name, @Nullable String address) {
    if (address == null) {
      return;
    }
    require(
        IssuerRequests.isSafe(URI.create(address)),
        name + " must be an https address (http only on loopback), not '" + address + "'");
  }

  private static @Nullable String given(@Nullable String value) {
    return value == null || value.isBlank() ? null : value;
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalArgumentException(PREFIX + otherwise);
    }
  }

  /** Without the secret. */
  @Override
  public String toString() {
    return "SecuritySettings[issuer=%s, audiences=%s]".formatted(issuer, audiences);
  }
}
