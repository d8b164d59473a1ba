package org.botoxfhir.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class SecuritySettingsTest {

  /** @param settings name=value, separated by blanks; names without their prefix */
  private static SecuritySettings bind(String settings) {
    Map<String, String> named = Arrays.stream(settings.split(" "))
        .filter(one -> !one.isEmpty())
        .map(one -> one.split("=", 2))
        .collect(Collectors.toMap(pair -> "botox.security." + pair[0], pair -> pair[1]));
    return new Binder(new MapConfigurationPropertySource(named))
        .bindOrCreate("botox.security", Bindable.of(SecuritySettings.class));
  }

  @ParameterizedTest
  @CsvSource(delimiter = ';', textBlock = """
      audiences=a;                                                         set botox.security.issuer too
      jwk-set-uri=https://a/keys;                                          set botox.security.issuer too
      introspection-uri=https://a/ask;                                     set botox.security.issuer too
      ssl-bundle=issuer;                                                   set botox.security.issuer too
      issuer=https://a;                                                    botox.security.audiences must name
      issuer=https://a audiences= ;                                        botox.security.audiences must name
      issuer=https://a audiences=a authenticating-gateway=true;            exclude each other
      issuer=http://a.example audiences=a;                                 botox.security.issuer must be an https address
      issuer=a audiences=a;                                                botox.security.issuer must be an https address
      issuer=https://x:y@a audiences=a;                                    botox.security.issuer must be an https address
      issuer=https://a#b audiences=a;                                      botox.security.issuer must be an https address
      issuer=https://a audiences=a jwk-set-uri=http://keys.example/;       botox.security.jwk-set-uri must be an https address
      issuer=https://a audiences=a introspection-uri=https://a/ask;        introspection-client-id and introspection-client-secret are missing
      issuer=https://a audiences=a clock-skew=6m;                          clock-skew must be between
      issuer=https://a audiences=a clock-skew=-1s;                         clock-skew must be between
      """)
  void whatLeavesADoorOpenIsRefusedWithWhatToSet(String settings, String message) {
    assertThatThrownBy(() -> bind(settings)).rootCause().hasMessageContaining(message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://login.example.org/realms/clinic",
        "http://localhost:8080/realms/clinic",
        "http://127.0.0.1:8080",
        "http://[::1]:8080"
      })
  void anIssuerSpeaksHttpsOrLivesOnLoopback(String issuer) {
    assertThat(bind("issuer=" + issuer + " audiences=a,b").audiences()).containsExactly("a", "b");
  }

  @Test
  void withoutSettingsThereIsNoIssuer() {
    assertThat(bind("").issuer()).isNull();
    assertThat(bind("issuer=").issuer()).isNull();
  }

  @Test
  void theSecretIsNotPartOfTheText() {
    assertThat(
            bind("issuer=https://a audiences=a introspection-uri=https://a introspection-client-id=b introspection-client-secret=very-secret")
                .toString())
        .doesNotContain("very-secret");
  }
}
