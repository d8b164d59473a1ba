package org.botoxfhir.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.Fhir.Answer;
import org.botoxfhir.testing.ServiceTest;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.JdbcTemplate;
import tools.jackson.databind.JsonNode;

/** {@code $validate} over HTTP; waits as long as the definitions take on a busy machine. */
@ServiceTest(properties = "botox.validation.timeout=5m")
class ValidateTest {
  private static final String GOOD =
      "{\"resourceType\":\"Patient\",\"active\":true,\"gender\":\"female\",\"birthDate\":\"1980-01-01\"}";

  @Autowired
  Fhir fhir;

  @Autowired
  MeterRegistry metrics;

  @Autowired
  JdbcTemplate jdbc;

  private static List<String> errors(Answer answer) {
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    return answer
        .json()
        .path("issue")
        .valueStream()
        .filter(
            issue -> List.of("error", "fatal").contains(issue.path("severity").asString()))
        .map(issue -> issue.path("diagnostics").asString())
        .toList();
  }

  private List<String> errors(String type, String body) {
    return errors(fhir.post(type + "/$validate", body));
  }

  @Test
  void whatCannotBeReadIsAnOutcomeAndNoFailure() {
    for (String body : List.of(
        "{\"resourceType\":\"Patient\",\"active\":tru",
        "<Patient xmlns=\"http://hl7.org/fhir\"><active",
        "{\"resourceType\":\"Spaceship\"}",
        "[]",
        "{\"resourceType\":\"Patient\",\"nonsense\":1}",
        "{\"resourceType\":\"Patient\",\"contained\":" + "[".repeat(3000))) {
      Answer answer = fhir.post("Patient/$validate", body);
      assertThat(answer.status())
          .as(body.substring(0, Math.min(60, body.length())))
          .isLessThan(500);
      assertThat(answer.json().at("/issue/0/severity").asString()).isIn("error", "fatal");
    }
    assertThat(fhir.post("Patient/$validate", "").status()).isEqualTo(400);
  }

  @Test
  void aValidResourceHasNoErrorAndIsNotStored() {
    String family = "V" + UUID.randomUUID().toString().replace("-", "");
    String body =
        GOOD.replace("\"active\"", "\"name\":[{\"family\":\"%s\"}],\"active\"".formatted(family));

    assertThat(errors("Patient", body)).isEmpty();
    assertThat(errors(fhir.post(
            "Patient/$validate?mode=create",
            "<Patient xmlns=\"http://hl7.org/fhir\"><active value=\"true\"/></Patient>",
            "Content-Type",
            "application/fhir+xml")))
        .isEmpty();
    assertThat(fhir.get("Patient?family=" + family).json().path("total").asInt())
        .isZero();
  }

  @Test
  void requiredBindingsCardinalitiesDatatypesAndInvariantsAreChecked() {
    assertThat(errors("Patient", GOOD.replace("female", "feminine")))
        .anyMatch(error -> error.contains("feminine"));
    assertThat(errors("Observation", "{\"resourceType\":\"Observation\",\"status\":\"final\"}"))
        .anyMatch(error -> error.contains("code"));
    assertThat(errors("Patient", GOOD.replace("1980-01-01", "1980-13-45"))).isNotEmpty();
    assertThat(errors(
            "Patient",
            GOOD.replace("\"active\"", "\"contact\":[{\"gender\":\"male\"}],\"active\"")))
        .anyMatch(error -> error.contains("pat-1"));
  }

