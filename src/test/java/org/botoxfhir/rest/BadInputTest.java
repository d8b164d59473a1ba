package org.botoxfhir.rest;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Stream;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.Fhir.Answer;
import org.botoxfhir.testing.ServiceTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.JdbcTemplate;

/** Whatever is wrong with a request: 4xx, an OperationOutcome that helps, and nothing stored. */
@ServiceTest(properties = "botox.fhir.max-body-size=200KB")
class BadInputTest {
  @Autowired
  Fhir fhir;

  @Autowired
  JdbcTemplate jdbc;

  static Stream<Arguments> bodies() {
    return Stream.of(
        Arguments.of(
            "truncated JSON", "{\"resourceType\":\"Patient\",\"name\":[", 400, "cannot be read"),
        Arguments.of("no JSON at all", "hello", 400, "cannot be read"),
        Arguments.of("an empty body", "", 400, "body"),
        Arguments.of("a JSON array", "[1,2,3]", 400, "cannot be read"),
        Arguments.of("no resource type", "{\"name\":[]}", 400, "resourceType"),
        Arguments.of("an unknown type", "{\"resourceType\":\"Dragon\"}", 400, "Dragon"),
        Arguments.of(
            "another type than the URL says", "{\"resourceType\":\"Condition\"}", 400, "Condition"),
        Arguments.of(
            "an unknown element",
            "{\"resourceType\":\"Patient\",\"nickname\":\"Bo\"}",
            400,
            "nickname"),
        Arguments.of(
            "a wrong JSON type",
            "{\"resourceType\":\"Patient\",\"active\":\"perhaps\"}",
            400,
            "active"),
        Arguments.of(
            "an impossible date",
            "{\"resourceType\":\"Patient\",\"birthDate\":\"2020-13-45\"}",
            400,
            "2020-13-45"),
        Arguments.of(
            "a code outside its binding",
            "{\"resourceType\":\"Patient\",\"gender\":\"blue\"}",
            400,
            "blue"),
        Arguments.of(
            "a list where one is allowed",
            "{\"resourceType\":\"Patient\",\"birthDate\":[\"2020\",\"2021\"]}",
            400,
            "birthDate"),
        Arguments.of(
            "nesting without end",
            "{\"resourceType\":\"Patient\",\"extension\":" + "[{\"extension\":".repeat(5000),
            400,
            ""),
        Arguments.of(
            "a patient that is not on file",
            "{\"resourceType\":\"Procedure\",\"status\":\"completed\",\"subject\":{\"reference\":\"Patient/nobody\"}}",
            400,
            "Procedure"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("bodies")
  void isRefusedWithAnOutcomeThatNamesItAndStoresNothing(
      String what, String body, int status, String named) {
    long before = rows();

    Answer answer = fhir.send(
        "POST", "Patient", BodyPublishers.ofString(body), "Content-Type", "application/fhir+json");

    assertRefused(answer, status, named);
    assertThat(rows()).isEqualTo(before);
  }

  @Test
  void aRecordOfAPatientWhoIsNotOnFileIsUnprocessableAndNamesTheReference() {
    long before = rows();

    Answer answer = fhir.post(
        "Procedure",
        "{\"resourceType\":\"Procedure\",\"status\":\"completed\",\"subject\":{\"reference\":\"Patient/nobody\"}}");

    assertRefused(answer, 422, "Patient/nobody");
    assertThat(answer.json().at("/issue/0/expression/0").asString()).isEqualTo("Procedure.subject");
    assertThat(rows()).isEqualTo(before);
  }

  @Test
  void aReferenceToWhatTheHospitalHasNotSentYetIsStoredWithAWarning() {
    String patient =
        fhir.post("Patient", "{\"resourceType\":\"Patient\"}").json().path("id").asString();
    String body =
        "{\"resourceType\":\"Procedure\",\"status\":\"completed\",\"subject\":{\"reference\":\"Patient/%s\"},"
                .formatted(patient)
            + "\"reasonReference\":[{\"reference\":\"Condition/later\"}]}";

    Answer answer = fhir.post("Procedure", body, "Prefer", "return=OperationOutcome");

    assertThat(answer.status()).isEqualTo(201);
    assertThat(answer.header("X-FHIR-Warning")).isEqualTo("not-found Procedure.reasonReference[0]");
    assertThat(answer.body()).contains("Condition/later, which is not on file (yet)");
  }

  @Test
  void aPatientWithRecordsCannotBeDeleted() {
    String patient =
        fhir.post("Patient", "{\"resourceType\":\"Patient\"}").json().path("id").asString();
    String condition = fhir.post(
            "Condition",
            "{\"resourceType\":\"Condition\",\"subject\":{\"reference\":\"Patient/%s\"}}"
                .formatted(patient))
        .json()
        .path("id")
        .asString();

    assertRefused(fhir.delete("Patient/" + patient), 409, "1 records");
    assertThat(fhir.get("Patient/" + patient).status()).isEqualTo(200);

    fhir.delete("Condition/" + condition);
    assertThat(fhir.delete("Patient/" + patient).status()).isEqualTo(204);
  }

  @Test
  void theIdInTheBodyMustBeTheOneInTheUrl() {
    String id = UUID.randomUUID().toString();

    assertRefused(
        fhir.put("Patient/" + id, "{\"resourceType\":\"Patient\",\"id\":\"other\"}"), 400, "other");
    assertRefused(fhir.put("Patient/" + id, "{\"resourceType\":\"Patient\"}"), 400, "ID");
    assertRefused(
        fhir.put("Patient/a_b", "{\"resourceType\":\"Patient\",\"id\":\"a_b\"}"), 400, "a_b");
    assertThat(fhir.get("Patient/" + id).status()).isEqualTo(404);
  }

  @Test
  void aBodyOverTheLimitIsTooLargeAnnouncedOrNot() {
    String large = "{\"resourceType\":\"Patient\",\"name\":[{\"family\":\"%s\"}]}"
        .formatted("x".repeat(300_000));

    assertRefused(fhir.post("Patient", large), 413, "botox.fhir.max-body-size");
    var chunked = BodyPublishers.ofInputStream(
        () -> new java.io.ByteArrayInputStream(large.getBytes(StandardCharsets.UTF_8)));
    assertRefused(
        fhir.send("POST", "Patient", chunked, "Content-Type", "application/fhir+json"),
        413,
        "botox.fhir.max-body-size");
  }

  @Test
  void aCompressedBodyIsRefusedBecauseItsSizeCannotBeBounded() {
    assertRefused(fhir.post("Patient", "x", "Content-Encoding", "gzip"), 415, "Content-Encoding");
  }

  @Test
  void whatDoesNotExistIsNotFoundAndSaysSo() {
    assertRefused(fhir.get("Patient/nobody"), 404, "Patient/nobody does not exist");
    assertRefused(fhir.get("Dragon/1"), 404, "Dragon");
    assertRefused(fhir.get("Claim/1"), 404, "Claim");
    String id =
        fhir.post("Patient", "{\"resourceType\":\"Patient\"}").json().path("id").asString();
    assertRefused(fhir.get("Patient/" + id + "/_history/99"), 404, "no version '99'");
    assertRefused(fhir.get("Patient/" + id + "/_history/x"), 404, "no version 'x'");
    assertRefused(fhir.get("Patient/nobody/_history"), 404, "Patient/nobody");
  }

  private long rows() {
    return Objects.requireNonNull(jdbc.queryForObject(
        "select (select count(*) from resource) + (select count(*) from token_index) + (select count(*) from outbox_event)",
        Long.class));
  }

  private static void assertRefused(Answer answer, int status, String named) {
    assertThat(answer.status()).as(answer.body()).isEqualTo(status);
    assertThat(answer.json().path("resourceType").asString()).isEqualTo("OperationOutcome");
    assertThat(answer.json().at("/issue/0/severity").asString()).isEqualTo("error");
    assertThat(answer.json().at("/issue/0/diagnostics").asString())
        .contains(named)
        .doesNotContain("HAPI-", "at org.");
  }
}
