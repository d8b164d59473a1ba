package org.botoxfhir.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;
import static org.botoxfhir.testing.MadeUpEvents.event;
import static org.botoxfhir.testing.MadeUpEvents.large;
import static org.botoxfhir.testing.MadeUpEvents.newKey;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.consumer.ConsumerInterceptor;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerInterceptor;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.botoxfhir.outbox.EventSink.EventSinkException;
import org.botoxfhir.outbox.EventSink.Position;
import org.botoxfhir.outbox.EventSink.RefusedEventsException;
import org.botoxfhir.outbox.EventSink.Tenure;
import org.botoxfhir.outbox.NewEvent;
import org.botoxfhir.outbox.OutboxEvent;
import org.botoxfhir.testing.Events;
import org.botoxfhir.testing.Replica;
import org.botoxfhir.testing.TestDatabase;
import org.botoxfhir.testing.TestServers;
import org.botoxfhir.testing.Topics;
import org.botoxfhir.trace.Traces;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.health.contributor.Status;

/** What a {@code read_committed} consumer sees, whatever happens to publisher and database. */
class ExactlyOnceTest {
  private final List<AutoCloseable> opened = new ArrayList<>();
  private final Events events = opened(new Events(TestServers.bootstrapServers()));

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable one : opened.reversed()) {
      one.close();
    }
  }

  @Test
  void whatAPublisherSentAndDidNotRetireItsSuccessorDoesNotSendAgain() throws Exception {
    TestDatabase database = TestServers.newDatabase();
    String key = newKey();
    Replica died = replica(database);
    died.commit(event(key, 1), event(key, 2));
    died.commit(event(key, 3));
    events.await(event(key, 3).subject());
    await().until(() -> died.gauge("botox.outbox.rows") == 0);
    died.close();
    bringBack(database, key);

    Replica successor = replica(database);
    successor.commit(event(key, 4));
    events.await(event(key, 4).subject());
    assertThat(numbers(key)).containsExactly(1, 2, 3, 4);
    assertThat(
            successor.metrics().get("botox.outbox.duplicates.avoided").counter().count())
        .isEqualTo(3);
    assertThat(successor.metrics().get("botox.outbox.takeovers").counter().count())
        .isEqualTo(1);
  }

  @Test
  void aDatabaseThatWasSetBackToAnOlderStatePublishesItsEventsRatherThanTakingThemForPublished() {
    TestDatabase database = TestServers.newDatabase();
    String key = newKey();
    Replica before = replica(database);
    before.commit(event(key, 1), event(key, 2), event(key, 3));
    events.await(event(key, 3).subject());
    await().until(() -> before.gauge("botox.outbox.rows") == 0);
    // As the backup had it: only the first event was ever committed.
    before
        .jdbc()
        .sql("update outbox_shard set last_sequence = least(last_sequence, 1)")
        .update();
    before.close();
    try (Replica restored = Replica.appendingOnly(database, Map.of())) {
      restored.commit(event(key, 102), event(key, 103));
    }

    replica(database).commit(event(key, 104));
    events.await(event(key, 104).subject());
    assertThat(numbers(key)).containsExactly(1, 2, 3, 102, 103, 104);
  }

  @Test
  void aPublisherThatWasReplacedCanPublishNothingAnyMore() throws Exception {
    UUID outbox = UUID.randomUUID();
    String key = newKey();
    Tenure replaced = takeOver(outbox);
    replaced.publish(List.of(waiting(1, event(key, 1))));
    Tenure successor = takeOver(outbox);
    assertThat(successor.positions())
        .isEqualTo(Map.of(0, new Position(1, event(key, 1).id())));

    assertThatExceptionOfType(EventSinkException.class)
        .isThrownBy(() -> replaced.publish(List.of(waiting(2, event(key, 2)))));
    successor.publish(List.of(waiting(3, event(key, 3))));
    events.await(event(key, 3).subject());
    assertThat(numbers(key)).containsExactly(1, 3);
  }

  @Test
  void twoOutboxesOnOneKafkaKnowOnlyTheirOwnPositions() throws Exception {
    UUID one = UUID.randomUUID();
    UUID other = UUID.randomUUID();
    String key = newKey();
    takeOver(one).publish(List.of(waiting(7, event(key, 1))));
    assertThat(takeOver(other).positions()).isEmpty();
    assertThat(takeOver(one).positions())
        .isEqualTo(Map.of(0, new Position(7, event(key, 1).id())));
  }

  @Test
  void aRefusedEventIsNamedAndNothingOfItsBatchIsPublishedNorThePosition() throws Exception {
    String topic = Topics.forSmallEvents(TestServers.bootstrapServers());
    UUID outbox = UUID.randomUUID();
    String key = newKey();
    Tenure tenure = takeOver(outbox);
    OutboxEvent small = waiting(1, event(topic, key, 1));
    OutboxEvent large = waiting(2, large(topic, key, 2));

    assertThatExceptionOfType(RefusedEventsException.class)
        .isThrownBy(() -> tenure.publish(List.of(small, large)))
        .satisfies(refused -> {
          assertThat(refused.reasons()).containsOnlyKeys(large);
          assertThat(refused.reasons().get(large)).contains("TooLarge").doesNotContain(key);
        });
    tenure.publish(List.of(waiting(3, event(topic, key, 3))));
    events.await(event(topic, key, 3).subject());
    assertThat(numbers(key)).containsExactly(3);
    assertThat(takeOver(outbox).positions().get(0))
        .isEqualTo(new Position(3, event(topic, key, 3).id()));
  }

  @Test
  void theEventsBesideARefusedOneAreNotTakenForRefused() throws Exception {
    String key = newKey();
    Tenure tenure = takeOver(
        UUID.randomUUID(),
        Map.of("max.request.size", "2000", "interceptor.classes", TwoAreAnswered.class.getName()));
    OutboxEvent before = waiting(1, event(newKey(), 1));
    OutboxEvent large = waiting(2, large("botox.symptom-reports.v1", key, 2));
    OutboxEvent after = waiting(3, event(key, 3));

    assertThatExceptionOfType(RefusedEventsException.class)
        .isThrownBy(() -> tenure.publish(List.of(before, large, after)))
        .satisfies(refused -> assertThat(refused.reasons()).containsOnlyKeys(large));
    tenure.publish(List.of(before, after));
    // Partitions may arrive in any order.
    events.await(before.event().subject());
    events.await(event(key, 3).subject());
    assertThat(numbers(before.event().key())).containsExactly(1);
    assertThat(numbers(key)).containsExactly(3);
  }

  @Test
  void anEventThatKafkaRefusesForGoodIsParkedWithACopyAmongTheDeadLettersAndHoldsUpNobody()
      throws Exception {
    String topic = Topics.forSmallEvents(TestServers.bootstrapServers());
    Replica replica = replica(TestServers.newDatabase());
    String key = newKey();
    replica.commit(event(topic, key, 1), large(topic, key, 2), event(topic, key, 3));
    replica.commit(event(newKey(), 1), event(topic, key, 4));

    events.await(event(topic, key, 4).subject());
    Events.Event letter =
        events.await("a dead letter", event -> event.record().topic().equals(topic + ".dlq"));
    assertThat(numbers(key)).contains(1, 3, 4);
    assertThat(letter.header("ce_id")).contains(event(topic, key, 2).id());
    assertThat(letter.header("dead-letter-topic")).contains(topic);
    assertThat(letter.header("dead-letter-reason").orElseThrow()).contains("RecordTooLarge");
    assertThat(letter.record().value()).isEqualTo(large(topic, key, 2).data());
    await().until(() -> replica.gauge("botox.outbox.parked") == 1);
    await().until(() -> replica.gauge("botox.outbox.rows") == 0);
    await()
        .until(() -> replica
            .jdbc()
            .sql("select count(*) from outbox_parked where dead_lettered_at is not null")
            .query(Long.class)
            .single()
            .equals(1L));
  }

  @Test
  void anEventThatIsTooLargeForTheDeadLettersTooIsAnnouncedThereWithoutItsValue() throws Exception {
    String topic = Topics.forSmallEvents(TestServers.bootstrapServers());
    Topics.create(TestServers.bootstrapServers(), topic + ".dlq", 2000);
    Replica replica = replica(TestServers.newDatabase());
    String key = newKey();
    replica.commit(large(topic, key, 1));

    Events.Event letter =
        events.await("a dead letter", event -> event.record().topic().equals(topic + ".dlq"));
    assertThat(letter.record().key()).isEqualTo(key);
    assertThat(letter.header("ce_id")).contains(event(topic, key, 1).id());
    assertThat(letter.record().value()).isNull();
  }

  @Test
  void aPositionTopicThatForgetsByAgeIsRefusedByName() throws Exception {
    String positions = "botox.positions-" + UUID.randomUUID();
    Topics.create(TestServers.bootstrapServers(), positions, Map.of());
    Replica replica =
        replica(TestServers.newDatabase(), Map.of("botox.kafka.position-topic", positions));
    replica.commit(event(newKey(), 1));
    await().untilAsserted(() -> {
      assertThat(replica.kafkaHealth().getDetails().toString())
          .contains("topic %s has cleanup.policy=delete".formatted(positions));
      assertThat(replica.health("topics").getStatus()).isEqualTo(Status.DOWN);
      assertThat(replica.gauge("botox.outbox.rows")).isEqualTo(1);
    });
  }

  /** Holds the third record back until the first two have succeeded or failed. A consumer's too, since all clients get the setting. */
  public static final class TwoAreAnswered
      implements ProducerInterceptor<String, byte[]>, ConsumerInterceptor<String, byte[]> {
    private final CountDownLatch answered = new CountDownLatch(2);
    private int sent;

    @Override
    public ProducerRecord<String, byte[]> onSend(ProducerRecord<String, byte[]> record) {
      if (++sent == 3) {
        await().until(() -> answered.getCount() == 0);
      }
      return record;
    }

    @Override
    public void onAcknowledgement(@Nullable RecordMetadata metadata, @Nullable Exception failure) {
      answered.countDown();
    }

    @Override
    public ConsumerRecords<String, byte[]> onConsume(ConsumerRecords<String, byte[]> records) {
      return records;
    }

    @Override
    public void onCommit(Map<TopicPartition, OffsetAndMetadata> offsets) {}

    @Override
    public void configure(Map<String, ?> settings) {}

    @Override
    public void close() {}
  }

  /** As if the publisher had died before it retired anything: what it published waits again, under the same numbers. */
  private static void bringBack(TestDatabase database, String key) {
    try (Replica replica = Replica.appendingOnly(database, Map.of())) {
      assertThat(replica.jdbc().sql("""
              insert into outbox_event (shard, sequence, topic, type, event_id, subject, time, key, data)
              select s.shard, row_number() over (order by p.created_at, p.event_id),
                p.topic, p.type, p.event_id, p.subject, p.time, p.key, p.data
              from outbox_published p, outbox_shard s where p.key = ? and s.last_sequence = 3
              """).param(key).update()).isEqualTo(3);
    }
  }

  private KafkaSettings settings(Map<String, String> properties) {
    return new KafkaSettings(
        TestServers.bootstrapServers(),
        URI.create("/test"),
        List.of(),
        "botox.outbox-positions.v1",
        true,
        3,
        (short) -1,
        properties);
  }

  private Tenure takeOver(UUID outbox) throws Exception {
    return takeOver(outbox, Map.of());
  }

  private Tenure takeOver(UUID outbox, Map<String, String> properties) throws Exception {
    KafkaSettings settings = settings(properties);
    var clients = new KafkaClients(settings);
    return opened(new KafkaEventSink(
            settings,
            clients,
            new KafkaTopics(settings, clients),
            new PositionTopic(settings, clients),
            new EventRecords(settings),
            new KafkaState(),
            new Publications(new SimpleMeterRegistry(), Traces.off()))
        .takeOver(outbox));
  }

  private static OutboxEvent waiting(long sequence, NewEvent event) {
    return new OutboxEvent(0, sequence, event, false);
  }

  private Replica replica(TestDatabase database) {
    return replica(database, Map.of());
  }

  private Replica replica(TestDatabase database, Map<String, String> more) {
    var settings = new java.util.HashMap<>(Map.of(
        "botox.kafka.bootstrap-servers",
        TestServers.bootstrapServers(),
        "botox.kafka.create-topics",
        "true"));
    settings.putAll(more);
    return opened(Replica.publishing(database, settings));
  }

  private <T extends AutoCloseable> T opened(T one) {
    opened.add(one);
    return one;
  }

  private List<Integer> numbers(String key) {
    return events.seen().stream()
        .filter(
            event -> event.record().key().equals(key) && !event.record().topic().endsWith(".dlq"))
        .map(event -> event.json().get("number").asInt())
        .toList();
  }
}