  @Test
  void aProfileOfOursIsCheckedWhenItIsClaimedOrAskedForAndAnUnknownOneIsRefused() {
    String profile = "https://botoxfhir.org/fhir/StructureDefinition/patient-reported-symptom";
    String observation =
        "{\"resourceType\":\"Observation\",\"status\":\"final\",\"code\":{\"text\":\"made up\"}}";

    assertThat(errors("Observation", observation)).isEmpty();
    assertThat(errors(fhir.post("Observation/$validate?profile=" + profile, observation)))
        .isNotEmpty();
    assertThat(errors(
            "Observation",
            observation.replace(
                "\"status\"", "\"meta\":{\"profile\":[\"%s\"]},\"status\"".formatted(profile))))
        .isNotEmpty();
    assertThat(
            fhir.post("Observation/$validate?profile=urn:unknown", observation).status())
        .isEqualTo(400);
  }

  @Test
  void theParametersComeInTheBodyAsWell() {
    Answer answer = fhir.post(
        "Patient/$validate",
        "{\"resourceType\":\"Parameters\",\"parameter\":[{\"name\":\"mode\",\"valueCode\":\"create\"},"
            + "{\"name\":\"resource\",\"resource\":%s}]}".formatted(GOOD.replace("female", "x")));

    assertThat(errors(answer)).anyMatch(error -> error.contains("'x'"));
    assertThat(fhir.post("Patient/$validate?mode=guess", GOOD).status()).isEqualTo(400);
    assertThat(fhir.post("Patient/$validate?force=true", GOOD).status()).isEqualTo(400);
    assertThat(errors("Observation", GOOD)).anyMatch(error -> error.contains("Patient/$validate"));
  }

  @Test
  void anUpdateNeedsTheIdOfItsUrl() {
    String id = UUID.randomUUID().toString();
    String mine = GOOD.replace("\"active\"", "\"id\":\"%s\",\"active\"".formatted(id));

    assertThat(errors(fhir.post("Patient/%s/$validate?mode=update".formatted(id), mine)))
        .isEmpty();
    assertThat(errors(fhir.post("Patient/other/$validate?mode=update", mine)))
        .anyMatch(error -> error.contains("needs the id other"));
    assertThat(fhir.post("Patient/$validate?mode=update", mine).status()).isEqualTo(400);
  }

  @Test
  void ofAnInstanceWithoutABodyWhatIsStoredIsValidated() {
    JsonNode stored = fhir.post("Patient", GOOD).json();
    String path = "Patient/" + stored.path("id").asString() + "/$validate";

    assertThat(errors(fhir.get(path))).isEmpty();
    assertThat(fhir.get("Patient/%s/$validate".formatted(UUID.randomUUID())).status())
        .isEqualTo(404);
  }

  @Test
  void aCreateOrUpdateIsTriedWithItsReferencesAndTakenBack() {
    String nobody = "Patient/" + UUID.randomUUID();
    String observation =
        "{\"resourceType\":\"Observation\",%s\"status\":\"final\",\"code\":{\"text\":\"made up\"},\"subject\":{\"reference\":\"%s\"},\"performer\":[{\"reference\":\"Practitioner/%s\"}]}";
    String unknown = observation.formatted("", nobody, "nobody");
    String id = UUID.randomUUID().toString();

    assertThat(errors(fhir.post("Observation/$validate", unknown))).isEmpty();
    assertThat(errors(fhir.post("Observation/$validate?mode=create", unknown)))
        .singleElement()
        .asString()
        .contains("Observation.subject", nobody);
    assertThat(errors(fhir.post(
            "Observation/%s/$validate?mode=update".formatted(id),
            observation.formatted("\"id\":\"%s\",".formatted(id), nobody, "nobody"))))
        .singleElement()
        .asString()
        .contains(nobody);

    String patient = "Patient/" + fhir.post("Patient", GOOD).json().path("id").asString();
    Answer accepted = fhir.post(
        "Observation/$validate?mode=create", observation.formatted("", patient, "nobody"));
    assertThat(errors(accepted)).isEmpty();
    assertThat(accepted.body()).contains("Practitioner/nobody, which is not on file (yet)");
    assertThat(fhir.get("Observation?subject=" + patient).json().path("total").asInt())
        .isZero();
    assertThat(errors(fhir.post(
            "ValueSet/$validate?mode=create",
            "{\"resourceType\":\"ValueSet\",\"status\":\"draft\"}")))
        .containsExactly("ValueSet can be read here, but not written");
  }

