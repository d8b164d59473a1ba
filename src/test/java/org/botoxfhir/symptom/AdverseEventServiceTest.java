package org.botoxfhir.symptom;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import java.util.UUID;
import org.botoxfhir.testing.Events;
import org.botoxfhir.testing.Events.Event;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.Fhir.Answer;
import org.botoxfhir.testing.ServiceTest;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/** Adverse events that clinicians write: over HTTP in, from Kafka out. */
@ServiceTest
class AdverseEventServiceTest {
  private final Fhir fhir;
  private final Events events;

  @Autowired
  AdverseEventServiceTest(Fhir fhir, Events events) {
    this.fhir = fhir;
    this.events = events;
  }

  @Test
  void eachVersionThatAClinicianWritesIsToldOnceInOrderAndTheSameContentIsNot() {
    String patient = newPatient();
    String id = unique();
    String event = event(id, patient, "ongoing");
    assertThat(fhir.put("AdverseEvent/" + id, event).status()).isEqualTo(201);
    assertThat(fhir.put("AdverseEvent/" + id, event).status()).isEqualTo(200);
    assertThat(fhir.put("AdverseEvent/" + id, event(id, patient, "resolved")).status())
        .isEqualTo(200);
    assertThat(fhir.delete("AdverseEvent/" + id).status()).isEqualTo(204);
    assertThat(fhir.delete("AdverseEvent/" + id).status()).isEqualTo(204);
    assertThat(fhir.put("AdverseEvent/" + id, event).status()).isEqualTo(201);

    Event last = events.await("AdverseEvent/" + id + "/_history/4");
    assertThat(events.seen())
        .filteredOn(seen -> isAbout(seen, id))
        .extracting(seen -> seen.header("ce_id").orElseThrow())
        .containsExactly(
            "AdverseEvent/" + id + "/_history/1/recorded",
            "AdverseEvent/" + id + "/_history/2/changed",
            "AdverseEvent/" + id + "/_history/3/retracted",
            "AdverseEvent/" + id + "/_history/4/recorded");
    assertThat(last.header("ce_type")).contains("org.botoxfhir.adverse-event.recorded.v1");
    assertThat(last.record().topic()).isEqualTo("botox.adverse-events.v1");
    assertThat(last.record().key()).hasSize(43).doesNotContain(patient);
    assertThat(last.json().at("/outcome/code").asString()).isEqualTo("ongoing");
    for (Event seen : events.seen()) {
      if (seen.record().topic().equals("botox.adverse-events.v1")) {
        assertThat(Made.schema("adverse-event.v1.schema.json")
                .validate(seen.record().value(), InputFormat.JSON))
            .isEmpty();
      }
    }
  }

  @Test
  void anAdverseEventOfAPatientWhoIsNotOnFileIsRefusedAndNotTold() {
    Answer answer = fhir.post("AdverseEvent", event("x", "Patient/nobody-" + unique(), "ongoing"));
    assertThat(answer.status()).isEqualTo(422);
  }

  @Test
  void adverseEventsInABundleAreToldAndABundleThatFailsTellsNothing() {
    String patient = newPatient();
    String id = unique();
    String bundle = """
        {"resourceType": "Bundle", "type": "transaction", "entry": [
          {"request": {"method": "POST", "url": "AdverseEvent"}, "resource": %s},
          {"request": {"method": "PUT", "url": "AdverseEvent/%s"}, "resource": %s}]}""";
    String failing = bundle.formatted(
        event("x", patient, "ongoing"), id, event(id, "Patient/nobody-" + unique(), "ongoing"));
    assertThat(fhir.post("", failing).status()).isEqualTo(422);
    Answer stored = fhir.post(
        "", bundle.formatted(event("x", patient, "ongoing"), id, event(id, patient, "ongoing")));
    assertThat(stored.status()).isEqualTo(200);
    String location = stored.json().at("/entry/0/response/location").asString();
    events.await(location.substring(location.indexOf("AdverseEvent/")));
    events.await("AdverseEvent/" + id + "/_history/1");
    assertThat(events.seen()).filteredOn(seen -> isAbout(seen, patient + "\"")).hasSize(2);
  }

  @Test
  void aCandidateThatAClinicianConfirmsIsChangedAndNoLongerUnconfirmed() {
    String patient = newPatient();
    Answer report = fhir.post("QuestionnaireResponse", """
        {"resourceType": "QuestionnaireResponse", "status": "completed", "subject": {"reference": "%s"},
         "questionnaire": "https://botoxfhir.org/fhir/Questionnaire/botox-symptom-report",
         "item": [{"linkId": "symptom", "item": [{"linkId": "symptom-code", "answer": [
           {"valueCoding": {"system": "http://snomed.info/sct", "code": "40739000"}}]}]}]}""".formatted(patient));
    String reported = "QuestionnaireResponse/" + report.json().get("id").asString();
    String candidate =
        events.await(reported + "/_history/1").json().get("adverseEvent").asString();
    Event recorded = events.await(candidate + "/_history/1");
    assertThat(recorded.json().get("actuality").asString()).isEqualTo("potential");
    assertThat(recorded.json().get("unconfirmed").asBoolean()).isTrue();
    assertThat(recorded.json().at("/evidence/0").asString()).isEqualTo(reported);
    assertThat(recorded.record().key())
        .isEqualTo(events.await(reported + "/_history/1").record().key());

    String confirmed = fhir.get(candidate)
        .body()
        .replace("\"potential\"", "\"actual\"")
        .replaceFirst(",\"tag\":\\[[^]]*\\]", "");
    assertThat(fhir.put(candidate, confirmed).status()).isEqualTo(200);
    Event changed = events.await(candidate + "/_history/2");
    assertThat(changed.header("ce_type")).contains("org.botoxfhir.adverse-event.changed.v1");
    assertThat(changed.json().get("actuality").asString()).isEqualTo("actual");
    assertThat(changed.json().get("unconfirmed").asBoolean()).isFalse();
  }

  private static boolean isAbout(Event event, String text) {
    return event.record().topic().equals("botox.adverse-events.v1") && event.mentions(text);
  }

  private String newPatient() {
    Answer patient = fhir.post("Patient", "{\"resourceType\": \"Patient\"}");
    return "Patient/" + patient.json().get("id").asString();
  }

  private static String event(String id, String patient, String outcome) {
    return """
        {"resourceType": "AdverseEvent", "id": "%s", "actuality": "actual", "subject": {"reference": "%s"},
         "event": {"coding": [{"system": "http://snomed.info/sct", "code": "40739000"}]},
         "outcome": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/adverse-event-outcome", "code": "%s"}]}}""".formatted(id, patient, outcome);
  }

  private static String unique() {
    return UUID.randomUUID().toString();
  }
}
