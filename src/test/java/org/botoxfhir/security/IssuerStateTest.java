package org.botoxfhir.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.testing.TokenIssuer;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.ssl.DefaultSslBundleRegistry;
import org.springframework.mock.web.MockHttpServletRequest;

/** How an issuer that gives no answer shows to operators. */
class IssuerStateTest {
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

  private static SecuritySettings settings(Map<String, String> settings) {
    return new Binder(new MapConfigurationPropertySource(settings))
        .bindOrCreate("botox.security", Bindable.of(SecuritySettings.class));
  }

  private static Fault fault(Authentication authentication, String token) {
    return catchThrowableOfType(FaultException.class, () -> send(authentication, token))
        .fault();
  }

  private static Access send(Authentication authentication, String token) {
    var request = new MockHttpServletRequest("GET", "/fhir/Patient");
    request.addHeader("Authorization", "Bearer " + token);
    return authentication.access(request);
  }

  private double away(String question) {
    return meters.get("botox.issuer.away").tag("question", question).gauge().value();
  }

  @Test
  void anIssuerThatIsAwayShowsUntilItAnswersAgain() throws IOException {
    try (TokenIssuer issuer = TokenIssuer.start()) {
      Map<String, String> named = new HashMap<>(issuer.settings());
      named.put("botox.security.introspection-uri", issuer.address() + "/introspect");
      named.put("botox.security.introspection-client-id", TokenIssuer.INTROSPECTION_CLIENT);
      named.put("botox.security.introspection-client-secret", TokenIssuer.INTROSPECTION_SECRET);
      named.put("botox.security.jwk-set-uri", issuer.address() + "/keys");
      SecuritySettings settings = settings(named);
      var state = new IssuerState(settings, meters);
      var service = new Authentication(settings, new DefaultSslBundleRegistry(), state);
      String token = issuer.token("system/*.rs");
      assertThat(state.health()).isEqualTo(Health.up().build());
      issuer.interrupt();

      for (String sent : List.of(token, "made-up")) {
        assertThat(fault(service, sent)).isInstanceOf(Fault.IssuerAway.class);
      }
      assertThat(catchThrowableOfType(
              FaultException.class,
              () -> service.smartConfiguration().orElseThrow().document()))
          .isNotNull();

      for (String question : List.of("metadata", "keys", "introspection")) {
        assertThat(meters
                .get("botox.issuer.failures")
                .tag("question", question)
                .counter()
                .count())
            .as(question)
            .isPositive();
        assertThat(state.health().getDetails()).containsKey(question);
      }
      assertThat(state.health().getStatus()).isEqualTo(Status.DOWN);
      assertThat(state.health().getDetails().toString())
          .contains("its keys cannot be read since", "its introspection gives no answer since")
          .doesNotContain("made-up", token);
      issuer.resume();
      assertThat(send(service, token).actor()).isEqualTo("made-up-subject");
      assertThat(fault(service, "made-up")).isInstanceOf(Fault.NotAuthenticated.class);
      assertThat(state.health().getDetails()).containsOnlyKeys("metadata");
      assertThat(away("keys")).isZero();
      assertThat(away("introspection")).isZero();
      assertThat(away("metadata")).isGreaterThanOrEqualTo(0);
      service.close();
    }
  }

  @Test
  void withoutAnIssuerNothingIsSaidOfIt() {
    assertThat(new IssuerState(settings(Map.of()), meters).health().getStatus())
        .isEqualTo(Status.UNKNOWN);
    assertThat(away("keys")).isZero();
  }
}