  @Test
  void aSymptomReportIsTriedWithoutBeingCountedOrPublished() {
    String subject = "Patient/" + UUID.randomUUID();
    String report =
        "{\"resourceType\":\"QuestionnaireResponse\",\"status\":\"completed\",\"authored\":\"2026-11-20T10:00:00Z\","
            + "\"questionnaire\":\"https://botoxfhir.org/fhir/Questionnaire/botox-symptom-report\",\"subject\":{\"reference\":\"%s\"},"
            + "\"item\":[{\"linkId\":\"symptom\",\"item\":[{\"linkId\":\"symptom-code\",\"answer\":[{\"valueCoding\":"
            + "{\"system\":\"http://snomed.info/sct\",\"code\":\"267036007\"}}]}]}]}";
    double counted = counted();
    Long sequence = sequence();

    Answer answer =
        fhir.post("QuestionnaireResponse/$validate?mode=create", report.formatted(subject));

    assertThat(errors(answer)).as("taken whatever it refers to").isEmpty();
    assertThat(answer.body()).contains(subject + ", which is not on file (yet)");
    assertThat(counted()).isEqualTo(counted);
    assertThat(sequence()).as("events of all patients").isEqualTo(sequence);
    for (String type : List.of("QuestionnaireResponse", "Observation", "AdverseEvent")) {
      assertThat(fhir.get(type + "?subject=" + subject).json().path("total").asInt())
          .isZero();
    }
  }

  private double counted() {
    return metrics.find("botox.symptom.reports").counters().stream()
        .mapToDouble(Counter::count)
        .sum();
  }

  private Long sequence() {
    return Objects.requireNonNull(
        jdbc.queryForObject("select sum(last_sequence) from outbox_shard", Long.class));
  }

  @Test
  void inATransactionADeletionIsTriedAndOnlyThatIsTakenBack() {
    String path = "Patient/" + fhir.post("Patient", GOOD).json().path("id").asString();
    String created = UUID.randomUUID().toString();

    Answer answer = fhir.post(
        "",
        "{\"resourceType\":\"Bundle\",\"type\":\"transaction\",\"entry\":["
            + "{\"request\":{\"method\":\"GET\",\"url\":\"%s/$validate?mode=delete\"}},"
                .formatted(path)
            + "{\"resource\":{\"resourceType\":\"Patient\",\"id\":\"%1$s\"},\"request\":{\"method\":\"PUT\",\"url\":\"Patient/%1$s\"}}]}"
                .formatted(created));

    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    assertThat(fhir.get(path).status()).isEqualTo(200);
    assertThat(fhir.get("Patient/" + created).status()).isEqualTo(200);
  }

  @Test
  void aDeletionIsTriedAndTakenBack() {
    String path = "Patient/" + fhir.post("Patient", GOOD).json().path("id").asString();
    String delete = path + "/$validate?mode=delete";

    assertThat(errors(fhir.post(delete, ""))).isEmpty();
    assertThat(fhir.get(path).status()).isEqualTo(200);
    assertThat(fhir.get(path + "/_history").json().path("total").asInt()).isEqualTo(1);

    fhir.post(
        "Observation",
        "{\"resourceType\":\"Observation\",\"status\":\"final\",\"code\":{\"text\":\"made up\"},\"subject\":{\"reference\":\"%s\"}}"
            .formatted(path));
    assertThat(errors(fhir.post(delete, ""))).anyMatch(error -> error.contains("has 1 records"));
    fhir.delete("Patient/" + UUID.randomUUID());
    assertThat(fhir.post("Patient/%s/$validate?mode=delete".formatted(UUID.randomUUID()), "")
            .status())
        .isEqualTo(404);
  }
}
