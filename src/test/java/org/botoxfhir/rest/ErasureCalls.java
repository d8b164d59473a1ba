package org.botoxfhir.rest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.botoxfhir.testing.Events;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.Fhir.Answer;
import org.junit.jupiter.api.BeforeEach;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** A patient of each test's own, and how the record is made, exported and erased. */
abstract class ErasureCalls {
  static final String REPORT = "QuestionnaireResponse";

  @Autowired
  Fhir fhir;

  @Autowired
  Events events;

  @Autowired
  JdbcClient jdbc;

  /** Of the ids of this test. */
  String run = "";

  String patient = "";

  @BeforeEach
  void aPatientOfItsOwn() {
    run = UUID.randomUUID().toString().substring(0, 13);
    patient = "Patient/erased-" + run;
    put(patient, patient(patient));
  }

  void put(String key, String body) {
    Answer answer = fhir.put(key, body);
    assertThat(answer.status()).as(answer.body()).isIn(200, 201);
  }

  static String patient(String key) {
    return """
        {"resourceType": "Patient", "id": "%s", "gender": "male"}""".formatted(key.substring(8));
  }

  static String observation(String id, String patient) {
    return """
        {"resourceType": "Observation", "id": "%s", "status": "final", "code": {"text": "made up"},
         "subject": {"reference": "%s"}}""".formatted(id, patient);
  }

  String reportText(String patient, String name) {
    return """
        {"resourceType": "QuestionnaireResponse", "status": "completed",
         "questionnaire": "https://botoxfhir.org/fhir/Questionnaire/botox-symptom-report",
         "identifier": {"system": "urn:x", "value": "made-up%s-%s"},
         "subject": {"reference": "%s", "display": "%s"},
         "item": [{"linkId": "symptom", "item": [{"linkId": "symptom-code", "answer": [{"valueCoding":
           {"system": "http://snomed.info/sct", "code": "267036007"}}]}]}]}""".formatted(run, name, patient, name.isEmpty() ? "made up" : name);
  }

  void report(String patient, String name) {
    Answer answer = fhir.post(REPORT, reportText(patient, name));
    assertThat(answer.status()).as(answer.body()).isEqualTo(201);
  }

  List<JsonNode> export(String patient) {
    return export(patient, 1000);
  }

  List<JsonNode> export(String patient, int count) {
    List<JsonNode> pages = new ArrayList<>();
    for (String next = patient + "/$purge-export?_count=" + count;
        next != null;
        next = fhir.link(pages.getLast(), "next")) {
      Answer answer = fhir.get(next);
      assertThat(answer.status()).as(answer.body()).isEqualTo(200);
      pages.add(answer.json());
    }
    return pages;
  }

  static List<JsonNode> entries(List<JsonNode> pages) {
    return pages.stream().flatMap(page -> page.path("entry").valueStream()).toList();
  }

  static String confirmation(List<JsonNode> pages) {
    return pages.getLast().at("/identifier/value").asString();
  }

  Answer purge(String patient, String confirmation) {
    return fhir.post(patient + "/$purge?confirmation=" + confirmation, "");
  }

  static String diagnostics(Answer answer) {
    return answer.json().at("/issue/0/diagnostics").asString();
  }
}
