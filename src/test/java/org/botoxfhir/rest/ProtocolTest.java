package org.botoxfhir.rest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.Fhir.Answer;
import org.botoxfhir.testing.ServiceTest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;

/** HTTP itself: methods, media types, bounds, and what the container refuses before FHIR comes by. */
@ServiceTest
class ProtocolTest {
  private static final String ACTIVE = "{\"resourceType\":\"Patient\",\"active\":true}";

  @Autowired
  Fhir fhir;

  private String patient = "";

  @BeforeEach
  void aPatient() {
    patient = "Patient/p-" + UUID.randomUUID();
    Answer answer = fhir.put(
        patient,
        "{\"resourceType\":\"Patient\",\"id\":\"%s\",\"active\":true}"
            .formatted(patient.substring("Patient/".length())));
    assertThat(answer.status()).isEqualTo(201);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '>', textBlock = """
      application/fhir+json                                              > json
      application/json                                                   > json
      APPLICATION/FHIR+XML                                               > xml
      application/xml+fhir                                               > xml
      text/xml                                                           > xml
      */*                                                                > json
      application/*                                                      > json
      text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8    > json
      text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2               > json
      application/fhir+xml, application/fhir+json                        > json
      application/fhir+json;q=0.5, application/fhir+xml                  > xml
      application/fhir+json;q=0, */*                                     > xml
      application/fhir+xml;fhirVersion=4.0                               > xml
      """)
  void theAnswerIsWrittenAsTheClientLikesItBest(String accept, String written) {
    for (String path : new String[] {patient, "metadata", "Patient/nobody", "Patient?_id=x"}) {
      Answer answer = fhir.get(path, "Accept", accept);
      assertThat(answer.header("Content-Type"))
          .as(path)
          .isEqualTo("application/fhir+%s;charset=UTF-8".formatted(written));
      assertThat(answer.body()).startsWith(written.equals("json") ? "{" : "<");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "image/png",
        "text/html",
        "application/fhir+turtle",
        "application/fhir+json;fhirVersion=5.0",
        "application/fhir+json;q=0",
        "application/fhir+json;q=0,application/fhir+xml;q=0,*/*"
      })
  void whatCannotBeWrittenIsNotAcceptableAndNothingIsDone(String accept) {
    assertRefused(fhir.get(patient, "Accept", accept), 406, "application/fhir+json");
    assertRefused(fhir.delete(patient, "Accept", accept), 406, "application/fhir+json");
    assertThat(fhir.get(patient).status()).isEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource({
    "json,json",
    "xml,xml",
    "application/json,json",
    "application/fhir+json,json",
    "application/fhir%2Bxml,xml",
    "text/xml,xml",
    "XML,xml",
    "application/fhir%2Bjson;fhirVersion=4.0,json"
  })
  void theFormatParameterGoesBeforeTheHeader(String format, String written) {
    Answer answer = fhir.get(patient + "?_format=" + format, "Accept", "image/png");
    assertThat(answer.header("Content-Type")).contains("+" + written);
  }

  @ParameterizedTest
  @ValueSource(strings = {"html", "ttl", "text/turtle", "foo", ""})
  void anUnknownFormatIsNotAcceptable(String format) {
    assertRefused(fhir.get(patient + "?_format=" + format), 406, "application/fhir+json");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "text/plain",
        "application/octet-stream",
        "application/fhir+ndjson",
        "text/turtle",
        "application/fhir+jsonx",
        "application/fhir+json; charset=iso-8859-1",
        "application/fhir+json; charset=nonsense",
        "application/fhir+json; fhirVersion=5.0",
        "application/x-www-form-urlencoded",
        ";;;"
      })
  void aBodyOfAnotherTypeOrCharsetIsRefusedWithTheTypesThatAreRead(String type) {
    assertRefused(fhir.post("Patient", ACTIVE, "Content-Type", type), 415, "application/fhir+json");
    assertRefused(fhir.put(patient, ACTIVE, "Content-Type", type), 415, "application/fhir+json");
    assertRefused(fhir.post("", ACTIVE, "Content-Type", type), 415, "application/fhir+json");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/json",
        "text/json",
        "APPLICATION/FHIR+JSON",
        "application/fhir+json;charset=UTF-8",
        "application/fhir+json; charset=\"utf-8\"",
        "application/fhir+json; fhirVersion=4.0"
      })
  void theUsualNamesOfFhirJsonAreRead(String type) {
    assertThat(fhir.post("Patient", ACTIVE, "Content-Type", type).status()).isEqualTo(201);
  }

  @Test
  void theCapabilityStatementIsSentAgainOnlyToThoseWhoHaveAnother() {
    Answer first = fhir.get("metadata");
    String tag = first.header("ETag");
    assertThat(tag).startsWith("W/\"");
    assertThat(first.json().get("id").asString()).isEqualTo("botox-fhir");

    Answer again = fhir.get("metadata", "If-None-Match", tag);
    assertThat(again.status()).isEqualTo(304);
    assertThat(again.body()).isEmpty();
    assertThat(fhir.get("metadata", "If-None-Match", "W/\"other\"").body()).isEqualTo(first.body());
  }

  @Test
  void aControlCharacterOnFileIsKeptInJsonAndReplacedInXmlWhichCannotSayIt() {
    String id = UUID.randomUUID().toString();
    String path = "Patient/" + id;
    assertThat(fhir.put(path, """
                {"resourceType": "Patient", "id": "%s", "name": [{"text": "one\\u0001two"}]}""".formatted(id)).status()).isEqualTo(201);

    assertThat(fhir.get(path).body()).contains("one\\u0001two");
    for (String xml : List.of(path + "?_format=xml", "Patient?_id=" + id + "&_format=xml")) {
      Answer answer = fhir.get(xml);
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.body()).contains("one\uFFFDtwo");
    }
  }

  @Test
  void aSearchIsPostedAsAFormAndAPatchAsAPatch() {
    assertRefused(fhir.post("Patient/_search", ACTIVE), 415, "application/x-www-form-urlencoded");
    assertRefused(
        fhir.send("PATCH", patient, BodyPublishers.ofString("[]"), "Content-Type", "text/plain"),
        415,
        "application/json-patch+json");
  }

  @ParameterizedTest
  @CsvSource(delimiter = ';', textBlock = """
      PUT,PATCH,DELETE;              '';                             GET, HEAD, POST, OPTIONS
      PUT,POST,PATCH,DELETE;         metadata;                       GET, HEAD, OPTIONS
      PUT,POST,PATCH,DELETE;         _history;                       GET, HEAD, OPTIONS
      PUT,PATCH,DELETE;              Patient/_search;                GET, HEAD, POST, OPTIONS
      PUT,POST,PATCH,DELETE;         Patient/_history;               GET, HEAD, OPTIONS
      POST,BREW;                     @;                              GET, HEAD, PUT, PATCH, DELETE, OPTIONS
      PUT,POST,PATCH,DELETE;         @/_history;                     GET, HEAD, OPTIONS
      PUT,POST,PATCH,DELETE;         @/_history/1;                   GET, HEAD, OPTIONS
      PUT,POST,PATCH,DELETE;         @/Observation;                  GET, HEAD, OPTIONS
      PUT,DELETE;                    @/$everything;                  GET, HEAD, POST, OPTIONS
      GET,PUT;                       @/$meta-add;                    POST, OPTIONS
      PUT,POST,PATCH,DELETE;         StructureDefinition;            GET, HEAD, OPTIONS
      PUT,POST,PATCH,DELETE;         StructureDefinition/1;          GET, HEAD, OPTIONS
      """)
  void anotherMethodIsRefusedWithThoseThatThePathTakesAndNothingIsDone(
      String methods, String path, String allowed) {
    String at = path.strip().replace("''", "").replace("@", patient);
    for (String method : methods.strip().split(",")) {
      Answer answer = fhir.send(method, at, BodyPublishers.noBody());
      assertRefused(answer, 405, allowed.strip());
      assertThat(answer.header("Allow")).as(method).isEqualTo(allowed.strip());
    }
    Answer options = fhir.send("OPTIONS", at, BodyPublishers.noBody());
    assertThat(options.status()).isEqualTo(204);
    assertThat(options.header("Allow")).isEqualTo(allowed.strip());
    assertThat(fhir.get(patient).header("ETag")).isEqualTo("W/\"1\"");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '>', textBlock = """
      Dragon                       > served are: AdverseEvent
      Dragon/1                     > served are: AdverseEvent
      Patient/1/Dragon             > served are: AdverseEvent
      patient/1                    > served are: AdverseEvent
      Patient;a=b/1                > served are: AdverseEvent
      $nothing                     > operation
      Patient/$nothing             > operation
      Patient/1/$nothing           > Patient/[id]/$everything
      Patient/1/2/3                > [type]/[id]
      Patient/1/_history/1/2       > [type]/[id]
      metadata/1                   > [type]/[id]
      _nothing                     > [type]/[id]
      """)
  void whereNothingIsTheAnswerSaysWhatThereIs(String path, String hint) {
    for (String method : new String[] {"GET", "POST", "OPTIONS"}) {
      assertRefused(fhir.send(method, path, BodyPublishers.noBody()), 404, hint);
    }
  }

  @Test
  void headIsAnsweredAsGetWithoutTheBody() {
    for (String path : new String[] {
      patient,
      patient + "/_history",
      patient + "/_history/1",
      patient + "?_format=xml",
      "metadata",
      "Patient?_id=" + patient.substring(8),
      "Patient/nobody"
    }) {
      Answer get = fhir.get(path);
      Answer head = fhir.send("HEAD", path, BodyPublishers.noBody());
      assertThat(head.status()).as(path).isEqualTo(get.status());
      assertThat(head.body()).isEmpty();
      for (String name : new String[] {"Content-Type", "ETag", "Last-Modified"}) {
        assertThat(head.headers().firstValue(name))
            .as(path)
            .isEqualTo(get.headers().firstValue(name));
      }
      assertThat(head.headers().firstValue("Content-Length")).isPresent();
    }
  }

  @Test
  void noHeaderTurnsARequestIntoAnother() {
    String victim = patient;
    aPatient();
    for (String name :
        new String[] {"X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"}) {
      assertThat(fhir.post("Patient", ACTIVE, name, "DELETE").status()).isEqualTo(201);
      assertThat(fhir.get(victim, name, "DELETE").status()).isEqualTo(200);
    }
    String body = "{\"resourceType\":\"Patient\",\"id\":\"%s\",\"active\":false}"
        .formatted(victim.substring("Patient/".length()));
    assertRefused(fhir.put(patient, body, "Content-Location", victim), 400, "ID");
    assertThat(fhir.get(victim).header("ETag")).isEqualTo("W/\"1\"");
  }

  @Test
  void longAnswersAreCompressedForThoseWhoTakeIt() {
    Answer compressed = fhir.get("metadata", "Accept-Encoding", "gzip");
    assertThat(compressed.header("Content-Encoding")).isEqualTo("gzip");
    assertThat(compressed.header("Vary")).containsIgnoringCase("accept-encoding");
    assertThat(fhir.get("metadata").headers().firstValue("Content-Encoding")).isEmpty();
    assertThat(fhir.get(patient, "Accept-Encoding", "gzip").body()).startsWith("{");
  }

  @Test
  void urlAndHeadersAreBoundedEachByItsStatus() {
    assertThat(fhir.get("Patient?_id=" + "a,".repeat(4000)).status()).isEqualTo(200);
    assertRefused(fhir.get("Patient?_id=" + "a".repeat(17_000)), 414, "_search");
    assertRefused(fhir.get(patient, "X-Long", "a".repeat(17_000)), 431, "headers");
  }

  @ParameterizedTest
  @CsvSource(delimiter = ';', textBlock = """
      GET /fhir/Patient%2f1 HTTP/1.1|Host: a;                               400
      GET /fhir/Patient/%00 HTTP/1.1|Host: a;                               400
      GET /fhir/Patient/..%2f..%2fetc HTTP/1.1|Host: a;                     400
      GET /fhir/%2e%2e/x HTTP/1.1|Host: a;                                  404
      GET /fhir/Patient/a%5cb HTTP/1.1|Host: a;                             400
      GET /fhir/../fhir/metadata HTTP/1.1|Host: a;                          404
      GET /fhir/Patient/%zz HTTP/1.1|Host: a;                               400
      GET /fhir/Patient?name=\u00e9 HTTP/1.1|Host: a;                       400
      TRACE /fhir/Patient HTTP/1.1|Host: a;                                 405
      G@T /fhir HTTP/1.1|Host: a;                                           400
      nonsense;                                                             400
      GET /fhir/metadata HTTP/9.9|Host: a;                                  505
      GET /fhir/metadata HTTP/1.1;                                          400
      GET /fhir/metadata HTTP/1.1|Host: a|Host: b;                          400
      GET /fhir/metadata HTTP/1.1|Host: a b;                                400
      GET / HTTP/1.1|Host: a;                                               404
      GET /error HTTP/1.1|Host: a;                                          404
      POST /fhir/Patient HTTP/1.1|Host: a|Transfer-Encoding: foo;           501
      POST /fhir/Patient HTTP/1.1|Host: a|Content-Length: -1;               400
      POST /fhir/Patient HTTP/1.1|Host: a|Content-Length: 5|Content-Length: 6;  400
      GET /fhir/metadata HTTP/1.1|Host: a|Expect: 200-ok;                   417
      CONNECT /fhir HTTP/1.1|Host: a;                                       501
      """)
  void whatTheContainerRefusesIsAnOutcomeWithoutAWordOfTheContainer(String lines, int status)
      throws IOException {
    String answer = raw(lines.strip().replace("|", "\r\n") + "\r\nConnection: close\r\n\r\n");
    assertThat(answer).startsWith("HTTP/1.1 " + status);
    assertThat(answer.substring(answer.indexOf("\r\n\r\n")))
        .contains("\"OperationOutcome\"", "diagnostics")
        .doesNotContainIgnoringCase("<html", "tomcat", "apache", "exception\",\"path", "at org.");
  }

  @Test
  void aBrokenChunkIsRefused() throws IOException {
    assertThat(raw("""
                POST /fhir/Patient HTTP/1.1
                Host: a
                Content-Type: application/fhir+json
                Transfer-Encoding: chunked
                Connection: close

                zz
                abc""".replace("\n", "\r\n")))
        .startsWith("HTTP/1.1 400")
        .contains("OperationOutcome");
  }

  /** As bytes, since no HTTP client library sends such requests. */
  private String raw(String request) throws IOException {
    return fhir.raw(request.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static void assertRefused(Answer answer, int status, String named) {
    assertThat(answer.status()).as(answer.body()).isEqualTo(status);
    assertThat(answer.json().path("resourceType").asString()).isEqualTo("OperationOutcome");
    assertThat(answer.json().at("/issue/0/diagnostics").asString()).contains(named);
  }
}
