package org.botoxfhir.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.botoxfhir.testing.Events;
import org.botoxfhir.testing.Events.Event;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.Fhir.Answer;
import org.botoxfhir.testing.ServiceTest;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/** What really stands in Kafka is what the AsyncAPI document and its schemas say, and all that they say is there. */
@ServiceTest
class PublishedMessagesTest {
  private static final String REPORT = "QuestionnaireResponse";

  private final EventContract contract = EventContract.shipped();
  private final String patient = "Patient/" + UUID.randomUUID();
  private final Fhir fhir;
  private final Events events;

  @Autowired
  PublishedMessagesTest(Fhir fhir, Events events) {
    this.fhir = fhir;
    this.events = events;
  }

  @Test
  void everyKindOfMessageIsPublishedAndNoneIsOtherThanPromised() {
    List<Event> published = new ArrayList<>();
    fhir.put(patient, """
        {"resourceType": "Patient", "id": "%s", "birthDate": "1961-03-05"}""".formatted(id(patient)));
    Answer sent = fhir.post(REPORT, report("completed", "11934000"), trace());
    Event submitted = event(sent);
    published.add(submitted);
    String candidate = submitted.json().get("adverseEvent").asString();
    String report = REPORT + "/" + sent.json().get("id").asString();
    published.add(event(fhir.put(report, withId(report, report("amended", "267036007")))));
    published.add(event(fhir.put(report, withId(report, report("entered-in-error", "267036007")))));

    for (int version = 1; version <= 3; version++) {
      published.add(events.await("%s/_history/%d".formatted(candidate, version)));
    }

    for (Event event : published) {
      assertThat(contract.defects(event.record(), type(event))).as(type(event)).isEmpty();
    }
    assertThat(published)
        .extracting(event -> event.record().topic() + " " + type(event))
        .containsExactlyInAnyOrderElementsOf(contract.kinds());
    assertThat(published.getFirst().header("ce_traceparent")).isPresent();
  }

  @Test
  void aReportThatNamesNobodyOrHoldsOddThingsIsAsPromisedToo() {
    Answer nobody = fhir.post(REPORT, """
        {"resourceType": "QuestionnaireResponse", "status": "completed",
         "questionnaire": "https://botoxfhir.org/fhir/Questionnaire/botox-symptom-report"}""");
    Answer odd = fhir.post(REPORT, report("completed", "Jane Doe <jane@clinic.example>"));
    for (Answer answer : List.of(nobody, odd)) {
      Event event = event(answer);
      assertThat(contract.defects(event.record(), type(event))).isEmpty();
    }
  }

  /** The check itself: what is not in the document is found. */
  @Test
  void whatIsNotPromisedIsFound() {
    Event event = event(fhir.post(REPORT, report("completed", "24982008")));
    var record = event.record();
    assertThat(contract.defects(record, "org.botoxfhir.symptom-report.forgotten.v1"))
        .hasSize(1);
    Map<String, String> changes = Map.of(
        "{\"report\"", "{\"name\":\"Jane Doe\",\"report\"",
        "\"triage\":{", "\"triage\":{\"name\":\"Jane Doe\",",
        "\"symptoms\":[{", "\"symptoms\":[{\"text\":\"Jane Doe\",",
        "\"boxedWarning\":true", "\"boxedWarning\":\"yes\"",
        "\"urgency\":\"urgent\"", "\"urgency\":\"soon\"",
        "\"severity\":null,", "");
    changes.forEach((from, to) -> {
      assertThat(record.value()).contains(from);
      var changed = copy(record, record.key(), record.value().replace(from, to));
      assertThat(contract.defects(changed, type(event))).as(to).hasSize(1);
    });
    var named = copy(record, "Patient/jane-doe", record.value());
    assertThat(contract.defects(named, type(event)))
        .singleElement(InstanceOfAssertFactories.STRING)
        .startsWith("key");
    var bare = new ConsumerRecord<>(record.topic(), 0, 0, record.key(), record.value());
    assertThat(contract.defects(bare, type(event)))
        .anyMatch(defect -> defect.contains("ce_id"))
        .allMatch(defect -> defect.startsWith("headers"));
    var talkative = copy(record, record.key(), record.value());
    talkative.headers().add("patient", "Jane Doe".getBytes(StandardCharsets.UTF_8));
    assertThat(contract.defects(talkative, type(event))).hasSize(1);
  }

  private static ConsumerRecord<String, String> copy(
      ConsumerRecord<String, String> record, String key, String value) {
    var copy = new ConsumerRecord<>(record.topic(), 0, 0, key, value);
    record.headers().forEach(header -> copy.headers().add(header));
    return copy;
  }

  private Event event(Answer answer) {
    assertThat(answer.status()).as(answer.body()).isIn(200, 201);
    return events.await("%s/%s/_history/%s"
        .formatted(
            REPORT,
            answer.json().get("id").asString(),
            answer.json().at("/meta/versionId").asString()));
  }

  private static String type(Event event) {
    return event.header("ce_type").orElseThrow();
  }

  private static String[] trace() {
    return new String[] {"traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"};
  }

  private String report(String status, String code) {
    return """
        {"resourceType": "QuestionnaireResponse", "status": "%s",
         "questionnaire": "https://botoxfhir.org/fhir/Questionnaire/botox-symptom-report",
         "subject": {"reference": "%s"}, "authored": "2026-11-21T10:00:00Z",
         "item": [{"linkId": "symptom", "item": [{"linkId": "symptom-code", "answer": [
           {"valueCoding": {"system": "http://snomed.info/sct", "code": "%s"}}]}]}]}""".formatted(status, patient, code);
  }

  private static String withId(String reference, String resource) {
    return resource.replaceFirst("\\{", "{\"id\": \"%s\", ".formatted(id(reference)));
  }

  private static String id(String reference) {
    return reference.substring(reference.indexOf('/') + 1);
  }
}
