package org.botoxfhir.symptom;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.botoxfhir.fhir.Canonical;
import org.botoxfhir.testing.Events;
import org.botoxfhir.testing.Events.Event;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.Fhir.Answer;
import org.botoxfhir.testing.ServiceTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** Symptom reports from outside: over HTTP in, from Kafka out, PostgreSQL between. */
@ServiceTest
class SymptomReportServiceTest {
  private final Fhir fhir;
  private final Events events;

  @Autowired
  SymptomReportServiceTest(Fhir fhir, Events events) {
    this.fhir = fhir;
    this.events = events;
  }

  @Test
  void anEmergencyOfAnUnknownPatientWithAnUnknownLinkIdIsStoredTriagedAndPublished() {
    Answer answer = fhir.post("QuestionnaireResponse", """
        {"resourceType": "QuestionnaireResponse", "status": "completed",
         "questionnaire": "https://botoxfhir.org/fhir/Questionnaire/botox-symptom-report|9.9",
         "subject": {"reference": "Patient/nobody-%s"},
         "item": [{"linkId": "what", "answer": [{"valueCoding":
           {"system": "http://snomed.info/sct", "code": "267036007"}}]}]}""".formatted(unique()));
    assertThat(answer.status()).isEqualTo(201);
    assertThat(instruction(answer))
        .startsWith("This may be an emergency. Call your emergency number now.");
    JsonNode data = event(answer).json();
    assertThat(data.at("/triage/urgency").asString()).isEqualTo("emergency");
    assertThat(data.get("patientOnFile").asBoolean()).isFalse();
  }

  @Test
  void aReportWithoutASubjectIsStoredAndPublished() {
    Answer answer = fhir.post("QuestionnaireResponse", """
        {"resourceType": "QuestionnaireResponse", "status": "completed",
         "questionnaire": "https://botoxfhir.org/fhir/Questionnaire/botox-symptom-report",
         "item": [{"linkId": "symptom", "item": [{"linkId": "symptom-code", "answer": [
           {"valueString": "something feels wrong"}]}]}]}""");
    assertThat(answer.status()).isEqualTo(201);
    JsonNode data = event(answer).json();
    assertThat(data.at("/triage/urgency").asString()).isEqualTo("urgent");
    assertThat(data.get("patient").isNull()).isTrue();
    assertThat(fhir.get(data.get("adverseEvent").asString()).status()).isEqualTo(200);
  }

  @ParameterizedTest(name = "{0} is {1}")
  @CsvSource({
    "chronic-migraine, urgent, 155, 7",
    "upper-limb-spasticity, urgent, 200, 9",
    "cervical-dystonia, emergency, 236, 8",
    "blepharospasm, urgent, 15, 7",
  })
  void theReportOfEachWorkedExampleLeadsToItsEvent(
      String example, String urgency, String units, int days) {
    assertThat(fhir.post("", example(example + ".json")).status()).isEqualTo(200);
    // An identifier of its own for each run, so that the report is a new one wherever the example
    // was used before.
    Answer answer = fhir.post(
        "QuestionnaireResponse",
        example(example + "-report.json")
            .replace("\"value\": \"example-", "\"value\": \"" + unique() + "-"));
    assertThat(answer.status()).isEqualTo(201);
    Event event = event(answer);
    assertThat(schemaErrors("symptom-report.v1.schema.json", event.record().value()))
        .isEmpty();
    JsonNode data = event.json();
    assertThat(data.at("/triage/urgency").asString()).isEqualTo(urgency);
    assertThat(data.at("/triage/withinWindow").asBoolean()).isTrue();
    assertThat(data.get("patientOnFile").asBoolean()).isTrue();
    assertThat(data.at("/injections/0/units").decimalValue()).isEqualByComparingTo(units);
    assertThat(data.at("/injections/0/daysSince").asInt()).isEqualTo(days);
    assertThat(data.at("/injections/0/product/code").asString()).startsWith("0023-");

    String report = data.get("report").asString();
    JsonNode found = fhir.get("Observation?derived-from=" + report).json();
    assertThat(found.get("entry")).hasSameSizeAs(data.get("symptoms"));
    JsonNode candidate = fhir.get(data.get("adverseEvent").asString()).json();
    assertThat(candidate.at("/suspectEntity/0/instance/reference").asString())
        .isEqualTo(data.at("/injections/0/procedure").asString());
    assertThat(candidate.at("/meta/tag/0/code").asString()).isEqualTo("unconfirmed");
  }

