package org.botoxfhir.rest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.ServiceTest;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/** What browsers ask before they let an app of another origin speak with the service, and what they let it see. */
@ServiceTest(properties = "botox.fhir.allowed-origins=https://app.example.org")
class BrowserAppsTest {
  @Autowired
  Fhir fhir;

  @Test
  void anOtherOriginIsRefusedWithAnOutcome() throws IOException {
    assertThat(send("GET /fhir/metadata", "https://evil.example.org", ""))
        .startsWith("HTTP/1.1 403")
        .contains("OperationOutcome", "botox.fhir.allowed-origins")
        .doesNotContain("Access-Control-Allow-Origin", "CapabilityStatement");
    assertThat(send(
            "OPTIONS /fhir/Patient",
            "https://evil.example.org",
            "Access-Control-Request-Method: POST\r\n"))
        .startsWith("HTTP/1.1 403");
  }

  @Test
  void anAllowedOriginMayAskForWhatAppsNeedAndNoMore() throws IOException {
    String asks = "Access-Control-Request-Method: %s\r\nAccess-Control-Request-Headers: %s\r\n";
    assertThat(send(
            "OPTIONS /fhir/Patient/1",
            "https://app.example.org",
            asks.formatted("PUT", "content-type,authorization,if-match,prefer")))
        .startsWith("HTTP/1.1 200")
        .contains("Access-Control-Allow-Origin: https://app.example.org", "Access-Control-Max-Age");
    assertThat(send(
            "OPTIONS /fhir/Patient/1",
            "https://app.example.org",
            asks.formatted("TRACE", "content-type")))
        .startsWith("HTTP/1.1 403");
  }

  @Test
  void anAllowedOriginSeesTheHeadersThatFhirNeeds() throws IOException {
    String answer = send("GET /fhir/Patient/nobody", "https://app.example.org", "");
    assertThat(answer).startsWith("HTTP/1.1 404").contains("Access-Control-Allow-Origin");
    assertThat(answer.lines().filter(line -> line.startsWith("Access-Control-Expose-Headers")))
        .singleElement()
        .asString()
        .contains("ETag", "Location", "Last-Modified", "Content-Location");
  }

  @Test
  void whoSendsNoOriginIsServedAsEver() {
    assertThat(fhir.get("metadata").status()).isEqualTo(200);
  }

  /** Java's client does not let a program set Origin. */
  private String send(String line, String origin, String headers) throws IOException {
    return fhir.raw("%s HTTP/1.1\r\nHost: a\r\nOrigin: %s\r\n%sConnection: close\r\n\r\n"
        .formatted(line, origin, headers)
        .getBytes(StandardCharsets.US_ASCII));
  }
}
