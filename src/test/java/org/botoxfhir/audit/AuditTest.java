package org.botoxfhir.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.Fhir.Answer;
import org.botoxfhir.testing.ServiceTest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** What requests leave in the audit log, and how auditors find it. */
@ServiceTest
class AuditTest {
  private static final String BALP =
      "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.";

  @Autowired
  Fhir fhir;

  @Autowired
  JdbcClient jdbc;

  /** Ids that no other test uses. */
  private String patient = "";

  private String observation = "";
  private String request = "";

  @BeforeEach
  void aPatientWithAnObservation() {
    patient = UUID.randomUUID().toString();
    observation = UUID.randomUUID().toString();
    request = UUID.randomUUID().toString();
    assertThat(fhir.put("Patient/" + patient, patient(patient)).status()).isEqualTo(201);
    assertThat(fhir.put("Observation/" + observation, observation("final")).status())
        .isEqualTo(201);
  }

  private static String patient(String id) {
    return "{\"resourceType\":\"Patient\",\"id\":\"%s\",\"name\":[{\"family\":\"Madeup\"}]}"
        .formatted(id);
  }

  private String observation(String status) {
    return """
        {"resourceType":"Observation","id":"%s","status":"%s","code":{"text":"made up"},"subject":{"reference":"Patient/%s"}}
        """.formatted(observation, status, patient);
  }

