package org.botoxfhir.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;
import static org.botoxfhir.testing.MadeUpEvents.event;
import static org.botoxfhir.testing.MadeUpEvents.newKey;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.botoxfhir.dev.EmbeddedKafka;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.outbox.EventSink.EventSinkException;
import org.botoxfhir.outbox.Replays.Outcome;
import org.botoxfhir.outbox.Replays.Period;
import org.botoxfhir.outbox.Replays.Request;
import org.botoxfhir.outbox.Replays.Which;
import org.botoxfhir.testing.Events;
import org.botoxfhir.testing.MadeUpEvents;
import org.botoxfhir.testing.Replica;
import org.botoxfhir.testing.TestDatabase;
import org.botoxfhir.testing.TestServers;
import org.botoxfhir.testing.Topics;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ReplaysTest {
  private final TestDatabase database = TestServers.newDatabase();
  private final List<AutoCloseable> opened = new ArrayList<>();
  private final Events events = opened(new Events(TestServers.bootstrapServers()));

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable one : opened.reversed()) {
      one.close();
    }
  }

  @Test
  void aTopicThatDoesNotExistOrIsNotForEventsIsRefusedInWordsAndNothingIsSent() throws Exception {
    Replica replica = replica(Map.of("botox.kafka.create-topics", "false"));
    String key = newKey();
    published(replica, event(key, 1));
    String missing = "botox.missing-" + UUID.randomUUID();

    assertThat(replica.replays().replay(ofKey(key, missing)))
        .isEqualTo(new Outcome.Refused(
            "topic %s does not exist: create it, or set botox.kafka.create-topics=true"
                .formatted(missing)));
    for (String bad :
        List.of("", ".", "..", "a b", "x".repeat(250), "é", "'; drop table resource")) {
      assertThat(replica.replays().replay(ofKey(key, bad)))
          .isInstanceOfSatisfying(
              Outcome.Refused.class,
              refused -> assertThat(refused.why()).contains("no name of a topic"));
    }
    for (String other : List.of("botox.outbox-positions.v1", "__consumer_offsets")) {
      assertThat(replica.replays().replay(ofKey(key, other)))
          .isEqualTo(new Outcome.Refused("topic %s is not for events".formatted(other)));
    }
    assertThat(replica.gauge("botox.outbox.rows")).isZero();
  }

  @Test
  void whileKafkaIsAwayNothingIsSentAndTheOperatorIsTold() throws Exception {
    published(replica(Map.of()), event(newKey(), 1));
    Replica alone = replica(Map.of(
        "botox.kafka.bootstrap-servers", "127.0.0.1:" + EmbeddedKafka.freePort(),
        "botox.kafka.properties.request.timeout.ms", "1000",
        "botox.kafka.properties.default.api.timeout.ms", "2000"));
    assertThatExceptionOfType(EventSinkException.class)
        .isThrownBy(() -> alone.replays().replay(everything(null, 0, 100)));
  }

  @Test
  void aPatientsEventsAreSentAgainInOrderEachOnceMarkedAndWithTheirIds() throws Exception {
    Replica replica = replica(Map.of());
    String key = newKey();
    String other = newKey();
    published(replica, event(key, 1), event(other, 1), event(key, 2), event(key, 3));

    assertThat(replica.replays().replay(ofKey(key, null))).isEqualTo(new Outcome.Complete(3));
    published(replica, event(other, 2));
    published(replica, event(key, 4));

    assertThat(numbers(MadeUpEvents.TOPIC, key, true)).containsExactly(1, 2, 3);
    assertThat(numbers(MadeUpEvents.TOPIC, key, false)).containsExactly(1, 2, 3, 4);
    assertThat(numbers(MadeUpEvents.TOPIC, other, true)).isEmpty();
    assertThat(events.seen().stream()
            .filter(event -> event.record().key().equals(key) && isReplay(event))
            .map(event -> event.header("ce_id").orElseThrow()))
        .containsExactly(event(key, 1).id(), event(key, 2).id(), event(key, 3).id());
    assertThat(replica
            .metrics()
            .get("botox.events.replayed")
            .tag("topic", MadeUpEvents.TOPIC)
            .counter()
            .count())
        .isEqualTo(3);
    assertThat(replica.metrics().get("botox.events.publish").timer().count())
        .as("replays are no measure of how fast reports are published")
        .isEqualTo(6);
    // What is sent again is kept once: a further replay sends each event once, not twice.
    assertThat(replica.replays().replay(ofKey(key, null))).isEqualTo(new Outcome.Complete(4));
  }

  @Test
  void aResourcesEventsGoToANamedTopicAndThoseOfAResourceWithALongerIdDoNot() throws Exception {
    Replica replica = replica(Map.of());
    String id = newKey();
    published(replica, event(id, 1), event(id + "0", 1), event(id, 2), event(id + "-1", 1));
    String topic = "botox.replayed-" + UUID.randomUUID();

    assertThat(replica
            .replays()
            .replay(new Request(
                new Which.OfResource(new ResourceKey("QuestionnaireResponse", id)),
                null,
                topic,
                0,
                10)))
        .isEqualTo(new Outcome.Complete(2));
    await("both").until(() -> {
      events.await("one", event -> event.record().topic().equals(topic));
      return numbers(topic, id, true).size() == 2;
    });
    assertThat(numbers(topic, id, true)).containsExactly(1, 2);
    assertThat(replica
            .replays()
            .replay(new Request(
                new Which.OfResource(new ResourceKey("Observation", id)), null, topic, 0, 10)))
        .isEqualTo(new Outcome.Complete(0));
  }

  @Test
  void aPeriodIsByCommitAndBeginsAtItsStartAndEndsBeforeItsEnd() throws Exception {
    Replica replica = replica(Map.of());
    String key = newKey();
    published(replica, event(key, 1), event(key, 2), event(key, 3));
    Instant noon = Instant.parse("2026-03-01T12:00:00Z");
    for (int number = 1; number <= 3; number++) {
      committedAt(replica, event(key, number), noon.plusSeconds(number));
    }

    assertThat(replica
            .replays()
            .replay(everything(new Period(noon.plusSeconds(2), noon.plusSeconds(3)), 0, 100)))
        .isEqualTo(new Outcome.Complete(1));
    published(replica, event(key, 4));
    assertThat(numbers(MadeUpEvents.TOPIC, key, true)).containsExactly(2);
    assertThat(replica
            .replays()
            .replay(everything(new Period(noon.plusSeconds(10), noon.plusSeconds(11)), 0, 100)))
        .isEqualTo(new Outcome.Complete(0));
  }

  @Test
  void aClockThatJumpedBackDoesNotReorderAReplay() throws Exception {
    Replica replica = replica(Map.of());
    String key = newKey();
    published(replica, event(key, 1), event(key, 2), event(key, 3));
    Instant noon = Instant.parse("2026-03-01T12:00:00Z");
    committedAt(replica, event(key, 1), noon.plusSeconds(30));
    committedAt(replica, event(key, 2), noon.plusSeconds(10));
    committedAt(replica, event(key, 3), noon.plusSeconds(20));

    assertThat(replica.replays().replay(everything(new Period(noon, noon.plusSeconds(60)), 0, 100)))
        .isEqualTo(new Outcome.Complete(3));
    published(replica, event(key, 4));
    assertThat(numbers(MadeUpEvents.TOPIC, key, true)).containsExactly(1, 2, 3);
  }

  @Test
  void callsWithALimitGoOnWhereTheFormerPausedAndTogetherSendEachEventOnceInOrder()
      throws Exception {
    Replica replica = replica(Map.of());
    List<String> keys = Stream.generate(MadeUpEvents::newKey).limit(5).toList();
    Instant before = Instant.now().minusSeconds(60);
    for (int number = 1; number <= 300; number++) {
      int one = number;
      replica.commit(keys.stream().map(key -> event(key, one)).toArray(NewEvent[]::new));
    }
    published(replica, event(newKey(), 1));
    Period period = new Period(before, Instant.now().plusSeconds(60));

    List<Long> sent = new ArrayList<>();
    long after = 0;
    while (replica.replays().replay(everything(period, after, 700))
        instanceof Outcome.Paused paused) {
      assertThat(paused.why()).isEqualTo("the limit is reached");
      sent.add(paused.events());
      after = paused.after();
    }
    for (String key : keys) {
      events.await(
          "the last one again",
          event -> isReplay(event)
              && event.header("ce_id").filter(event(key, 300).id()::equals).isPresent());
    }

    assertThat(sent).containsExactly(700L, 700L);
    for (String key : keys) {
      assertThat(numbers(MadeUpEvents.TOPIC, key, true))
          .containsExactlyElementsOf(IntStream.rangeClosed(1, 300).boxed().toList());
    }
  }

  @Test
  void aReplayLeavesHalfOfTheOutboxToReportsWhileNobodyPublishesAndSaysSo() throws Exception {
    Replica publisher = replica(Map.of());
    String key = newKey();
    published(
        publisher,
        IntStream.rangeClosed(1, 100)
            .mapToObj(number -> event(key, number))
            .toArray(NewEvent[]::new));
    TestServers.Broker away = opened(TestServers.newBroker());
    publisher.close();
    Replica replica = replica(Map.of(
        "botox.kafka.bootstrap-servers", away.bootstrapServers(), "botox.outbox.max-rows", "40"));
    // Nothing is published: another publisher seems to be there.
    try (var connection = database.connect().getConnection()) {
      await().until(replica::leads);
      hold(connection, replica);
      assertThat(replica.replays().replay(ofKey(key, null)))
          .isInstanceOfSatisfying(Outcome.Paused.class, paused -> {
            assertThat(paused.events()).isEqualTo(20);
            assertThat(paused.why()).isEqualTo("20 events wait for Kafka");
          });
      replica.commit(IntStream.rangeClosed(1, 20)
          .mapToObj(number -> event(newKey(), number))
          .toArray(NewEvent[]::new));
    }
  }

  @Test
  void aTopicThatIsDeletedBeforeAReplayArrivesHoldsUpNoReport() throws Exception {
    String topic = "botox.deleted-" + UUID.randomUUID();
    String key = newKey();
    try (Replica replica = replica(Map.of())) {
      published(replica, event(key, 1));
    }
    try (Replica alone = Replica.appendingOnly(database, Map.of())) {
      alone.jdbc().sql("""
              insert into outbox_event (shard, sequence, topic, type, event_id, subject, time, key, data, replay)
              select s.shard, s.last_sequence + 1, ?, p.type, p.event_id, p.subject, p.time, p.key, p.data, true
              from outbox_published p join outbox_shard s on s.shard = p.shard where p.key = ?
              """).params(topic, key).update();
      alone
          .jdbc()
          .sql(
              "update outbox_shard s set last_sequence = last_sequence + 1 from outbox_published p where s.shard = p.shard")
          .update();
      alone.commit(event(key, 2));
    }
    Replica replica = replica(Map.of("botox.kafka.create-topics", "false"));
    events.await(event(key, 2).subject());
    await().until(() -> replica.parked().count(topic) == 1);
    assertThat(replica.parked().list(topic, 0, 10)).singleElement().satisfies(parked -> {
      assertThat(parked.replay()).isTrue();
      assertThat(parked.reason()).contains("topic %s does not exist".formatted(topic));
    });
  }

  @Test
  void aReplayIntoATopicThatMayNotBeWrittenIsParkedAndHoldsUpNoReport() throws Exception {
    String topic = "botox.read-only-" + UUID.randomUUID();
    Topics.create(TestServers.bootstrapServers(), topic, Map.of());
    Topics.forbidWriting(TestServers.bootstrapServers(), topic);
    Replica replica = replica(Map.of());
    String key = newKey();
    published(replica, event(key, 1));

    assertThat(replica.replays().replay(ofKey(key, topic))).isEqualTo(new Outcome.Complete(1));
    published(replica, event(key, 2));

    assertThat(replica.parked().list(topic, 0, 10)).singleElement().satisfies(parked -> {
      assertThat(parked.replay()).isTrue();
      assertThat(parked.reason()).contains("TopicAuthorizationException");
    });
  }

  /** Ends the replica's tenure and takes its lock, as a publisher elsewhere would. */
  private static void hold(java.sql.Connection connection, Replica replica) throws Exception {
    try (var statement = connection.createStatement()) {
      statement.execute("""
          select pg_terminate_backend(l.pid) from pg_locks l
          where l.locktype = 'advisory' and l.database = (select oid from pg_database where datname = current_database())
          """);
      statement.execute("select pg_advisory_lock(%d)".formatted(0x626f746f785f6f62L));
    }
    await().until(() -> !replica.leads());
  }

  private static Request ofKey(String key, @Nullable String topic) {
    return new Request(new Which.OfKey(key), null, topic, 0, 100_000);
  }

  private static Request everything(@Nullable Period period, long after, int limit) {
    return new Request(new Which.Everything(), period, null, after, limit);
  }

  private static void committedAt(Replica replica, NewEvent event, Instant time) {
    assertThat(replica
            .jdbc()
            .sql("update outbox_published set created_at = ? where event_id = ?")
            .params(java.sql.Timestamp.from(time), event.id())
            .update())
        .isEqualTo(1);
  }

  /** Commits events and waits until they, and all before them, are published and retired. */
  private void published(Replica replica, NewEvent... committed) {
    replica.commit(committed);
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> replica
            .jdbc()
            .sql("select count(*) from outbox_event")
            .query(Long.class)
            .single()
            .equals(0L));
    events.await(
        "the last one",
        event -> event
            .header("ce_id")
            .filter(committed[committed.length - 1].id()::equals)
            .isPresent());
  }

  private Replica replica(Map<String, String> more) {
    var settings = new HashMap<>(Map.of(
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

  private static boolean isReplay(Events.Event event) {
    return event.header("ce_replay").filter("true"::equals).isPresent();
  }

  private List<Integer> numbers(String topic, String key, boolean replay) {
    return events.seen().stream()
        .filter(event -> event.record().topic().equals(topic)
            && key.equals(event.record().key())
            && isReplay(event) == replay)
        .map(event -> event.json().get("number").asInt())
        .toList();
  }
}
