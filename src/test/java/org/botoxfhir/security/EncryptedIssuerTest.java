package org.botoxfhir.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.testing.CertificateAuthority;
import org.botoxfhir.testing.TokenIssuer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.ssl.NoSuchSslBundleException;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.mock.web.MockHttpServletRequest;

/** An issuer whose certificate is of an authority that only the hospital knows: {@code botox.security.ssl-bundle}. */
class EncryptedIssuerTest {
  private final CertificateAuthority authority = new CertificateAuthority("made-up authority");
  private final CertificateAuthority stranger = new CertificateAuthority("another authority");

  @TempDir
  Path folder;

  private Path trusted;

  @BeforeEach
  void theHospitalsAuthorityIsTrusted() throws IOException {
    trusted = authority.writeTo(folder.resolve("authority.pem"));
  }

  private static TokenIssuer issuer(CertificateAuthority authority, String host) {
    return TokenIssuer.startEncrypted(authority.clients(authority.issueForHost(host)));
  }

  /** Runs with the service's authentication, its bundle {@code issuer} made by Spring of the file. @param bundle that it is told to use */
  private void with(TokenIssuer issuer, String bundle, Consumer<Authentication> test) {
    new ApplicationContextRunner()
        .withConfiguration(AutoConfigurations.of(SslAutoConfiguration.class))
        .withPropertyValues(
            "spring.ssl.bundle.pem.issuer.truststore.certificate=file:" + trusted,
            "spring.ssl.bundle.pem.issuer.reload-on-update=true",
            "spring.ssl.bundle.watch.file.quiet-period=100ms",
            "botox.security.issuer=" + issuer.address(),
            "botox.security.audiences=" + TokenIssuer.AUDIENCE,
            "botox.security.introspection-uri=" + issuer.address() + "/introspect",
            "botox.security.introspection-client-id=" + TokenIssuer.INTROSPECTION_CLIENT,
            "botox.security.introspection-client-secret=" + TokenIssuer.INTROSPECTION_SECRET,
            "botox.security.ssl-bundle=" + bundle)
        .run(context -> {
          var settings = Binder.get(context.getEnvironment())
              .bindOrCreate("botox.security", Bindable.of(SecuritySettings.class));
          test.accept(new Authentication(
              settings,
              context.getBean(SslBundles.class),
              new IssuerState(settings, new SimpleMeterRegistry())));
        });
  }

  private static Access access(Authentication authentication, String token) {
    var request = new MockHttpServletRequest("GET", "/fhir/Patient");
    request.addHeader("Authorization", "Bearer " + token);
    return authentication.access(request);
  }

  private static void assertNotBelieved(Authentication authentication, TokenIssuer issuer) {
    for (String token : new String[] {issuer.token("system/*.rs"), "opaque"}) {
      FaultException thrown =
          catchThrowableOfType(FaultException.class, () -> access(authentication, token));
      assertThat(thrown).as("was believed").isNotNull();
      assertThat(thrown.fault()).isInstanceOf(Fault.IssuerAway.class);
    }
  }

  @Test
  void withoutABundleAnAuthorityOfTheHospitalsOwnIsNotBelieved() {
    try (TokenIssuer issuer = issuer(authority, "127.0.0.1")) {
      with(issuer, "", authentication -> assertNotBelieved(authentication, issuer));
    }
  }

  @Test
  void aCertificateOfAStrangerOrForAnotherHostIsNotBelieved() {
    try (TokenIssuer issuer = issuer(stranger, "127.0.0.1")) {
      with(issuer, "issuer", authentication -> assertNotBelieved(authentication, issuer));
    }
    try (TokenIssuer issuer = issuer(authority, "login.example.org")) {
      with(issuer, "issuer", authentication -> assertNotBelieved(authentication, issuer));
    }
  }

  @Test
  void aBundleThatIsNotConfiguredStopsTheStart() {
    try (TokenIssuer issuer = issuer(authority, "127.0.0.1")) {
      assertThatThrownBy(() -> with(issuer, "no-such-bundle", authentication -> {}))
          .isInstanceOf(NoSuchSslBundleException.class)
          .hasMessageContaining("no-such-bundle");
    }
  }

  @Test
  void signedAndOpaqueTokensOfAnIssuerWhomTheBundleTrustsAreTaken() {
    try (TokenIssuer issuer = issuer(authority, "127.0.0.1")) {
      String opaque = issuer.opaque("{\"active\": true, \"sub\": \"made-up\", \"aud\": \"%s\"}"
          .formatted(TokenIssuer.AUDIENCE));
      with(issuer, "issuer", authentication -> {
        assertThat(access(authentication, issuer.token("system/*.rs")).actor())
            .isEqualTo("made-up-subject");
        assertThat(access(authentication, opaque).actor()).isEqualTo("made-up");
        assertThat(authentication.smartConfiguration().orElseThrow().document())
            .containsKey("token_endpoint");
      });
    }
  }

  @Test
  void aNewAuthorityIsTrustedWithoutARestart() {
    try (TokenIssuer issuer = issuer(stranger, "127.0.0.1")) {
      String opaque = issuer.opaque("{\"active\": true, \"sub\": \"made-up\", \"aud\": \"%s\"}"
          .formatted(TokenIssuer.AUDIENCE));
      with(issuer, "issuer", authentication -> {
        assertNotBelieved(authentication, issuer);

        write(stranger);

        Awaitility.await("the new authority is trusted")
            .ignoreExceptionsInstanceOf(FaultException.class)
            .until(() -> access(authentication, opaque).actor().equals("made-up"));
      });
    }
  }

  private void write(CertificateAuthority one) {
    try {
      one.writeTo(trusted);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
