package org.botoxfhir.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.botoxfhir.testing.MadeUpEvents.event;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.botoxfhir.testing.Events;
import org.botoxfhir.testing.MadeUpEvents;
import org.botoxfhir.testing.Replica;
import org.botoxfhir.testing.ServiceProcess;
import org.botoxfhir.testing.TestDatabase;
import org.botoxfhir.testing.TestServers;
import org.junit.jupiter.api.Test;

class LongOutboxTest {
  private static final int KEYS = 100;
  private static final int EACH = 1_000;

  @Test
  void
      aServiceThatFindsAHundredThousandEventsIsReadyAtOnceAndPublishesEachOnceInOrderThoughItIsKilledMeanwhile() {
    TestDatabase database = TestServers.newDatabase();
    try (TestServers.Broker broker = TestServers.newBroker();
        Replica writer = Replica.appendingOnly(database, Map.of())) {
      Map<String, String> settings = new HashMap<>(database.settings());
      settings.put("botox.kafka.bootstrap-servers", broker.bootstrapServers());
      settings.put("botox.kafka.create-topics", "true");
      settings.put("botox.events.pseudonym-key", "key-of-the-tests-that-protects-nobody");
      broker.interrupt();
      List<String> keys = Stream.generate(MadeUpEvents::newKey).limit(KEYS).toList();
      for (int number = 1; number <= EACH; number++) {
        int next = number;
        writer.commit(keys.stream().map(key -> event(key, next)).toArray(NewEvent[]::new));
      }

      try (ServiceProcess service = ServiceProcess.start(settings)) {
        assertThat(rows(writer))
            .as("events waiting when the service is ready")
            .isEqualTo(KEYS * EACH);
        broker.resume();
        await("first events published")
            .atMost(Duration.ofSeconds(300))
            .until(() -> rows(writer) < KEYS * EACH);
        service.kill();
      }
      assertThat(rows(writer)).as("events left by the one that was killed").isPositive();

      try (Replica ignored = Replica.publishing(database, settings)) {
        await("an empty outbox").atMost(Duration.ofSeconds(300)).until(() -> rows(writer) == 0);
      }
      Map<String, List<Integer>> numbers = numbers(broker.bootstrapServers());
      assertThat(numbers.keySet()).containsExactlyInAnyOrderElementsOf(keys);
      List<Integer> all = IntStream.rangeClosed(1, EACH).boxed().toList();
      numbers.forEach((key, seen) -> assertThat(seen).as(key).isEqualTo(all));
    }
  }

  private static long rows(Replica replica) {
    return replica
        .jdbc()
        .sql("select count(*) from outbox_event")
        .query(Long.class)
        .single();
  }

  /** Of each key the numbers of its events, in the order in which a consumer of what is committed sees them. */
  private static Map<String, List<Integer>> numbers(String bootstrapServers) {
    Map<String, List<Integer>> numbers = new TreeMap<>();
    try (var consumer = Events.consumer(bootstrapServers, Map.of())) {
      List<TopicPartition> partitions = consumer.partitionsFor(MadeUpEvents.TOPIC).stream()
          .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
          .toList();
      consumer.assign(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (ends.entrySet().stream()
          .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
        for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(100))) {
          numbers
              .computeIfAbsent(record.key(), key -> new ArrayList<>(EACH))
              .add(Integer.valueOf(record.value().replaceAll("\\D", "")));
        }
      }
    }
    return numbers;
  }
}
