package org.botoxfhir.rest;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.Fhir.Answer;
import org.botoxfhir.testing.ServiceTest;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;

/** Links as a client sees them that comes through a proxy. */
class BehindProxyTest {

  @Nested
  @ServiceTest(properties = "server.forward-headers-strategy=framework")
  class WhereTheProxyIsTrusted {
    @Autowired
    Fhir fhir;

    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
        X-Forwarded-Host: fhir.example.org;                                                    http://fhir.example.org/fhir
        X-Forwarded-Host: fhir.example.org, X-Forwarded-Proto: https;                          https://fhir.example.org/fhir
        X-Forwarded-Host: fhir.example.org, X-Forwarded-Proto: https, X-Forwarded-Port: 8443;  https://fhir.example.org:8443/fhir
        X-Forwarded-Host: fhir.example.org, X-Forwarded-Prefix: /clinic;                       http://fhir.example.org/clinic/fhir
        Forwarded: host=fhir.example.org;                                                      http://fhir.example.org/fhir
        Forwarded: proto=https|host=fhir.example.org;                                          https://fhir.example.org/fhir
        """)
    void allLinksNameTheAddressThatTheClientCalled(String headers, String base) {
      String[] named = headers.strip().replace("|", ";").split(": |, ");
      Answer created = fhir.post("Patient", "{\"resourceType\":\"Patient\"}", named);
      fhir.post("Patient", "{\"resourceType\":\"Patient\"}");
      Answer page = fhir.get("Patient?_count=1", named);

      assertThat(created.status()).as(created.body()).isEqualTo(201);
      assertThat(created.header("Location")).startsWith(base + "/Patient/");
      assertThat(page.json().at("/entry/0/fullUrl").asString()).startsWith(base + "/Patient/");
      assertThat(page.json().path("link"))
          .hasSize(3)
          .allSatisfy(link ->
              assertThat(link.path("url").asString()).startsWith(base + "/Patient?_count=1"));
      String next = page.json().at("/link/2/url").asString().substring(base.length() + 1);
      assertThat(fhir.get(next, named).status()).isEqualTo(200);
    }
  }

  @Nested
  @ServiceTest
  class WhereNoneIsTrusted {
    @Autowired
    Fhir fhir;

    @Test
    void whatAnybodyMaySendChangesNoLink() {
      Answer page = fhir.get(
          "Patient?_count=1",
          "X-Forwarded-Host",
          "evil.example.org",
          "X-Forwarded-Prefix",
          "/evil",
          "Forwarded",
          "host=evil.example.org;proto=https");
      assertThat(page.status()).isEqualTo(200);
      assertThat(page.body()).doesNotContain("evil");
      assertThat(page.json().at("/link/0/url").asString())
          .isEqualTo(URI.create(fhir.base() + "/Patient?_count=1").toString());
    }
  }
}
