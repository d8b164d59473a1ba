package org.botoxfhir.symptom;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.UUID;
import org.botoxfhir.testing.Events;
import org.botoxfhir.testing.Events.Event;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.Fhir.Answer;
import org.botoxfhir.testing.ServiceTest;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** Single symptoms, sent as Observations: over HTTP in, from Kafka out. */
@ServiceTest
class SingleSymptomServiceTest {
  private final Fhir fhir;
  private final Events events;

  @Autowired
  SingleSymptomServiceTest(Fhir fhir, Events events) {
    this.fhir = fhir;
    this.events = events;
  }

  @Test
  void aSymptomOfAPatientWhoIsNotOnFileIsStoredTriagedAndPublished() {
    Answer answer =
        fhir.post("Observation", symptom("Patient/nobody-" + unique(), "267036007", ""));
    assertThat(answer.status()).isEqualTo(201);
    assertThat(answer.body()).contains("Call your emergency number now.");
    JsonNode data = event(answer).json();
    assertThat(data.at("/triage/urgency").asString()).isEqualTo("emergency");
    assertThat(data.get("patientOnFile").asBoolean()).isFalse();
    assertThat(fhir.get(data.get("adverseEvent").asString()).status()).isEqualTo(200);
  }

  @Test
  void theSameIdentifierIsTheSameReportUnlessItIsAMeasurements() {
    String patient = newPatient();
    String sent = symptom(patient, "11934000", unique());
    String measurement = sent.replaceFirst("\"meta\": \\{[^}]*\\},", "")
        .replace("http://snomed.info/sct", "http://loinc.org")
        .replace("11934000", "72514-3");
    assertThat(fhir.post("Observation", measurement).status()).isEqualTo(201);
    Answer first = fhir.post("Observation", sent);
    assertThat(first.status()).isEqualTo(201);
    Answer again = fhir.post("Observation", sent);
    assertThat(again.status()).isEqualTo(200);
    assertThat(again.json().get("id")).isEqualTo(first.json().get("id"));
    event(fhir.post("Observation", symptom(patient, "24982008", unique())));
    assertThat(events.seen())
        .filteredOn(event -> event
            .header("ce_subject")
            .filter(subject ->
                subject.startsWith("Observation/" + first.json().get("id").asString()))
            .isPresent())
        .hasSize(1);
  }

  @Test
  void aPutIsSubmittedAnotherAmendedTheSameIsNothingAndADeleteRetracted() {
    String patient = newPatient();
    String key = "Observation/" + unique();
    String first = withId(key, symptom(patient, "11934000", ""));
    assertThat(fhir.put(key, first).status()).isEqualTo(201);
    assertThat(fhir.put(key, first).status()).isEqualTo(200);
    String second = first.replace("11934000", "267036007").replace("\"final\"", "\"corrected\"");
    assertThat(fhir.put(key, second).status()).isEqualTo(200);
    assertThat(fhir.delete(key).status()).isEqualTo(204);
    assertThat(events.await(key + "/_history/3").header("ce_type"))
        .contains("org.botoxfhir.symptom-report.retracted.v1");
    Event amended = events.await(key + "/_history/2");
    assertThat(amended.header("ce_type")).contains("org.botoxfhir.symptom-report.amended.v1");
    assertThat(amended.json().at("/triage/urgency").asString()).isEqualTo("emergency");
    assertThat(fhir.get(amended.json().get("adverseEvent").asString()).status()).isEqualTo(410);
  }

  @Test
  void aSymptomThatLosesItsProfileIsRetracted() {
    String key = "Observation/" + unique();
    String sent = withId(key, symptom(newPatient(), "11934000", ""));
    assertThat(fhir.put(key, sent).status()).isEqualTo(201);
    assertThat(fhir.put(key, sent.replaceFirst("\"meta\": \\{[^}]*\\},", "")).status())
        .isEqualTo(200);
    assertThat(events.await(key + "/_history/2").header("ce_type"))
        .contains("org.botoxfhir.symptom-report.retracted.v1");
    assertThat(fhir.get(key).body()).doesNotContain("triage-result");
  }

  @Test
  void inABundleASymptomFindsTheInjectionBesideIt() {
    String patient = newPatient();
    String id = unique();
    Answer answer = fhir.post("", """
        {"resourceType": "Bundle", "type": "transaction", "entry": [
          {"request": {"method": "POST", "url": "Observation"}, "resource": %1$s},
          {"request": {"method": "PUT", "url": "Procedure/%2$s"},
           "resource": {"resourceType": "Procedure", "id": "%2$s", "status": "completed",
             "subject": {"reference": "%3$s"}, "performedDateTime": "2026-11-20",
             "code": {"coding": [{"system": "http://snomed.info/sct", "code": "404909007"}]}}}]}""".formatted(symptom(patient, "40739000", ""), id, patient));
    assertThat(answer.status()).isEqualTo(200);
    String location = answer.json().at("/entry/0/response/location").asString();
    JsonNode data =
        events.await(location.substring(location.indexOf("Observation/"))).json();
    assertThat(data.at("/injections/0/procedure").asString()).isEqualTo("Procedure/" + id);
    assertThat(answer.json().at("/entry/0/response/outcome").toString())
        .contains("call your emergency number now");
  }

  @Test
  void aMeasurementIsNoReport() {
    String patient = newPatient();
    Answer answer = fhir.post(
        "Observation",
        symptom(patient, "267036007", "").replace("patient-reported-symptom", "pain"));
    assertThat(answer.status()).isEqualTo(201);
    assertThat(answer.body()).doesNotContain("triage-result");
    assertThat(fhir.get("AdverseEvent?subject=" + patient).json().get("entry")).isNull();
  }

  private Event event(Answer answer) {
    return events.await("Observation/%s/_history/%s"
        .formatted(
            answer.json().get("id").asString(),
            answer.json().at("/meta/versionId").asString()));
  }

  private String newPatient() {
    Answer patient = fhir.post("Patient", """
        {"resourceType": "Patient", "birthDate": "1961-03-05"}""");
    return "Patient/" + patient.json().get("id").asString();
  }

  private static String symptom(String patient, String code, String identifier) {
    String identified = identifier.isEmpty()
        ? ""
        : "\"identifier\": [{\"system\": \"https://app.example/symptoms\", \"value\": \"%s\"}],"
            .formatted(identifier);
    return """
        {"resourceType": "Observation", %s "status": "final",
         "meta": {"profile": ["https://botoxfhir.org/fhir/StructureDefinition/patient-reported-symptom"]},
         "subject": {"reference": "%s"}, "issued": "2026-11-22T10:30:00+01:00",
         "code": {"coding": [{"system": "http://snomed.info/sct", "code": "%s"}]}}""".formatted(identified, patient, code);
  }

  private static String withId(String key, String resource) {
    return resource.replaceFirst(
        "\\{", "{\"id\": \"%s\",".formatted(key.substring(key.indexOf('/') + 1)));
  }

  private static String unique() {
    return UUID.randomUUID().toString();
  }
}