  @Test
  void aChildWithSpasticityIsKnownByIdentifierAloneAndTheReportIsThenFoundByPatient() {
    String number = "A,1|" + unique();
    Answer patient = fhir.post("Patient", """
        {"resourceType": "Patient", "birthDate": "2018-03",
         "identifier": [{"system": "https://clinic.example/mrn", "value": "%s"}]}""".formatted(number));
    String id = patient.json().get("id").asString();
    assertThat(fhir.post("Condition", """
            {"resourceType": "Condition", "subject": {"reference": "Patient/%s"},
             "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "G80.1"}]}}""".formatted(id)).status()).isEqualTo(201);
    Answer answer = fhir.post(
        "QuestionnaireResponse",
        report("Patient/unknown", "11934000", "")
            .replace(
                "{\"reference\": \"Patient/unknown\"}",
                "{\"identifier\": {\"system\": \"https://clinic.example/mrn\", \"value\": \"%s\"}}"
                    .formatted(number)));
    JsonNode data = event(answer).json();
    assertThat(data.get("patient").asString()).isEqualTo("Patient/" + id);
    assertThat(data.at("/triage/urgency").asString()).isEqualTo("emergency");
    assertThat(data.at("/triage/rules").toString()).contains("child-with-spasticity");
    assertThat(event(answer).record().value()).doesNotContain(number);
    assertThat(fhir.get("QuestionnaireResponse?patient=Patient/" + id).json().get("entry"))
        .hasSize(1);
  }

  @Test
  void aReportInATransactionIsLinkedToTheInjectionBesideItAndSentAgainItIsTheSameReport() {
    String bundle = """
        {"resourceType": "Bundle", "type": "transaction", "entry": [
          {"fullUrl": "urn:uuid:%1$s", "request": {"method": "POST", "url": "QuestionnaireResponse"},
           "resource": %2$s},
          {"request": {"method": "PUT", "url": "Patient/%3$s"},
           "resource": {"resourceType": "Patient", "id": "%3$s", "birthDate": "1961"}},
          {"request": {"method": "PUT", "url": "Procedure/%3$s"},
           "resource": {"resourceType": "Procedure", "id": "%3$s", "status": "completed",
             "subject": {"reference": "Patient/%3$s"}, "performedDateTime": "2026-11-20",
             "code": {"coding": [{"system": "http://snomed.info/sct", "code": "404909007"}]}}}]}""";
    String id = unique();
    String sent = bundle.formatted(unique(), report("Patient/" + id, "40739000", unique()), id);
    Answer answer = fhir.post("", sent);
    assertThat(answer.status()).isEqualTo(200);
    String location = answer.json().at("/entry/0/response/location").asString();
    String report = location.substring(location.indexOf("QuestionnaireResponse/"));
    JsonNode data = events.await(report).json();
    assertThat(data.at("/injections/0/procedure").asString()).isEqualTo("Procedure/" + id);
    assertThat(data.at("/injections/0/daysSince").asInt()).isEqualTo(2);
    assertThat(data.get("patientOnFile").asBoolean()).isTrue();

    Answer again = fhir.post("", sent);
    assertThat(again.status()).isEqualTo(200);
    assertThat(again.json().at("/entry/0/response/location").asString()).isEqualTo(location);
  }

