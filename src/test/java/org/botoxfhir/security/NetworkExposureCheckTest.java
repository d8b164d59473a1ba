package org.botoxfhir.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.botoxfhir.BotoxFhirApplication;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

@ExtendWith(OutputCaptureExtension.class)
class NetworkExposureCheckTest {

  /** The check alone: what starts after it is not the subject. */
  @Configuration(proxyBeanMethods = false)
  @Import(NetworkExposureCheck.class)
  static class OnlyTheCheck {}

  @ParameterizedTest
  @ValueSource(strings = {"0.0.0.0", "::", "192.0.2.1", ""})
  void theWholeServiceRefusesToStartOnTheNetworkBeforeItTouchesADatabase(
      String address, CapturedOutput output) {
    assertThatThrownBy(() -> SpringApplication.run(
            BotoxFhirApplication.class,
            "--server.address=" + address,
            "--server.port=0",
            "--management.server.port=0",
            "--spring.datasource.url=jdbc:postgresql://127.0.0.1:1/nowhere"))
        .isInstanceOf(NetworkExposureException.class);
    assertThat(output)
        .contains(
            "APPLICATION FAILED TO START",
            "it authenticates nobody",
            "botox.security.issuer",
            "botox.security.authenticating-gateway=true");
    assertThat(output)
        .doesNotContain("\tat ")
        .doesNotContain("Flyway")
        .doesNotContain("Tomcat started");
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "127.8.8.8", "::1", "localhost"})
  void onLoopbackItStartsAndWarnsOnceThatNobodyIsAuthenticated(
      String address, CapturedOutput output) {
    start("--server.address=" + address);
    assertThat(output.getOut().lines().filter(line -> line.contains("NOBODY IS AUTHENTICATED")))
        .hasSize(1)
        .allMatch(line -> line.contains("WARN"));
  }

  @Test
  void withAnIssuerItStartsOnTheNetworkEvenWhileThatIsAway(CapturedOutput output) {
    start(
        "--server.address=0.0.0.0",
        "--botox.security.issuer=https://login.example.org",
        "--botox.security.audiences=https://fhir.example.org/fhir");
    assertThat(output)
        .contains("Every request needs an access token of https://login.example.org")
        .doesNotContain("NOBODY IS AUTHENTICATED");
  }

  @Test
  void behindAnAuthenticatingGatewayItStartsOnTheNetworkWithoutTheWarning(CapturedOutput output) {
    start("--server.address=0.0.0.0", "--botox.security.authenticating-gateway=true");
    assertThat(output)
        .contains("a gateway in front does it")
        .doesNotContain("NOBODY IS AUTHENTICATED");
  }

  @Test
  void aGatewayThatIsDeniedIsNoGateway() {
    assertThatThrownBy(() ->
            start("--server.address=0.0.0.0", "--botox.security.authenticating-gateway=false"))
        .isInstanceOf(NetworkExposureException.class);
  }

  private static void start(String... arguments) {
    new SpringApplicationBuilder(OnlyTheCheck.class)
        .web(WebApplicationType.NONE)
        .run(arguments)
        .close();
  }
}
