package org.botoxfhir.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.botoxfhir.testing.MadeUpEvents.event;
import static org.botoxfhir.testing.MadeUpEvents.newKey;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.botoxfhir.testing.Events;
import org.botoxfhir.testing.MadeUpEvents;
import org.botoxfhir.testing.Replica;
import org.botoxfhir.testing.TestDatabase;
import org.botoxfhir.testing.TestServers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RelayTest {
  /** So long that a test can only pass by signal and notification. */
  private static final String NEVER = "1h";

  private final TestDatabase database = TestServers.newDatabase();
  private final List<Replica> replicas = new ArrayList<>();
  private Events events;

  @BeforeEach
  void consume() {
    events = new Events(TestServers.bootstrapServers());
  }

  @AfterEach
  void stop() {
    replicas.forEach(Replica::close);
    events.close();
  }

  @Test
  void aRolledBackTransactionPublishesNothing() {
    Replica replica = replica(NEVER);
    String key = newKey();
    replica.transaction().executeWithoutResult(status -> {
      replica.outbox().append(List.of(event(key, 1)));
      status.setRollbackOnly();
    });
    replica.commit(event(key, 2));

    assertThat(events.await(event(key, 2).subject()).record().key()).isEqualTo(key);
    assertThat(numbers(key))
        .as("events of the key, the later one being the first")
        .containsExactly(2);
  }

  @Test
  void orderPerKeyIsCommitOrderHoweverManyCommitAtOnceAndNoneIsSkipped() throws Exception {
    Replica replica = replica(NEVER);
    List<String> keys = Stream.generate(MadeUpEvents::newKey).limit(24).toList();
    int perKey = 30;
    replica
        .jdbc()
        .sql("create table counter (key text primary key, number int not null)")
        .update();
    keys.forEach(key ->
        replica.jdbc().sql("insert into counter values (?, 0)").param(key).update());

    try (var threads = Executors.newFixedThreadPool(8)) {
      List<Future<?>> commits = new ArrayList<>();
      for (int i = 0; i < perKey; i++) {
        for (String key : keys) {
          commits.add(threads.submit(() -> replica.transaction().executeWithoutResult(status -> {
            // The row's lock makes the numbers of a key follow the commits of its transactions.
            int number = replica
                .jdbc()
                .sql("update counter set number = number + 1 where key = ? returning number")
                .param(key)
                .query(Integer.class)
                .single();
            replica.outbox().append(List.of(event(key, number)));
          })));
        }
      }
      for (Future<?> commit : commits) {
        commit.get();
      }
    }

    for (String key : keys) {
      events.await(event(key, perKey).subject());
      assertThat(numbers(key))
          .containsExactlyElementsOf(IntStream.rangeClosed(1, perKey).boxed().toList());
    }
  }

  @Test
  void publishedEventsAreDeletedAndCounted() {
    Replica replica = replica(NEVER);
    String key = newKey();
    replica.commit(event(key, 1), event(key, 2));

    events.await(event(key, 2).subject());
    await().untilAsserted(() -> assertThat(rows(replica)).isZero());
    var tags = List.of("topic", MadeUpEvents.TOPIC, "type", MadeUpEvents.TYPE);
    assertThat(replica
            .metrics()
            .get("botox.events.published")
            .tags(tags.toArray(String[]::new))
            .counter()
            .count())
        .isEqualTo(2);
    assertThat(replica.metrics().get("botox.events.publish").timer().count()).isEqualTo(2);
  }

  @Test
  void eventsThatWereCommittedWhileNobodyPublishedArrive() {
    String key = newKey();
    try (Replica alone = Replica.appendingOnly(database, Map.of())) {
      alone.commit(event(key, 1), event(key, 2), event(key, 3));
    }
    replica(NEVER);
    events.await(event(key, 3).subject());
    assertThat(numbers(key)).containsExactly(1, 2, 3);
  }

  @Test
  void ofTwoReplicasOnePublishesWhatBothCommit() {
    Replica first = replica(NEVER);
    await().until(first::leads);
    Replica second = replica(NEVER);
    String key = newKey();
    second.commit(event(key, 1));
    events.await(event(key, 1).subject());
    first.commit(event(key, 2));
    events.await(event(key, 2).subject());
    assertThat(first.leads()).isTrue();
    assertThat(second.leads()).isFalse();
    assertThat(second.metrics().find("botox.events.published").counter()).isNull();
  }

  @Test
  void whenThePublisherStopsTheOtherTakesOver() {
    Replica first = replica("1s");
    await().until(first::leads);
    Replica second = replica("1s");
    first.close();
    String key = newKey();
    second.commit(event(key, 1));
    events.await(event(key, 1).subject());
    assertThat(second.leads()).isTrue();
  }

  @Test
  void aPublisherThatLosesItsConnectionIsReplacedAndLosesNoEvent() {
    Replica first = replica("1s");
    Replica second = replica("1s");
    await().until(() -> first.leads() || second.leads());
    String key = newKey();
    first.commit(event(key, 1));
    events.await(event(key, 1).subject());

    int killed = first.jdbc().sql("""
            select count(pg_terminate_backend(l.pid)) from pg_locks l
            where l.locktype = 'advisory' and l.granted
              and l.database = (select oid from pg_database where datname = current_database())
            """).query(Integer.class).single();
    assertThat(killed).isEqualTo(1);
    first.commit(event(key, 2));
    second.commit(event(key, 3));

    events.await(event(key, 3).subject());
    await().atMost(Duration.ofSeconds(30)).until(() -> first.leads() != second.leads());
    assertThat(numbers(key)).containsExactly(1, 2, 3);
  }

  @Test
  void manyEventsLeaveASmallTableAndWhatMayHaveToBeSentAgain() {
    Replica replica = replica("1s");
    int transactions = 60;
    int each = 500;
    // Of many patients: those of one go out a few at a time.
    List<String> keys = Stream.generate(MadeUpEvents::newKey).limit(each).toList();
    for (int i = 0; i < transactions; i++) {
      int number = i;
      replica.commit(keys.stream().map(key -> event(key, number)).toArray(NewEvent[]::new));
      if (i % 10 == 9) {
        await().until(() -> rows(replica) == 0);
      }
    }
    assertThat(replica
            .jdbc()
            .sql("select pg_total_relation_size('outbox_event')")
            .query(Long.class)
            .single())
        .isLessThan(10_000_000);
    assertThat(replica
            .jdbc()
            .sql("select count(*) from outbox_published")
            .query(Integer.class)
            .single())
        .isEqualTo(transactions * each);
  }

  @Test
  void publishedEventsAreForgottenOnceTheyAreOldEnough() {
    String key = newKey();
    try (Replica before = Replica.publishing(database, kafka("1s"))) {
      before.commit(event(key, 1), event(key, 2));
      await().until(() -> rows(before) == 0);
      before
          .jdbc()
          .sql(
              "update outbox_published set created_at = created_at - interval '91 days' where event_id = ?")
          .param(event(key, 1).id())
          .update();
    }
    Replica replica = replica("1s");
    await()
        .untilAsserted(() -> assertThat(replica
                .jdbc()
                .sql("select event_id from outbox_published")
                .query(String.class)
                .list())
            .containsExactly(event(key, 2).id()));
  }

  private Replica replica(String poll) {
    Replica replica = Replica.publishing(database, kafka(poll));
    replicas.add(replica);
    return replica;
  }

  private static Map<String, String> kafka(String poll) {
    return Map.of(
        "botox.kafka.bootstrap-servers",
        TestServers.bootstrapServers(),
        "botox.kafka.create-topics",
        "true",
        "botox.outbox.poll",
        poll,
        "botox.outbox.leader-retry",
        "500ms");
  }

  private List<Integer> numbers(String key) {
    return events.seen().stream()
        .filter(event -> event.record().key().equals(key))
        .map(event -> event.json().get("number").asInt())
        .toList();
  }

  private static long rows(Replica replica) {
    return replica
        .jdbc()
        .sql("select count(*) from outbox_event")
        .query(Long.class)
        .single();
  }
}