  private Answer send(String method, String path, String body, String... headers) {
    String[] all = Stream.concat(Stream.of("X-Request-Id", request), Stream.of(headers))
        .toArray(String[]::new);
    return fhir.send(
        method,
        path,
        body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body),
        all);
  }

  /** The one event of the request, as an auditor reads it. */
  private JsonNode event() {
    List<String> ids = jdbc.sql("select id::text from audit_event where request_id = ?")
        .param(request)
        .query((row, n) -> row.getString(1))
        .list();
    assertThat(ids).hasSize(1);
    return fhir.get("AuditEvent/" + ids.getFirst()).json();
  }

  private static List<String> texts(JsonNode event, String... path) {
    return event
        .path("entity")
        .valueStream()
        .map(entity -> {
          JsonNode node = entity;
          for (String step : path) {
            node = node.path(step);
          }
          return node.asString("");
        })
        .filter(text -> !text.isEmpty())
        .toList();
  }

  private static List<String> references(JsonNode event) {
    return texts(event, "what", "reference");
  }

  private static String query(JsonNode event) {
    return new String(
        Base64.getDecoder().decode(texts(event, "query").getFirst()), StandardCharsets.UTF_8);
  }

  static Stream<Arguments> refused() {
    return Stream.of(
        Arguments.of("GET", "Patient/no-such-patient", "", 404, "read", "4"),
        Arguments.of("GET", "NoSuchType/1", "", 404, "read", "4"),
        Arguments.of("GET", "Patient?no-such-parameter=1", "", 400, "search-type", "4"),
        Arguments.of("GET", "Patient/1/$no-such-operation", "", 404, "operation", "4"),
        Arguments.of("DELETE", "Patient/1/_history/1", "", 405, "delete", "4"),
        Arguments.of("POST", "Patient", "no JSON", 400, "create", "4"),
        Arguments.of(
            "PUT", "Patient/1", "{\"resourceType\":\"Patient\",\"id\":\"2\"}", 400, "update", "4"),
        Arguments.of("POST", "AuditEvent", "{\"resourceType\":\"AuditEvent\"}", 405, "create", "4"),
        Arguments.of(
            "POST",
            "",
            "{\"resourceType\":\"Bundle\",\"type\":\"history\"}",
            422,
            "transaction",
            "4"));
  }

  @ParameterizedTest
  @MethodSource("refused")
  void whatIsRefusedLeavesOneEventToo(
      String method, String path, String body, int status, String subtype, String outcome) {
    assertThat(send(method, path, body).status()).isEqualTo(status);

    JsonNode event = event();
    assertThat(event.at("/subtype/0/code").asString()).isEqualTo(subtype);
    assertThat(event.path("outcome").asString()).isEqualTo(outcome);
    assertThat(event.path("outcomeDesc").asString()).isEqualTo("HTTP " + status);
    assertThat(event.path("meta").has("profile")).isFalse();
    assertThat(query(event)).startsWith(method + " " + path);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "a\"b", "\u00e4", "a/b", "<a>", "'; drop table audit_event"})
  void aRequestIdThatIsNotPlainIsReplaced(String hostile) {
    String answered =
        fhir.get("Patient/" + patient, "X-Request-Id", hostile).header("X-Request-Id");

    assertThat(answered).matches("[0-9a-f]{32}");
    request = answered;
    assertThat(references(event())).contains("Patient/" + patient);
  }

  @Test
  void aRequestIdThatIsTooLongIsReplaced() {
    String answered =
        fhir.get("Patient/" + patient, "X-Request-Id", "a".repeat(65)).header("X-Request-Id");

    assertThat(answered).matches("[0-9a-f]{32}");
  }

  @Test
  void aPlainRequestIdIsAnsweredOnceWhoeverAnswers() {
    for (String path : List.of("Patient/" + patient, "Patient/none", "NoSuchType", "metadata")) {
      assertThat(fhir.get(path, "X-Request-Id", request).headers().allValues("X-Request-Id"))
          .containsExactly(request);
    }
  }

  @Test
  void hostileTextInARequestIsKeptAsItCame() {
    send("GET", "Patient?family=%00%0A%22%7B%7D'--&given=%F0%9F%98%80", "");

    assertThat(query(event()))
        .isEqualTo("GET Patient?family=%00%0A%22%7B%7D'--&given=%F0%9F%98%80");
  }

  @Test
  void aReadNamesTheVersionThePatientAndWhereItCameFrom() {
    send("GET", "Observation/" + observation, "");

    JsonNode event = event();
    assertThat(event.path("action").asString()).isEqualTo("R");
    assertThat(event.at("/meta/profile/0").asString()).isEqualTo(BALP + "PatientRead");
    assertThat(references(event))
        .containsExactly("Observation/" + observation + "/_history/1", "Patient/" + patient);
    assertThat(texts(event, "what", "identifier", "value")).containsExactly(request);
    assertThat(event.at("/agent/0/network/address").asString()).isEqualTo("127.0.0.1");
    assertThat(event.at("/agent/0/requestor").asBoolean()).isTrue();
    assertThat(event.path("outcome").asString()).isEqualTo("0");
  }

  @Test
  void aReadOfWhatTheClientHasAlreadyLeavesItsEvent() {
    assertThat(send("GET", "Observation/" + observation, "", "If-None-Match", "W/\"1\"")
            .status())
        .isEqualTo(304);

    assertThat(references(event())).contains("Patient/" + patient);
  }

  @Test
  void aCreateNamesTheIdThatTheServiceGave() {
    Answer created = send("POST", "Observation", observation("final"), "Prefer", "return=minimal");
    assertThat(created.status()).isEqualTo(201);

    JsonNode event = event();
    String location = created.header("Location");
    assertThat(references(event))
        .containsExactly(
            location.substring(location.indexOf("Observation/")), "Patient/" + patient);
    assertThat(event.path("action").asString()).isEqualTo("C");
    assertThat(event.at("/meta/profile/0").asString()).isEqualTo(BALP + "PatientCreate");
  }

  @Test
  void updatePatchAndDeleteNameTheirVersions() {
    send("PUT", "Observation/" + observation, observation("amended"));
    JsonNode updated = event();
    request = UUID.randomUUID().toString();
    send(
        "PATCH",
        "Observation/" + observation,
        "[{\"op\":\"replace\",\"path\":\"/status\",\"value\":\"final\"}]",
        "Content-Type",
        "application/json-patch+json");
    JsonNode patched = event();
    request = UUID.randomUUID().toString();
    send("DELETE", "Observation/" + observation, "");
    JsonNode deleted = event();

    assertThat(references(updated)).contains("Observation/" + observation + "/_history/2");
    assertThat(updated.at("/meta/profile/0").asString()).isEqualTo(BALP + "PatientUpdate");
    assertThat(references(patched)).contains("Observation/" + observation + "/_history/3");
    assertThat(patched.at("/subtype/0/code").asString()).isEqualTo("patch");
    assertThat(references(deleted))
        .containsExactly("Observation/" + observation + "/_history/4", "Patient/" + patient);
    assertThat(deleted.at("/agent/0/type/coding/0/code").asString()).isEqualTo("110150");
    assertThat(deleted.at("/meta/profile/0").asString()).isEqualTo(BALP + "PatientDelete");
  }

  @Test
  void aSearchNamesItsQueryAndEachPatientOfItsAnswer() {
    String query = "Observation?_id=" + observation + "&_include=Observation:subject";
    send("GET", query, "");

    JsonNode event = event();
    assertThat(query(event)).isEqualTo("GET " + query);
    assertThat(references(event)).containsExactly("Patient/" + patient);
    assertThat(event.path("action").asString()).isEqualTo("E");
    assertThat(event.at("/meta/profile/0").asString()).isEqualTo(BALP + "PatientQuery");
  }

  @Test
  void aSearchByPostIsKeptWithItsBodyAndNamesAPatientOfWhomNothingIsFound() {
    send(
        "POST",
        "Procedure/_search",
        "patient=" + patient,
        "Content-Type",
        "application/x-www-form-urlencoded");

    JsonNode event = event();
    assertThat(query(event)).isEqualTo("POST Procedure/_search?patient=" + patient);
    assertThat(references(event)).containsExactly("Patient/" + patient);
  }

  @Test
  void aBatchIsOneEventThatTellsWhatBecameOfEachEntry() {
    String entries = """
        {"resourceType":"Bundle","type":"batch","entry":[
          {"request":{"method":"GET","url":"Observation/%1$s"}},
          {"request":{"method":"GET","url":"Observation?patient=%2$s"}},
          {"request":{"method":"GET","url":"Patient/none"}},
          {"request":{"method":"DELETE","url":"Observation/%1$s"}}]}
        """.formatted(observation, patient);
    assertThat(send("POST", "", entries).status()).isEqualTo(200);

    JsonNode event = event();
    assertThat(event.at("/subtype/0/code").asString()).isEqualTo("batch");
    assertThat(references(event))
        .containsExactly(
            "Observation/" + observation + "/_history/1",
            "Observation/" + observation + "/_history/2",
            "Patient/" + patient);
    assertThat(texts(event, "lifecycle", "code")).containsExactly("6", "14");
    assertThat(texts(event, "query").stream()
            .map(text -> new String(Base64.getDecoder().decode(text), StandardCharsets.UTF_8)))
        .containsExactly("GET Observation?patient=" + patient, "404 GET Patient/none");
  }

  @Test
  void aTransactionThatIsRefusedTellsWhatWasAsked() {
    String entries = """
        {"resourceType":"Bundle","type":"transaction","entry":[
          {"request":{"method":"DELETE","url":"Observation/%s"}},
          {"request":{"method":"GET","url":"Patient/none"}}]}
        """.formatted(observation);
    assertThat(send("POST", "", entries).status()).isEqualTo(404);

    assertThat(texts(event(), "query")).hasSize(3);
  }

  @Test
  void aReportOfSymptomsNamesTheReportOnly() throws IOException {
    String report = Files.readString(
            Path.of("src/test/resources/examples/chronic-migraine-report.json"))
        .replace("example-migraine", patient)
        .replaceAll("\"value\": *\"[^\"]*report[^\"]*\"", "\"value\":\"" + request + "\"");
    Answer answer = send("POST", "QuestionnaireResponse", report);
    assertThat(answer.status()).isIn(200, 201);

    assertThat(references(event()))
        .hasSize(2)
        .contains("Patient/" + patient)
        .anyMatch(one -> one.startsWith("QuestionnaireResponse/"));
  }

  private List<String> found(String query) {
    Answer answer = fhir.get("AuditEvent?" + query);
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    return answer
        .json()
        .path("entry")
        .valueStream()
        .map(entry -> entry.at("/resource/id").asString())
        .toList();
  }

  @Test
  void auditorsFindEventsByEachParameter() {
    send("GET", "Observation/" + observation, "");
    String id = event().path("id").asString();
    String recorded = event().path("recorded").asString();
    String patients = "patient=" + patient;

    assertThat(found(patients)).hasSizeGreaterThan(2);
    for (String criteria : List.of(
        "_id=" + id,
        "entity=" + observation + "&subtype=read",
        patients + "&subtype=read",
        patients + "&entity=Observation/" + observation
            + "&subtype=http://hl7.org/fhir/restful-interaction%7Cread",
        "patient=Patient/" + patient + "&action=R",
        patients + "&action=R,D&type=rest&outcome=0&agent=anonymous",
        patients + "&action=R&date=" + recorded,
        patients + "&action=R&date=ge" + recorded.substring(0, 10) + "&date=le" + recorded)) {
      assertThat(found(criteria)).as(criteria).containsExactly(id);
    }
    for (String criteria : List.of(
        "_id=" + UUID.randomUUID(),
        "_id=1",
        patients + "&outcome=4,8,12",
        patients + "&type=dicom",
        patients + "&subtype=vread",
        patients + "&agent=Practitioner/1",
        patients + "&date=lt2000",
        "patient=" + observation)) {
      assertThat(found(criteria)).as(criteria).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "no-such=1",
        "date=yesterday",
        "date=xx2026",
        "patient=Practitioner/1",
        "entity=a/b/c",
        "patient:missing=true",
        "_sort=date",
        "_include=AuditEvent:entity",
        "_count=many",
        "_total=some"
      })
  void whatTheLogCannotBeSearchedByIsAnErrorThatNamesIt(String query) {
    Answer answer = fhir.get("AuditEvent?" + query);

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.body()).contains(query.substring(0, query.indexOf('=')).split(":")[0]);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "?_type=AuditEvent",
        "Patient?_revinclude=AuditEvent:patient",
        "Patient?_has:AuditEvent:patient:action=R"
      })
  void searchesOfTheStoreDoNotPretendToKnowEvents(String query) {
    assertThat(fhir.get(query).status()).isIn(400, 404);
  }

  @Test
  void eventsArePagedWithoutRepeatingOrMissingAny() {
    for (int i = 0; i < 5; i++) {
      fhir.get("Observation/" + observation);
    }
    String query = "entity=Observation/" + observation;
    List<String> all = found(query);

    assertThat(all).hasSize(6).doesNotHaveDuplicates();
    List<String> paged = new ArrayList<>();
    String next = "AuditEvent?" + query + "&_count=4&_total=accurate";
    while (next != null) {
      JsonNode page = fhir.get(next).json();
      assertThat(page.path("total").asInt()).isEqualTo(6);
      page.path("entry").forEach(entry -> paged.add(entry.at("/resource/id").asString()));
      next = fhir.link(page, "next");
    }
    assertThat(paged).isEqualTo(all);
    assertThat(fhir.get("AuditEvent?" + query + "&_summary=count")
            .json()
            .path("total")
            .asInt())
        .isEqualTo(6);
  }

  @Test
  void anEventCannotBeWrittenAndIsServedAsXmlToo() {
    send("GET", "Patient/" + patient, "");
    String path = "AuditEvent/" + event().path("id").asString();
    String body = fhir.get(path).body();

    assertThat(fhir.put(path, body).status()).isEqualTo(405);
    assertThat(fhir.delete(path).status()).isEqualTo(405);
    assertThat(fhir.get(path + "/_history").status()).isEqualTo(404);
    assertThat(fhir.get("AuditEvent/none").status()).isEqualTo(404);
    assertThat(fhir.get(path, "Accept", "application/fhir+xml").body()).startsWith("<AuditEvent");
    assertThat(fhir.post(
                "",
                "{\"resourceType\":\"Bundle\",\"type\":\"transaction\",\"entry\":[{\"resource\":%s,\"request\":{\"method\":\"POST\",\"url\":\"AuditEvent\"}}]}"
                    .formatted(body))
            .status())
        .isEqualTo(422);
  }

  @Test
  void theCapabilityStatementOffersReadAndSearchOfEvents() {
    JsonNode type = fhir.get("metadata")
        .json()
        .at("/rest/0/resource")
        .valueStream()
        .filter(one -> one.path("type").asString().equals("AuditEvent"))
        .findFirst()
        .orElseThrow();

    assertThat(
            type.path("interaction").valueStream().map(one -> one.path("code").asString()))
        .containsExactlyInAnyOrder("read", "search-type");
    assertThat(
            type.path("searchParam").valueStream().map(one -> one.path("name").asString()))
        .containsExactly(
            "_id", "action", "agent", "date", "entity", "outcome", "patient", "purpose", "subtype",
            "type");
    assertThat(type.has("conditionalCreate") && type.path("conditionalCreate").asBoolean())
        .isFalse();
  }

  /** The answer has to wait for its event: without a table there is none. */
  @Test
  void withoutTheLogNothingIsAnsweredButWhatAPatientShouldDoNow() throws IOException {
    String report = Files.readString(
            Path.of("src/test/resources/examples/chronic-migraine-report.json"))
        .replace("example-migraine", patient);
    String name = "Patient/" + patient;
    Answer read;
    Answer search;
    Answer xml;
    Answer none;
    Answer written;
    Answer reported;
    jdbc.sql("alter table audit_batch rename to audit_batch_away").update();
    try {
      read = fhir.get(name, "X-Request-Id", request);
      search = fhir.get("Patient?_id=" + patient);
      xml = fhir.get(name, "Accept", "application/fhir+xml");
      none = fhir.get("Patient/none");
      written = fhir.put(name, patient(patient).replace("Madeup", "Otherson"));
      reported = fhir.post("QuestionnaireResponse", report);
    } finally {
      jdbc.sql("alter table audit_batch_away rename to audit_batch").update();
    }

    for (Answer answer : List.of(read, search, xml, none, written)) {
      assertThat(answer.status()).as(answer.body()).isEqualTo(503);
      assertThat(answer.body()).contains("audit log").doesNotContain("Madeup", "Otherson");
      assertThat(answer.header("Retry-After")).isEqualTo("5");
    }
    assertThat(read.headers().allValues("X-Request-Id")).containsExactly(request);
    assertThat(read.headers().firstValue("ETag")).isEmpty();
    assertThat(reported.status()).isIn(200, 201);
    assertThat(reported.body()).contains("\"instruction\"");
    assertThat(fhir.get(name).body()).contains("Otherson");
  }
}