  @Test
  void theSameReportSentByManyAtOnceIsOneReportAndOneEvent() throws Exception {
    String patient = newPatient();
    String report = report(patient, "11934000", unique());
    List<Callable<Answer>> posts = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      posts.add(() -> fhir.post("QuestionnaireResponse", report));
    }
    List<String> ids = new ArrayList<>();
    try (var clients = Executors.newFixedThreadPool(8)) {
      for (var answer : clients.invokeAll(posts)) {
        assertThat(answer.get().status()).isIn(200, 201);
        ids.add(answer.get().json().get("id").asString());
      }
    }
    assertThat(ids).containsOnly(ids.getFirst());
    // A later event of the same patient arrives after all of the earlier ones.
    event(fhir.post("QuestionnaireResponse", report(patient, "24982008", unique())));
    assertThat(events.seen())
        .filteredOn(event -> isAbout(event, ids.getFirst()))
        .extracting(event -> event.record().topic())
        .containsExactlyInAnyOrder("botox.symptom-reports.v1", "botox.adverse-events.v1");
  }

  @Test
  void anAmendedReportPublishesAmendedWithTheNewUrgencyAndARetractedOneTakesAllBack() {
    String patient = newPatient();
    Answer posted = fhir.post("QuestionnaireResponse", report(patient, "81680005", unique()));
    String id = posted.json().get("id").asString();
    assertThat(event(posted).json().at("/triage/urgency").asString()).isEqualTo("routine");

    String amended = report(patient, "267036007", "")
        .replace("\"completed\"", "\"amended\"")
        .replaceFirst("\\{", "{\"id\": \"" + id + "\",");
    assertThat(fhir.put("QuestionnaireResponse/" + id, amended).status()).isEqualTo(200);
    Event second = events.await("QuestionnaireResponse/" + id + "/_history/2");
    assertThat(second.header("ce_type")).contains("org.botoxfhir.symptom-report.amended.v1");
    assertThat(second.json().at("/triage/urgency").asString()).isEqualTo("emergency");
    assertThat(statuses(id))
        .containsExactlyInAnyOrder("81680005 entered-in-error", "267036007 amended");

    assertThat(fhir.put("QuestionnaireResponse/" + id, amended).status()).isEqualTo(200);
    String mistake = amended.replace("\"amended\"", "\"entered-in-error\"");
    assertThat(fhir.put("QuestionnaireResponse/" + id, mistake).status()).isEqualTo(200);
    Event third = events.await("QuestionnaireResponse/" + id + "/_history/3");
    assertThat(third.header("ce_type")).contains("org.botoxfhir.symptom-report.retracted.v1");
    assertThat(third.record().key()).isEqualTo(second.record().key());
    assertThat(statuses(id))
        .containsExactlyInAnyOrder("81680005 entered-in-error", "267036007 entered-in-error");
    assertThat(fhir.get(second.json().get("adverseEvent").asString()).status()).isEqualTo(410);
  }

  @Test
  void aReportThatIsTakenBackTwiceWithItsResultInTheBodyHasOneVersionForIt() {
    Answer posted = fhir.post("QuestionnaireResponse", report(newPatient(), "267036007", unique()));
    String path = "QuestionnaireResponse/" + posted.json().get("id").asString();
    String mistake = fhir.get(path).body().replace("\"completed\"", "\"entered-in-error\"");
    assertThat(mistake).contains(Canonical.TRIAGE_RESULT);

    Answer first = fhir.put(path, mistake);
    Answer second = fhir.put(path, mistake);

    assertThat(first.json().at("/meta/versionId").asString()).isEqualTo("2");
    assertThat(second.json().at("/meta/versionId").asString()).isEqualTo("2");
    assertThat(second.body()).doesNotContain(Canonical.TRIAGE_RESULT);
    assertThat(events.await(path + "/_history/2").header("ce_type"))
        .contains("org.botoxfhir.symptom-report.retracted.v1");
  }

  @Test
  void aDeletedReportIsRetractedAndALaterOneUnderItsIdIsSubmitted() {
    String patient = newPatient();
    String id = unique();
    String report =
        report(patient, "267036007", "").replaceFirst("\\{", "{\"id\": \"" + id + "\",");
    assertThat(fhir.put("QuestionnaireResponse/" + id, report).status()).isEqualTo(201);
    String candidate = events
        .await("QuestionnaireResponse/" + id + "/_history/1")
        .json()
        .get("adverseEvent")
        .asString();
    assertThat(fhir.delete("QuestionnaireResponse/" + id).status()).isEqualTo(204);
    Event retracted = events.await("QuestionnaireResponse/" + id + "/_history/2");
    assertThat(retracted.header("ce_type")).contains("org.botoxfhir.symptom-report.retracted.v1");
    assertThat(retracted.header("ce_id"))
        .contains("QuestionnaireResponse/" + id + "/_history/2/retracted");
    assertThat(retracted.json().at("/symptoms/0/code/code").asString()).isEqualTo("267036007");
    assertThat(statuses(id)).containsExactly("267036007 entered-in-error");
    assertThat(fhir.get(candidate).status()).isEqualTo(410);
    assertThat(events.await(candidate + "/_history/2").header("ce_type"))
        .contains("org.botoxfhir.adverse-event.retracted.v1");

    assertThat(fhir.delete("QuestionnaireResponse/" + id).status()).isEqualTo(204);
    assertThat(fhir.put("QuestionnaireResponse/" + id, report).status()).isEqualTo(201);
    assertThat(events.await("QuestionnaireResponse/" + id + "/_history/3").header("ce_type"))
        .contains("org.botoxfhir.symptom-report.submitted.v1");
    assertThat(statuses(id)).containsExactly("267036007 final");
    assertThat(events.await(candidate + "/_history/3").header("ce_type"))
        .contains("org.botoxfhir.adverse-event.recorded.v1");
  }

  @Test
  void aCandidateThatAClinicianRefutedByDeletingItStaysDeletedWhileTheGraverAmendmentIsPublished() {
    String patient = newPatient();
    Answer posted = fhir.post("QuestionnaireResponse", report(patient, "11934000", ""));
    String id = posted.json().get("id").asString();
    String candidate = event(posted).json().get("adverseEvent").asString();
    assertThat(fhir.delete(candidate).status()).isEqualTo(204);
    assertThat(events.await(candidate + "/_history/2").header("ce_type"))
        .contains("org.botoxfhir.adverse-event.retracted.v1");

    amend(id, patient, "267036007");
    Event second = events.await("QuestionnaireResponse/" + id + "/_history/2");
    assertThat(second.json().at("/triage/urgency").asString()).isEqualTo("emergency");
    assertThat(second.json().get("adverseEvent").isNull()).isTrue();
    assertThat(fhir.get(candidate).status()).isEqualTo(410);
  }

  @Test
  void whatAClinicianChangedStaysAsItIsEvenWithTheTagOnItWhileUntouchedRecordsFollowTheReport() {
    String patient = newPatient();
    Answer posted = fhir.post("QuestionnaireResponse", report(patient, "11934000", ""));
    String id = posted.json().get("id").asString();
    Event first = event(posted);
    String candidate = first.json().get("adverseEvent").asString();
    String observation = first.json().at("/symptoms/0/observation").asString();
    String judged = fhir.get(candidate).body().replaceFirst("\\{", """
        {"seriousness": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/adverse-event-seriousness",
          "code": "Serious"}]},""");
    assertThat(fhir.put(candidate, judged).status()).isEqualTo(200);
    Event changed = events.await(candidate + "/_history/2");
    assertThat(changed.header("ce_type")).contains("org.botoxfhir.adverse-event.changed.v1");
    assertThat(changed.json().at("/seriousness/code").asString()).isEqualTo("Serious");

    amend(id, patient, "11934000");
    assertThat(fhir.get(observation).json().get("status").asString()).isEqualTo("amended");
    String byHand = fhir.get(observation).body().replace("\"amended\"", "\"corrected\"");
    assertThat(fhir.put(observation, byHand).status()).isEqualTo(200);
    amend(id, patient, "267036007");
    Event third = events.await("QuestionnaireResponse/" + id + "/_history/3");
    assertThat(third.json().get("adverseEvent").asString()).isEqualTo(candidate);
    JsonNode kept = fhir.get(candidate).json();
    assertThat(kept.at("/meta/versionId").asString()).isEqualTo("2");
    assertThat(kept.at("/seriousness/coding/0/code").asString()).isEqualTo("Serious");
    assertThat(fhir.get(observation).json().get("status").asString()).isEqualTo("corrected");

    assertThat(fhir.delete("QuestionnaireResponse/" + id).status()).isEqualTo(204);
    events.await("QuestionnaireResponse/" + id + "/_history/4");
    assertThat(fhir.get(candidate).status()).isEqualTo(200);
    assertThat(fhir.get(observation).json().get("status").asString()).isEqualTo("corrected");
  }

  @Test
  void theSamePutAgainMakesNoVersionAndNoEvent() {
    String patient = newPatient();
    Answer posted = fhir.post("QuestionnaireResponse", report(patient, "11934000", ""));
    String id = posted.json().get("id").asString();
    for (int again = 0; again < 2; again++) {
      Answer same = fhir.put("QuestionnaireResponse/" + id, posted.body());
      assertThat(same.status()).isEqualTo(200);
      assertThat(same.json().at("/meta/versionId").asString()).isEqualTo("1");
    }
    String candidate = event(posted).json().get("adverseEvent").asString();
    assertThat(fhir.put(candidate, fhir.get(candidate).body()).status()).isEqualTo(200);
    assertThat(fhir.get(candidate).json().at("/meta/versionId").asString()).isEqualTo("1");
    event(fhir.post("QuestionnaireResponse", report(patient, "81680005", "")));
    assertThat(events.seen()).filteredOn(event -> isAbout(event, id)).hasSize(2);
  }

  @Test
  void twoReportsAndAClinicsWordOnTheFirstInOneBundleAllCount() {
    String patient = newPatient();
    String first = unique();
    String put = report(patient, "11934000", "").replaceFirst("\\{", "{\"id\": \"" + first + "\",");
    assertThat(fhir.put("QuestionnaireResponse/" + first, put).status()).isEqualTo(201);
    String candidate = events
        .await("QuestionnaireResponse/" + first + "/_history/1")
        .json()
        .get("adverseEvent")
        .asString();
    String second = unique();
    String bundle = """
        {"resourceType": "Bundle", "type": "transaction", "entry": [
          {"request": {"method": "PUT", "url": "QuestionnaireResponse/%1$s"}, "resource": %2$s},
          {"request": {"method": "PUT", "url": "QuestionnaireResponse/%3$s"}, "resource": %4$s},
          {"request": {"method": "DELETE", "url": "%5$s"}}]}""".formatted(
            first,
            put.replace("11934000", "267036007").replace("completed", "amended"),
            second,
            put.replace(first, second),
            candidate);
    assertThat(fhir.post("", bundle).status()).isEqualTo(200);
    Event amended = events.await("QuestionnaireResponse/" + first + "/_history/2");
    assertThat(amended.header("ce_type")).contains("org.botoxfhir.symptom-report.amended.v1");
    assertThat(amended.json().at("/triage/urgency").asString()).isEqualTo("emergency");
    assertThat(amended.json().get("adverseEvent").isNull()).isTrue();
    assertThat(fhir.get(candidate).status()).isEqualTo(410);
    JsonNode other =
        events.await("QuestionnaireResponse/" + second + "/_history/1").json();
    assertThat(fhir.get(other.get("adverseEvent").asString()).status()).isEqualTo(200);
  }

  @Test
  void theSameIdentifierTwiceInOneBundleIsRefusedAndNothingIsStored() {
    String patient = newPatient();
    String report = report(patient, "11934000", unique());
    String bundle = """
        {"resourceType": "Bundle", "type": "transaction", "entry": [
          {"request": {"method": "POST", "url": "QuestionnaireResponse"}, "resource": %1$s},
          {"request": {"method": "POST", "url": "QuestionnaireResponse"}, "resource": %1$s}]}""".formatted(report);
    assertThat(fhir.post("", bundle).status()).isEqualTo(400);
    assertThat(fhir.get("QuestionnaireResponse?patient=" + patient).json().get("entry"))
        .isNull();
  }

  @Test
  void aReportOfWhichTwoAreOnFileAlreadyIsARepetitionAndNoConflict() {
    String report = report(newPatient(), "11934000", unique());
    List<String> ids = List.of(unique(), unique());
    for (String id : ids) {
      assertThat(fhir.put(
                  "QuestionnaireResponse/" + id,
                  report.replaceFirst("\\{", "{\"id\": \"" + id + "\","))
              .status())
          .isEqualTo(201);
    }
    Answer third = fhir.post("QuestionnaireResponse", report);
    assertThat(third.status()).isEqualTo(200);
    assertThat(third.json().get("id").asString()).isIn(ids);
    Answer inBundle = fhir.post("", """
        {"resourceType": "Bundle", "type": "transaction", "entry": [
          {"request": {"method": "POST", "url": "QuestionnaireResponse"}, "resource": %s}]}""".formatted(report));
    assertThat(inBundle.status()).isEqualTo(200);
    assertThat(inBundle.json().at("/entry/0/response/status").asString()).isEqualTo("200 OK");
  }

  @Test
  void anAnswerToAnotherQuestionnaireWithTheSameIdentifierDoesNotSwallowTheReport() {
    String patient = newPatient();
    String report = report(patient, "267036007", unique());
    assertThat(fhir.post(
                "QuestionnaireResponse", report.replace("botox-symptom-report", "satisfaction"))
            .status())
        .isEqualTo(201);
    Answer answer = fhir.post("QuestionnaireResponse", report);
    assertThat(answer.status()).isEqualTo(201);
    assertThat(event(answer).json().at("/triage/urgency").asString()).isEqualTo("emergency");
    assertThat(fhir.post("QuestionnaireResponse", report).status()).isEqualTo(200);
  }

  @Test
  void aResponseToAnotherQuestionnaireDerivesNothing() {
    String patient = newPatient();
    Answer answer = fhir.post(
        "QuestionnaireResponse",
        report(patient, "267036007", "").replace("botox-symptom-report", "satisfaction"));
    assertThat(answer.status()).isEqualTo(201);
    assertThat(answer.json().get("extension")).isNull();
    assertThat(fhir.get("Observation?patient=" + patient).json().get("entry")).isNull();
  }

  @Test
  void theAnswerCanBeTheInstructionItself() {
    Answer answer = fhir.post(
        "QuestionnaireResponse",
        report(newPatient(), "24982008", ""),
        "Prefer",
        "return=OperationOutcome");
    assertThat(answer.status()).isEqualTo(201);
    assertThat(answer.json().get("resourceType").asString()).isEqualTo("OperationOutcome");
    assertThat(answer.body()).contains("Do not drive").contains("call your emergency number now");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "return=minimal",
        "return = minimal; handling=lenient",
        "return=OperationOutcome",
        "return=representation",
        "return=nonsense",
        "respond-async"
      })
  void whateverTheClientPrefersTheAnswerSaysWhatToDoAtFirstAndEachTimeAgain(String prefer) {
    String report = report(newPatient(), "267036007", unique());
    Answer first = fhir.post("QuestionnaireResponse", report, "Prefer", prefer);
    assertThat(first.status()).isEqualTo(201);
    assertThat(first.body()).contains("Call your emergency number now.");
    Answer again = fhir.post("QuestionnaireResponse", report, "Prefer", prefer);
    assertThat(again.status()).isEqualTo(200);
    assertThat(again.body()).contains("Call your emergency number now.");
    String location = first.header("Location");
    String key = location.substring(
        location.indexOf("QuestionnaireResponse/"), location.indexOf("/_history"));
    Answer same = fhir.put(key, fhir.get(key).body(), "Prefer", prefer);
    assertThat(same.status()).isEqualTo(200);
    assertThat(same.body()).contains("Call your emergency number now.");
  }

  @Test
  void anOrdinaryResourceIsStillAnsweredWithoutABodyWhereThatIsPreferred() {
    Answer patient =
        fhir.post("Patient", "{\"resourceType\": \"Patient\"}", "Prefer", "return=minimal");
    assertThat(patient.status()).isEqualTo(201);
    assertThat(patient.body()).isEmpty();
  }

  @Test
  void aLanguageThatThereAreNoTextsInIsAnsweredInEnglishAndChangesNothing() {
    String report =
        report(newPatient(), "267036007", "").replaceFirst("\\{", "{\"language\": \"nl\",");
    Answer answer =
        fhir.post("QuestionnaireResponse", report, "Accept-Language", "ja;q=0.9, nonsense;q=x");
    assertThat(answer.status()).isEqualTo(201);
    assertThat(instruction(answer)).endsWith("call your emergency number now.");
    String key = "QuestionnaireResponse/" + answer.json().get("id").asString();
    assertThat(fhir.put(key, answer.body(), "Accept-Language", "de")
            .json()
            .at("/meta/versionId")
            .asString())
        .isEqualTo("1");
  }

  @Test
  void theQuestionnaireAndWhatItBindsToAreServed() {
    JsonNode questionnaire = fhir.get("Questionnaire/botox-symptom-report").json();
    assertThat(questionnaire.get("status").asString()).isEqualTo("active");
    assertThat(questionnaire.at("/meta/versionId").asString()).isEqualTo("1");
    for (String path : List.of(
        "ValueSet/patient-reported-symptoms",
        "ValueSet/symptom-detail",
        "CodeSystem/symptom-detail",
        "CodeSystem/triage-urgency",
        "StructureDefinition/triage-result",
        "StructureDefinition/patient-reported-symptom")) {
      assertThat(fhir.get(path).status()).as(path).isEqualTo(200);
    }
  }

  private static boolean isAbout(Event event, String id) {
    return event.header("ce_id").isPresent() && event.mentions(id);
  }

  private Event event(Answer report) {
    return events.await("QuestionnaireResponse/%s/_history/%s"
        .formatted(
            report.json().get("id").asString(),
            report.json().at("/meta/versionId").asString()));
  }

  private void amend(String id, String patient, String code) {
    String amended = report(patient, code, "")
        .replace("\"completed\"", "\"amended\"")
        .replaceFirst("\\{", "{\"id\": \"" + id + "\",");
    assertThat(fhir.put("QuestionnaireResponse/" + id, amended).status()).isEqualTo(200);
  }

  private List<String> statuses(String report) {
    List<String> statuses = new ArrayList<>();
    for (JsonNode entry : fhir.get("Observation?derived-from=QuestionnaireResponse/" + report)
        .json()
        .get("entry")) {
      statuses.add(entry.at("/resource/code/coding/0/code").asString() + " "
          + entry.at("/resource/status").asString());
    }
    return statuses;
  }

  private static String instruction(Answer report) {
    for (JsonNode part : report.json().at("/extension/0/extension")) {
      if (part.get("url").asString().equals("instruction")) {
        return part.get("valueString").asString();
      }
    }
    throw new AssertionError("the answer tells the patient nothing: " + report.body());
  }

  private String newPatient() {
    Answer patient = fhir.post("Patient", """
        {"resourceType": "Patient", "birthDate": "1961-03-05"}""");
    assertThat(patient.status()).isEqualTo(201);
    return "Patient/" + patient.json().get("id").asString();
  }

  private static String report(String patient, String code, String identifier) {
    String identified = identifier.isEmpty()
        ? ""
        : "\"identifier\": {\"system\": \"https://app.example/reports\", \"value\": \"%s\"},"
            .formatted(identifier);
    return """
        {"resourceType": "QuestionnaireResponse", %s "status": "completed",
         "questionnaire": "https://botoxfhir.org/fhir/Questionnaire/botox-symptom-report",
         "subject": {"reference": "%s"}, "authored": "2026-11-22T10:30:00+01:00",
         "item": [{"linkId": "symptom", "item": [{"linkId": "symptom-code", "answer": [
           {"valueCoding": {"system": "http://snomed.info/sct", "code": "%s"}}]}]}]}""".formatted(identified, patient, code);
  }

  private static List<String> schemaErrors(String schema, String json) {
    return Made.schema(schema).validate(json, InputFormat.JSON).stream()
        .map(Object::toString)
        .toList();
  }

  private static String example(String name) {
    return Made.text("/examples/" + name);
  }

  private static String unique() {
    return UUID.randomUUID().toString();
  }
}
