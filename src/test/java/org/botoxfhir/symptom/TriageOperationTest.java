package org.botoxfhir.symptom;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.UUID;
import org.botoxfhir.testing.Events;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.Fhir.Answer;
import org.botoxfhir.testing.ServiceTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** {@code $triage} over HTTP. It has a service of its own, so that what it counts is its own too. */
@ServiceTest(ownDatabase = true)
class TriageOperationTest {
  private static final String OPERATION = "QuestionnaireResponse/$triage";

  private final Fhir fhir;
  private final Events events;
  private final MeterRegistry metrics;

  @Autowired
  TriageOperationTest(Fhir fhir, Events events, MeterRegistry metrics) {
    this.fhir = fhir;
    this.events = events;
    this.metrics = metrics;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "QuestionnaireResponse; ; 400",
        "QuestionnaireResponse; {\"resourceType\": \"Parameters\"}; 400",
        "QuestionnaireResponse; {\"resourceType\": \"Parameters\", \"parameter\": [{\"name\": \"resource\", \"valueString\": \"x\"}]}; 400",
        "QuestionnaireResponse; {\"resourceType\": \"Patient\"}; 400",
        "QuestionnaireResponse; {\"resourceType\": \"Observation\", \"status\": \"final\"}; 400",
        "QuestionnaireResponse; {\"resourceType\": \"QuestionnaireResponse\", \"status\": \"completed\"}; 422",
        "Observation; {\"resourceType\": \"Observation\", \"status\": \"final\"}; 422",
        "QuestionnaireResponse; {; 400",
        "Patient; {\"resourceType\": \"Patient\"}; 404",
      })
  void whatIsNoReportIsRefusedAndToldWhatToSend(String type, String body, int status) {
    Answer answer = fhir.post(type + "/$triage", body == null ? "" : body);
    assertThat(answer.status()).as(answer.body()).isEqualTo(status);
    assertThat(answer.json().get("resourceType").asString()).isEqualTo("OperationOutcome");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"reference\": \"Patient/nobody\"}",
        "{\"reference\": \"https://elsewhere.example/Patient/1\"}",
        "{\"identifier\": {\"value\": \"no-such-mrn\"}}",
        "{\"display\": \"Jane\"}"
      })
  void aReportOfAnySubjectIsTriaged(String subject) {
    Answer answer = fhir.post(
        OPERATION,
        report("Patient/x", "267036007").replace("{\"reference\": \"Patient/x\"}", subject));
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    assertThat(instruction(answer)).startsWith("This may be an emergency.");
  }

  @Test
  void itAnswersWhatTheReportIsAnsweredThenAndLeavesNoTrace() {
    String patient = "Patient/" + unique();
    String injection = "Procedure/" + unique();
    assertThat(fhir.put(patient, withId(patient, "{\"resourceType\": \"Patient\"}"))
            .status())
        .isEqualTo(201);
    assertThat(fhir.put(injection, withId(injection, """
            {"resourceType": "Procedure", "status": "completed",
             "subject": {"reference": "%s"}, "performedDateTime": "2026-11-20",
             "code": {"coding": [{"system": "http://snomed.info/sct", "code": "404909007"}]}}""".formatted(patient))).status())
        .isEqualTo(201);
    double reports = reports();
    String report = report(patient, "24982008");
    Answer asked = fhir.post(OPERATION, report);
    Answer again = fhir.post(
        OPERATION,
        "{\"resourceType\": \"Parameters\", \"parameter\": [{\"name\": \"resource\", \"resource\": %s}]}"
            .formatted(report));
    assertThat(again.body()).isEqualTo(asked.body());
    assertThat(reports()).isEqualTo(reports);
    for (String type : new String[] {"QuestionnaireResponse", "Observation", "AdverseEvent"}) {
      assertThat(fhir.get(type + "?subject=" + patient).json().get("entry")).isNull();
    }

    Answer sent = fhir.post("QuestionnaireResponse", report);
    assertThat(reports()).isEqualTo(reports + 1);
    JsonNode triaged = asked.json().at("/parameter/0/resource");
    assertThat(triaged.get("extension")).isEqualTo(sent.json().get("extension"));
    assertThat(triaged.get("extension").toString()).contains(injection);
    Answer told = fhir.post("QuestionnaireResponse", report, "Prefer", "return=OperationOutcome");
    assertThat(asked.json().at("/parameter/1/resource/issue/0"))
        .isEqualTo(told.json().at("/issue/0"));
    // Whatever the operation had published would stand before the events of the report.
    events.await("QuestionnaireResponse/" + sent.json().get("id").asString() + "/_history/1");
    events.await("QuestionnaireResponse/" + told(told) + "/_history/1");
    assertThat(events.seen())
        .filteredOn(event ->
            event.record().topic().equals("botox.symptom-reports.v1") && event.mentions(patient))
        .hasSize(2);
  }

  @Test
  void aDraftAndASingleSymptomAreTriagedToo() {
    Answer draft =
        fhir.post(OPERATION, report("Patient/x", "40739000").replace("completed", "in-progress"));
    assertThat(instruction(draft)).contains("call your emergency number now");
    Answer symptom = fhir.post("Observation/$triage", """
        {"resourceType": "Observation", "status": "preliminary",
         "meta": {"profile": ["https://botoxfhir.org/fhir/StructureDefinition/patient-reported-symptom"]},
         "code": {"coding": [{"system": "http://snomed.info/sct", "code": "267036007"}]}}""");
    assertThat(instruction(symptom)).startsWith("This may be an emergency.");
  }

  @Test
  void theCapabilityStatementNamesItAndItsDefinitionCanBeRead() {
    JsonNode resources = fhir.get("metadata").json().at("/rest/0/resource");
    for (JsonNode resource : resources) {
      String type = resource.get("type").asString();
      boolean takesReports = type.equals("QuestionnaireResponse") || type.equals("Observation");
      assertThat(resource.toString().contains("OperationDefinition/triage"))
          .as(type)
          .isEqualTo(takesReports);
      if (takesReports) {
        assertThat(resource.at("/operation/0/name").asString()).isEqualTo("triage");
        assertThat(resource.at("/operation/0/definition").asString())
            .isEqualTo("https://botoxfhir.org/fhir/OperationDefinition/triage");
      }
    }
    JsonNode definition = fhir.get("OperationDefinition/triage").json();
    assertThat(definition.get("url").asString())
        .isEqualTo("https://botoxfhir.org/fhir/OperationDefinition/triage");
    assertThat(definition.get("affectsState").asBoolean()).isFalse();
  }

  /** All that is counted or timed about reports. */
  private double reports() {
    double triaged = metrics.get("botox.symptom.triage").timer().count();
    double counted = metrics.get("botox.symptom.reports").counters().stream()
        .mapToDouble(counter -> counter.count())
        .sum();
    assertThat(triaged).isEqualTo(counted);
    return counted;
  }

  private static String told(Answer outcome) {
    String text = outcome.json().get("issue").toString();
    int at = text.indexOf("created as QuestionnaireResponse/")
        + "created as QuestionnaireResponse/".length();
    return text.substring(at, text.indexOf('/', at));
  }

  private static String instruction(Answer answer) {
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    assertThat(answer.json().at("/parameter/1/name").asString()).isEqualTo("outcome");
    return answer.json().at("/parameter/1/resource/issue/0/diagnostics").asString();
  }

  private static String report(String patient, String code) {
    return """
        {"resourceType": "QuestionnaireResponse", "status": "completed",
         "questionnaire": "https://botoxfhir.org/fhir/Questionnaire/botox-symptom-report",
         "subject": {"reference": "%s"}, "authored": "2026-11-22T10:30:00+01:00",
         "item": [{"linkId": "symptom", "item": [{"linkId": "symptom-code", "answer": [
           {"valueCoding": {"system": "http://snomed.info/sct", "code": "%s"}}]}]}]}""".formatted(patient, code);
  }

  private static String withId(String key, String resource) {
    return resource.replaceFirst(
        "\\{", "{\"id\": \"%s\",".formatted(key.substring(key.indexOf('/') + 1)));
  }

  private static String unique() {
    return UUID.randomUUID().toString();
  }
}
