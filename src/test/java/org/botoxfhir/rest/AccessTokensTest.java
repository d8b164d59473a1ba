package org.botoxfhir.rest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Date;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.Fhir.Answer;
import org.botoxfhir.testing.ServiceTest;
import org.botoxfhir.testing.TokenIssuer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** A service that has an issuer, over HTTP; what is wrong with a token in detail is the matter of {@code AuthenticationTest}. */
@ServiceTest(tokens = true)
@ExtendWith(OutputCaptureExtension.class)
class AccessTokensTest {
  private static final TokenIssuer ISSUER = TokenIssuer.shared();
  private static final String ALL = "system/*.cruds";

  @Autowired
  Fhir fhir;

  @Value("${local.management.port}")
  int managementPort;

  @AfterEach
  void noTokenIsLogged(CapturedOutput output) {
    assertThat(output).doesNotContain("eyJ");
  }

  @ParameterizedTest
  @CsvSource(delimiter = ';', textBlock = """
      GET;    Patient;                     ''
      HEAD;   Patient;                     ''
      GET;    Patient/1;                   ''
      GET;    Patient/1/_history/1;        ''
      GET;    Patient/1/$everything;       ''
      GET;    Patient/1/*;                 ''
      GET;    _history;                    ''
      GET;    '?_type=Patient';            ''
      GET;    nothing/there/at/all;        ''
      GET;    Patient?nonsense=1;          ''
      GET;    metadata/1;                  ''
      GET;    StructureDefinition;         ''
      DELETE; Patient/1;                   ''
      PUT;    Patient/1;                   '{"resourceType":"Patient","id":"1"}'
      POST;   Patient;                     '{"resourceType":"Patient"}'
      POST;   Patient/_search;             '{}'
      POST;   Patient/$validate;           '{"resourceType":"Patient"}'
      POST;   QuestionnaireResponse;       '{not even JSON'
      POST;   '';                          '{"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"GET","url":"Patient"}}]}'
      POST;   ValueSet/$expand;            '{}'
      """)
  void nothingIsAnsweredToWhoSendsNoToken(String method, String path, String body) {
    Answer answer = fhir.send(
        method, path, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    assertThat(answer.status()).isEqualTo(401);
    assertThat(answer.header("WWW-Authenticate")).isEqualTo("Bearer realm=\"fhir\"");
    assertThat(answer.header("Content-Type")).startsWith("application/fhir+json");
    if (!method.equals("HEAD")) {
      assertThat(answer.json().at("/issue/0/code").asString()).isEqualTo("login");
      assertThat(answer.json().at("/issue/0/diagnostics").asString())
          .contains("Authorization: Bearer", ".well-known/smart-configuration");
    }
  }

  @Test
  void aRefusalIsWrittenAsTheClientReadsIt() {
    Answer answer = fhir.get("Patient", "Accept", "application/fhir+xml");
    assertThat(answer.status()).isEqualTo(401);
    assertThat(answer.body()).startsWith("<OperationOutcome").contains("\"login\"");
  }

  @Test
  void anExpiredTokenIsRefusedWithWhatIsWrongAndNothingOfItself() {
    String token = ISSUER.sign(ISSUER
        .claims(ALL)
        .expirationTime(Date.from(Instant.now().minusSeconds(3600)))
        .build());
    Answer answer = fhir.with(token).get("Patient");
    assertThat(answer.status()).isEqualTo(401);
    assertThat(answer.header("WWW-Authenticate"))
        .startsWith("Bearer realm=\"fhir\", error=\"invalid_token\", error_description=\"")
        .contains("the token expired at")
        .doesNotContain("eyJ");
    assertThat(answer.json().at("/issue/0/code").asString()).isEqualTo("expired");
    assertThat(answer.body()).doesNotContain("eyJ");
  }

  @Test
  void aTokenInTheUrlIsRefused() {
    Answer answer = fhir.get("Patient?access_token=" + ISSUER.token(ALL));
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.header("WWW-Authenticate")).contains("invalid_request");
    assertThat(answer.body()).contains("in the URL").doesNotContain("eyJ");
  }

  @Test
  void aTokenInAFormIsNone() {
    Answer answer = fhir.post(
        "Patient/_search",
        "access_token=" + ISSUER.token(ALL),
        "Content-Type",
        "application/x-www-form-urlencoded");
    assertThat(answer.status()).isEqualTo(401);
  }

  @Test
  void whoHasATokenReadsWritesAndSendsBundles() {
    Fhir client = fhir.with(ISSUER.token(ALL));
    Answer created = client.post("Patient", "{\"resourceType\":\"Patient\"}");
    assertThat(created.status()).as(created.body()).isEqualTo(201);
    String path = "Patient/" + created.json().path("id").asString();
    assertThat(client.get(path).status()).isEqualTo(200);
    assertThat(client.get("Patient?_id=" + created.json().path("id").asString()).status())
        .isEqualTo(200);
    Answer batch = client.post(
        "",
        "{\"resourceType\":\"Bundle\",\"type\":\"batch\",\"entry\":[{\"request\":{\"method\":\"GET\",\"url\":\"%s\"}}]}"
            .formatted(path));
    assertThat(batch.json().at("/entry/0/response/status").asString()).startsWith("200");
  }

  @Test
  void anybodyMayAskWhatIsServedAndWhereToGetAToken() {
    Answer metadata = fhir.get("metadata");
    assertThat(metadata.status()).isEqualTo(200);
    var security = metadata.json().at("/rest/0/security");
    assertThat(security.at("/service/0/coding/0/code").asString()).isEqualTo("SMART-on-FHIR");
    assertThat(security.at("/extension/0/url").asString()).endsWith("/oauth-uris");
    assertThat(security.at("/extension/0/extension").valueStream()).anySatisfy(uri -> {
      assertThat(uri.path("url").asString()).isEqualTo("token");
      assertThat(uri.path("valueUri").asString()).isEqualTo(ISSUER.address() + "/token");
    });
    assertThat(fhir.send("OPTIONS", "Patient", BodyPublishers.noBody()).status())
        .isEqualTo(204);
    Answer smart = fhir.get(".well-known/smart-configuration", "Accept", "*/*");
    assertThat(smart.status()).isEqualTo(200);
    assertThat(smart.header("Content-Type")).isEqualTo("application/json");
    assertThat(smart.json().path("token_endpoint").asString())
        .isEqualTo(ISSUER.address() + "/token");
    assertThat(smart.json().path("capabilities").toString()).contains("permission-v2");
    assertThat(fhir.post(".well-known/smart-configuration", "{}").status()).isEqualTo(405);
  }

  @Test
  void theManagementPortNeedsNoToken() {
    fhir.get("Patient");
    var management = new Fhir(URI.create("http://127.0.0.1:%d/actuator".formatted(managementPort)));
    assertThat(management.get("health/liveness", "Accept", "*/*").status()).isEqualTo(200);
    assertThat(management.get("prometheus", "Accept", "*/*").body())
        .contains("botox_fhir_requests_seconds")
        .doesNotContain("eyJ");
  }

  @Test
  void theExampleOfTheDocumentationIsAnswered() throws IOException {
    Matcher example = Pattern.compile(
            "(?m)^curl -H \"Authorization: Bearer \\$TOKEN\" http://localhost:8080/fhir/(\\S+)$")
        .matcher(Files.readString(Path.of("docs/security.md"), StandardCharsets.UTF_8));
    assertThat(example.find()).isTrue();
    assertThat(fhir.with(ISSUER.token(ALL)).get(example.group(1)).status()).isEqualTo(200);
  }
}
