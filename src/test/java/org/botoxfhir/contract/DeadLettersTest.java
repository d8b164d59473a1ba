package org.botoxfhir.contract;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.botoxfhir.contract.EventContract.Message;
import org.botoxfhir.outbox.NewEvent;
import org.botoxfhir.testing.Events;
import org.botoxfhir.testing.Events.Event;
import org.botoxfhir.testing.Replica;
import org.botoxfhir.testing.TestServers;
import org.botoxfhir.testing.Topics;
import org.junit.jupiter.api.Test;

/** Dead letters are what the AsyncAPI document says of them. */
class DeadLettersTest {
  private static final String TOPIC = "botox.symptom-reports.v1";

  private final EventContract contract = EventContract.shipped();

  @Test
  void anEventThatIsTooLargeForItsTopicIsACompleteDeadLetter() {
    try (TestServers.Broker broker = TestServers.newBroker()) {
      Topics.create(broker.bootstrapServers(), TOPIC, 2000);
      Map<String, String> settings = Map.of(
          "botox.kafka.bootstrap-servers",
          broker.bootstrapServers(),
          "botox.kafka.create-topics",
          "true");
      try (Replica replica = Replica.publishing(TestServers.newDatabase(), settings);
          var events = new Events(broker.bootstrapServers())) {
        NewEvent large = largeEvent();
        replica.commit(large);
        Event letter = events.await(large.subject());
        assertThat(letter.record().topic()).isEqualTo(TOPIC + ".dlq");
        Message promised =
            requireNonNull(contract.deadLetters().get(letter.record().topic()));
        assertThat(promised.defects(letter.record())).isEmpty();
        assertThat(letter.header("dead-letter-topic")).contains(TOPIC);
        assertThat(letter.record().value()).isEqualTo(large.data());
      }
    }
  }

  /** A report of many symptoms, none of which compress well. */
  private static NewEvent largeEvent() {
    String report = "QuestionnaireResponse/" + UUID.randomUUID();
    String symptoms = IntStream.range(0, 100)
        .mapToObj(number -> """
            {"observation": "Observation/%s", "code": null, "severity": null, "onset": null, "ongoing": null,
             "boxedWarning": false, "details": []}""".formatted(UUID.randomUUID()))
        .collect(Collectors.joining(","));
    String data = """
        {"report": "%s", "reportVersion": 1, "patient": null, "patientOnFile": false, "reportedAt": "2026-11-21",
         "symptoms": [%s], "injections": [], "adverseEvent": null,
         "triage": {"urgency": "urgent", "rules": ["unknown-symptom"], "ruleSet": "made up", "withinWindow": false}}""".formatted(report, symptoms);
    String subject = report + "/_history/1";
    return new NewEvent(
        TOPIC,
        "org.botoxfhir.symptom-report.submitted.v1",
        subject + "/submitted",
        subject,
        Instant.parse("2026-11-21T00:00:00Z"),
        "k".repeat(43),
        data,
        null);
  }
}
