package org.botoxfhir.security;

import java.net.http.HttpClient;
import java.util.Map;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.client.JdkClientHttpRequestFactory;
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

  OpaqueTokens(String issuer, String uri, String client, String secret, HttpClient http) {
    this.issuer = issuer;
    var requests = new JdkClientHttpRequestFactory(http);
    requests.setReadTimeout(IssuerRequests.TIMEOUT);
    this.introspector = new RestClientOpaqueTokenIntrospector(
        uri,
        RestClient.builder()
            .requestFactory(requests)
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
      return introspector.introspect(token).getAttributes();
    } catch (BadOpaqueTokenException inactive) {
      throw TokenClaims.refused("%s says that the token is not active".formatted(issuer));
    } catch (OAuth2IntrospectionException away) {
      // Without the message, which may quote the answer.
      LOG.warn("the issuer {} does not say what a token means (introspection)", issuer);
      throw new FaultException(new Fault.IssuerAway(issuer, "its introspection gives no answer"));
    }
  }
}
