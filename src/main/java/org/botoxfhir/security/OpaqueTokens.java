package org.botoxfhir.security;

import java.util.Map;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.security.IssuerState.Question;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.security.oauth2.server.resource.introspection.BadOpaqueTokenException;
import org.springframework.security.oauth2.server.resource.introspection.OAuth2IntrospectionException;
import org.springframework.security.oauth2.server.resource.introspection.OpaqueTokenIntrospector;
import org.springframework.security.oauth2.server.resource.introspection.RestClientOpaqueTokenIntrospector;
import org.springframework.web.client.RestClient;

/** Tokens that say nothing by themselves: the issuer is asked what they mean (RFC 7662). */
final class OpaqueTokens {
  private static final Logger LOG = LoggerFactory.getLogger(OpaqueTokens.class);

  private final String issuer;
  private final OpaqueTokenIntrospector introspector;
  private final IssuerState state;

  OpaqueTokens(
      String issuer,
      String uri,
      String client,
      String secret,
      IssuerRequests requests,
      IssuerState state) {
    this.issuer = issuer;
    this.state = state;
    this.introspector = new RestClientOpaqueTokenIntrospector(
        uri,
        RestClient.builder()
            .requestFactory(requests.factory())
            .defaultHeaders(headers -> headers.setBasicAuth(client, secret))
            .build());
  }

  /**
   * What the issuer says of an active token.
   *
   * @throws FaultException with {@link Fault.NotAuthenticated} when it is not active, {@link Fault.IssuerAway} without an answer
   */
  Map<String, Object> claims(String token) {
    try {
      Map<String, Object> claims = introspector.introspect(token).getAttributes();
      state.answered(Question.INTROSPECTION);
      return claims;
    } catch (BadOpaqueTokenException inactive) {
      state.answered(Question.INTROSPECTION);
      throw TokenClaims.refused("%s says that the token is not active".formatted(issuer));
    } catch (OAuth2IntrospectionException away) {
      // Without the message, which may quote the answer.
      LOG.warn("the issuer {} does not say what a token means (introspection)", issuer);
      state.failed(Question.INTROSPECTION);
      throw new FaultException(new Fault.IssuerAway(issuer, Question.INTROSPECTION.unanswered()));
    }
  }
}
