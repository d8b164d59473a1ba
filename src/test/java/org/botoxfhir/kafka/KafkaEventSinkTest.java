package org.botoxfhir.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.botoxfhir.testing.MadeUpEvents.event;
import static org.botoxfhir.testing.MadeUpEvents.newKey;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.common.header.Header;
import org.botoxfhir.dev.EmbeddedKafka;
import org.botoxfhir.outbox.NewEvent;
import org.botoxfhir.testing.Events;
import org.botoxfhir.testing.MadeUpEvents;
import org.botoxfhir.testing.Replica;
import org.botoxfhir.testing.TestServers;
import org.botoxfhir.testing.Topics;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.health.contributor.Status;

class KafkaEventSinkTest {
  private final List<AutoCloseable> opened = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable one : opened.reversed()) {
      one.close();
    }
  }

  @Test
  void kafkaThatIsAwayAtTheStartStopsNeitherTheStartNorAWriteAndTheHealthSaysSo() {
    Replica replica = replica("127.0.0.1:" + EmbeddedKafka.freePort(), Map.of());
    replica.commit(event(newKey(), 1));
    await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
      assertThat(replica.kafkaHealth().getStatus()).isEqualTo(Status.DOWN);
      assertThat(replica.gauge("botox.outbox.rows")).isEqualTo(1);
    });
  }

  @Test
  void aBrokersNameThatNobodyKnowsStopsNeitherTheStartNorAWrite() {
    Replica replica = replica("no-such-host.invalid:9092", Map.of());
    replica.commit(event(newKey(), 1));
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> assertThat(replica.kafkaHealth().getDetails().toString())
            .contains("no-such-host.invalid:9092"));
  }

  @Test
  void aMissingTopicIsNamedAndItsEventsArriveOnceItExists() throws Exception {
    String topic = "botox.missing-" + UUID.randomUUID();
    Replica replica =
        replica(TestServers.bootstrapServers(), Map.of("botox.kafka.create-topics", "false"));
    String key = newKey();
    replica.commit(event(topic, key, 1), event(topic, key, 2));
    await()
        .untilAsserted(() -> assertThat(replica.kafkaHealth().getDetails().toString())
            .contains("topic " + topic + " does not exist"));

    Topics.create(TestServers.bootstrapServers(), topic, Map.of());
    Events events = events(TestServers.bootstrapServers());
    events.await(event(topic, key, 2).subject());
    assertThat(numbers(events, key)).containsExactly(1, 2);
    await().untilAsserted(() -> assertThat(replica.kafkaHealth().getStatus()).isEqualTo(Status.UP));
  }

  @Test
  void aBrokerThatGoesAwayAndComesBackLosesNoEventAndStopsNoWrite() {
    TestServers.Broker broker = TestServers.newBroker();
    opened.add(broker);
    Replica replica = replica(broker.bootstrapServers(), Map.of());
    Events events = events(broker.bootstrapServers());
    String key = newKey();
    replica.commit(event(key, 1));
    events.await(event(key, 1).subject());

    broker.interrupt();
    for (int number = 2; number <= 50; number++) {
      replica.commit(event(key, number));
    }
    await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
      assertThat(replica.kafkaHealth().getStatus()).isEqualTo(Status.DOWN);
      assertThat(replica.gauge("botox.outbox.rows")).isEqualTo(49);
      assertThat(replica.gauge("botox.outbox.oldest.age")).isPositive();
    });

    broker.resume();
    events.await(event(key, 50).subject());
    assertThat(numbers(events, key))
        .containsExactlyElementsOf(
            java.util.stream.IntStream.rangeClosed(1, 50).boxed().toList());
    await().untilAsserted(() -> assertThat(replica.gauge("botox.outbox.rows")).isZero());
  }

  @Test
  void anEventIsABinaryCloudEventWithNothingInItsHeadersButItsAttributesAndItsTrace() {
    Replica replica = replica(
        TestServers.bootstrapServers(),
        Map.of("botox.kafka.source", "https://clinic.example/fhir"));
    NewEvent plain = event(newKey(), 1);
    NewEvent given = withTrace(plain, "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    replica.commit(given);

    var record = events(TestServers.bootstrapServers()).await(given.subject());
    Map<String, String> headers = new HashMap<>();
    for (Header header : record.record().headers()) {
      headers.put(header.key(), record.header(header.key()).orElseThrow());
    }
    assertThat(headers)
        .containsExactlyInAnyOrderEntriesOf(Map.of(
            "ce_specversion", "1.0",
            "ce_id", given.id(),
            "ce_source", "https://clinic.example/fhir",
            "ce_type", MadeUpEvents.TYPE,
            "ce_subject", given.subject(),
            "ce_time", "2026-03-04T05:06:07Z",
            "ce_traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "content-type", "application/json"));
    assertThat(record.record().key()).isEqualTo(given.key());
    assertThat(record.record().topic()).isEqualTo(given.topic());
    assertThat(record.record().value()).isEqualTo(given.data());
  }

  @Test
  void aTraceContextThatIsNoneIsNotPassedOn() {
    Replica replica = replica(TestServers.bootstrapServers(), Map.of());
    NewEvent given = withTrace(event(newKey(), 1), "Jane Doe, born 1970-01-01");
    replica.commit(given);
    var record = events(TestServers.bootstrapServers()).await(given.subject());
    assertThat(record.header("ce_traceparent")).isEmpty();
    assertThat(record.header("traceparent")).isEmpty();
  }

  private static NewEvent withTrace(NewEvent event, String traceparent) {
    return new NewEvent(
        event.topic(),
        event.type(),
        event.id(),
        event.subject(),
        event.time(),
        event.key(),
        event.data(),
        traceparent);
  }

  private Replica replica(String bootstrapServers, Map<String, String> more) {
    Map<String, String> settings = new HashMap<>(Map.of(
        "botox.kafka.bootstrap-servers", bootstrapServers,
        "botox.kafka.create-topics", "true",
        "botox.kafka.properties.delivery.timeout.ms", "2000",
        "botox.kafka.properties.request.timeout.ms", "1000",
        "botox.kafka.properties.default.api.timeout.ms", "2000",
        "botox.kafka.properties.max.block.ms", "1000",
        "botox.outbox.max-backoff", "500ms"));
    settings.putAll(more);
    Replica replica = Replica.publishing(TestServers.newDatabase(), settings);
    opened.add(replica);
    return replica;
  }

  private Events events(String bootstrapServers) {
    var events = new Events(bootstrapServers);
    opened.add(events);
    return events;
  }

  private static List<Integer> numbers(Events events, String key) {
    return events.seen().stream()
        .filter(event -> event.record().key().equals(key))
        .map(event -> event.json().get("number").asInt())
        .toList();
  }
}
