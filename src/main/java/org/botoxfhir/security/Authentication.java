package org.botoxfhir.security;

import jakarta.annotation.PreDestroy;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.trace.RequestTrace;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.security.oauth2.core.OAuth2AuthenticationException;
import org.springframework.security.oauth2.server.resource.web.DefaultBearerTokenResolver;
import org.springframework.stereotype.Component;

/** Who sends a request: asked once for each, of its access token where an issuer is configured. */
@Component
public final class Authentication {
  private final @Nullable Issuer issuer;
  private final String breakTheGlassScope;
  private final DefaultBearerTokenResolver header = new DefaultBearerTokenResolver();

  /**
   * How long a signed token that was verified is not verified again. Shorter than keys are kept, so that a key that the issuer takes back
   * is not used for much longer.
   */
  private static final Duration VERIFIED = Duration.ofMinutes(1);

  /** What is there where an issuer is configured. @param opaque or null, without introspection */
  private record Issuer(
      TokenClaims claims,
      SignedTokens signed,
      KnownTokens verified,
      @Nullable OpaqueTokens opaque,
      KnownTokens introspected,
      Duration clockSkew,
      SmartConfiguration smart) {}

  Authentication(SecuritySettings settings, SslBundles bundles, IssuerState state) {
    this.breakTheGlassScope = settings.breakTheGlassScope();
    String name = settings.issuer();
    this.issuer = name == null ? null : of(settings, name, requests(settings, bundles), state);
  }

  private static IssuerRequests requests(SecuritySettings settings, SslBundles bundles) {
    String bundle = settings.sslBundle();
    if (bundle == null) {
      return new IssuerRequests(null);
    }
    var requests = new IssuerRequests(bundles.getBundle(bundle));
    bundles.addBundleUpdateHandler(bundle, requests::trust);
    return requests;
  }

  private static Issuer of(
      SecuritySettings settings, String name, IssuerRequests requests, IssuerState state) {
    var metadata = new IssuerMetadata(name, requests, state);
    String introspection = settings.introspectionUri();
    return new Issuer(
        new TokenClaims(settings, name),
        new SignedTokens(name, new IssuerKeys(metadata, requests, state, settings.jwkSetUri())),
        new KnownTokens(VERIFIED),
        introspection == null
            ? null
            : new OpaqueTokens(
                name,
                introspection,
                Objects.requireNonNull(settings.introspectionClientId()),
                Objects.requireNonNull(settings.introspectionClientSecret()),
                requests,
                state),
        new KnownTokens(settings.introspectionLifetime()),
        settings.clockSkew(),
        new SmartConfiguration(metadata, settings.smartCapabilities()));
  }

  /** What SMART apps have to know of the issuer; nothing where none is configured. */
  public Optional<SmartConfiguration> smartConfiguration() {
    return Optional.ofNullable(issuer).map(Issuer::smart);
  }

  /**
   * Who sends the request, and what it may do.
   *
   * @throws FaultException with {@link Fault.NotAuthenticated}, or {@link Fault.IssuerAway} when nobody can tell
   */
  public Access access(HttpServletRequest request) {
    String traceparent = RequestTrace.traceparent(request);
    String acceptLanguage = request.getHeader("Accept-Language");
    if (issuer == null) {
      return Access.anonymous(traceparent, acceptLanguage);
    }
    TokenCaller caller = caller(issuer, token(request));
    caller.requireValid(Instant.now(), issuer.clockSkew());
    return new Access(
        caller.actor(),
        caller.client(),
        caller.grants(),
        caller.purposes(),
        traceparent,
        acceptLanguage);
  }

  /** {@link Access#stating}, by the scope that is configured. */
  public Access stating(Access access, Set<PurposeOfUse> purposes) {
    return access.stating(purposes, breakTheGlassScope);
  }

  private static TokenCaller caller(Issuer issuer, String token) {
    OpaqueTokens opaque = issuer.opaque();
    return opaque == null || SignedTokens.isSigned(token)
        ? issuer
            .verified()
            .caller(token, one -> issuer.claims().ofSigned(issuer.signed().claims(one)))
        : issuer
            .introspected()
            .caller(token, one -> issuer.claims().ofIntrospected(opaque.claims(one)));
  }

  /** RFC 6750, 2.1. */
  private String token(HttpServletRequest request) {
    String query = request.getQueryString();
    if (query != null && query.contains("access_token=")) {
      throw new FaultException(
          new Fault.NotAuthenticated(
              "invalid_request",
              "security",
              "a token in the URL is not taken, since URLs end up in logs; send it as Authorization: Bearer [token], and have this one revoked"));
    }
    String token;
    try {
      token = header.resolve(request);
    } catch (OAuth2AuthenticationException malformed) {
      throw new FaultException(new Fault.NotAuthenticated(
          "invalid_token", "login", "the header Authorization holds no bearer token"));
    }
    if (token == null) {
      throw new FaultException(
          new Fault.NotAuthenticated(
              null,
              "login",
              "an access token is needed: send Authorization: Bearer [token]; .well-known/smart-configuration below the FHIR base tells where to get one"));
    }
    return token;
  }

  @PreDestroy
  void close() throws IOException {
    if (issuer != null) {
      issuer.signed().close();
    }
  }
}
