package org.botoxfhir.security;

import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.RateLimitReachedException;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.SecurityContext;
import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.security.IssuerState.Question;
import org.springframework.security.oauth2.core.OAuth2TokenValidatorResult;
import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;
import org.springframework.security.oauth2.jwt.BadJwtException;
import org.springframework.security.oauth2.jwt.JwtException;
import org.springframework.security.oauth2.jwt.JwtTypeValidator;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;

/** Tokens that the issuer signed (RFC 7519, RFC 9068), verified with its keys. */
final class SignedTokens implements Closeable {
  /** RFC 9068 names access tokens {@code at+jwt}; many issuers say {@code JWT} or nothing. */
  private static final List<String> TYPES = List.of("at+jwt", "application/at+jwt", "JWT");

  private final String issuer;
  private final IssuerKeys keys;
  private final JWKSource<SecurityContext> cached;
  private final NimbusJwtDecoder decoder;

  SignedTokens(String issuer, IssuerKeys keys) {
    this.issuer = issuer;
    this.keys = keys;
    this.cached = keys.cached();
    this.decoder = NimbusJwtDecoder.withJwkSource(cached)
        // Any that signs with a private key; a secret that is shared would let a reader write
        // tokens.
        .jwsAlgorithms(algorithms -> algorithms.addAll(List.of(SignatureAlgorithm.values())))
        .build();
    var type = new JwtTypeValidator(TYPES);
    type.setAllowEmpty(true);
    // What the claims say is looked at by TokenClaims, for opaque tokens too.
    decoder.setJwtValidator(jwt ->
        type.validate(jwt).hasErrors() ? type.validate(jwt) : OAuth2TokenValidatorResult.success());
  }

  /** Whether a token has the form of a signed one: three parts. */
  static boolean isSigned(String token) {
    int first = token.indexOf('.');
    int second = token.indexOf('.', first + 1);
    return first > 0 && second > first && token.indexOf('.', second + 1) < 0;
  }

  /**
   * The claims of a token whose signature is right.
   *
   * @throws FaultException with {@link Fault.NotAuthenticated}, or {@link Fault.IssuerAway} when there are no keys to verify it with
   */
  Map<String, Object> claims(String token) {
    try {
      return decoder.decode(token).getClaims();
    } catch (BadJwtException bad) {
      throw TokenClaims.refused(
          bad.getCause() instanceof BadJOSEException
              ? "the signature of the token is of no key of " + issuer
              : "the token cannot be read as a JWT access token");
    } catch (JwtException noKeys) {
      if (keys.wereRead() && noKeys.getCause() instanceof RateLimitReachedException) {
        throw TokenClaims.refused("the signature of the token is of no key of " + issuer);
      }
      throw new FaultException(new Fault.IssuerAway(issuer, Question.KEYS.unanswered()));
    }
  }

  @Override
  public void close() throws IOException {
    if (cached instanceof Closeable open) {
      open.close();
    }
  }
}
