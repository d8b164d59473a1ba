package org.botoxfhir.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;
import static org.botoxfhir.testing.MadeUpEvents.event;
import static org.botoxfhir.testing.MadeUpEvents.newKey;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.testing.Replica;
import org.botoxfhir.testing.TestServers;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.transaction.IllegalTransactionStateException;

class OutboxTest {
  private static final Replica replica =
      Replica.appendingOnly(TestServers.newDatabase(), Map.of("botox.outbox.max-rows", "5000"));

  @AfterAll
  static void stop() {
    replica.close();
  }

  @BeforeEach
  void empty() {
    replica.jdbc().sql("truncate outbox_event").update();
    replica.jdbc().sql("update outbox_shard set last_sequence = 0").update();
  }

  @Test
  void anEventWithoutATransactionIsRefused() {
    assertThatExceptionOfType(IllegalTransactionStateException.class)
        .isThrownBy(() -> replica.outbox().append(List.of(event(newKey(), 1))));
    assertThat(sequences()).isEmpty();
  }

  @Test
  void aTransactionThatRollsBackLeavesNeitherEventNorGap() {
    String key = newKey();
    replica.commit(event(key, 1));
    replica.transaction().executeWithoutResult(status -> {
      replica.outbox().append(List.of(event(key, 2)));
      status.setRollbackOnly();
    });
    replica.commit(event(key, 3));
    assertThat(sequences()).containsExactly(1L, 2L);
  }

  @Test
  void anEventIsKeptAsItWasGiven() {
    String trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    NewEvent plain = event(newKey(), 1);
    var given = new NewEvent(
        plain.topic(),
        plain.type(),
        plain.id(),
        plain.subject(),
        plain.time(),
        plain.key(),
        "{\"text\":\"é\\\\ {,} 'x'\"}",
        trace);
    replica.commit(given);
    assertThat(read()).extracting(OutboxEvent::event).containsExactly(given);
  }

  @Test
  void aLaterWriterOfTheSameKeyWaitsForTheEarlierSoThatNoNumberCommitsOutOfOrder()
      throws Exception {
    String key = newKey();
    var appended = new CountDownLatch(1);
    var mayCommit = new CountDownLatch(1);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> earlier =
          threads.submit(() -> replica.transaction().executeWithoutResult(status -> {
            replica.outbox().append(List.of(event(key, 1)));
            appended.countDown();
            awaitUninterrupted(mayCommit);
          }));
      appended.await();
      Future<?> later = threads.submit(() -> replica.commit(event(key, 2)));
      await()
          .until(() -> replica
              .jdbc()
              .sql(
                  "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'")
              .query(Long.class)
              .single()
              .equals(1L));
      assertThat(sequences()).as("what the relay could read").isEmpty();
      mayCommit.countDown();
      earlier.get();
      later.get();
    }
    assertThat(read())
        .extracting(event -> event.event().data())
        .containsExactly("{\"number\":1}", "{\"number\":2}");
  }

  @Test
  void manyWritersWithKeysInAnyOrderAllCommitAndEveryShardHasNoGap() throws Exception {
    List<String> keys = Stream.generate(() -> newKey()).limit(40).toList();
    int transactions = 400;
    var random = new Random(7);
    try (var threads = Executors.newFixedThreadPool(8)) {
      List<Future<?>> commits = new ArrayList<>();
      for (int i = 0; i < transactions; i++) {
        List<NewEvent> events = new ArrayList<>();
        for (String key : keys.subList(random.nextInt(35), 40)) {
          events.add(event(key, i));
        }
        Collections.shuffle(events, random);
        List<NewEvent> few = events.subList(0, Math.min(events.size(), 5));
        commits.add(threads.submit(() -> replica.commit(few.toArray(NewEvent[]::new))));
      }
      for (Future<?> commit : commits) {
        commit.get();
      }
    }
    var gaps = replica.jdbc().sql("""
            select s.shard from outbox_shard s
            left join (select shard, count(*) as events, max(sequence) as last from outbox_event group by shard) e
              on e.shard = s.shard
            where s.last_sequence <> coalesce(e.events, 0) or s.last_sequence <> coalesce(e.last, 0)
            """).query(Long.class).list();
    assertThat(gaps).isEmpty();
    assertThat(sequences()).hasSizeGreaterThanOrEqualTo(transactions);
  }

  @Test
  void atTheBoundAWriteIsRefusedUntilThereIsRoomAgain() {
    String key = newKey();
    replica.commit(
        IntStream.range(0, 5000).mapToObj(number -> event(key, number)).toArray(NewEvent[]::new));

    assertThatExceptionOfType(FaultException.class)
        .isThrownBy(() -> replica.commit(event(key, 5000)))
        .satisfies(
            refused -> assertThat(refused.fault()).isEqualTo(new Fault.OutboxFull(5000, 5000)));
    assertThat(sequences()).hasSize(5000);

    replica.jdbc().sql("delete from outbox_event where sequence <= 10").update();
    replica.commit(event(key, 5000));
    assertThat(sequences()).hasSize(4991);
  }

  @Test
  void rowsAndAgeOfTheOldestEventAreMeasured() {
    replica.commit(event(newKey(), 1), event(newKey(), 1));
    replica
        .jdbc()
        .sql("update outbox_event set created_at = created_at - interval '1 hour'")
        .update();
    await().untilAsserted(() -> {
      assertThat(replica.gauge("botox.outbox.rows")).isEqualTo(2);
      assertThat(replica.gauge("botox.outbox.oldest.age")).isBetween(3600.0, 3700.0);
    });
  }

  private static List<Long> sequences() {
    return read().stream().map(OutboxEvent::sequence).toList();
  }

  private static List<OutboxEvent> read() {
    return replica
        .jdbc()
        .sql("select * from outbox_event order by shard, sequence")
        .query((row, number) -> new OutboxEvent(
            row.getInt("shard"),
            row.getLong("sequence"),
            new NewEvent(
                row.getString("topic"),
                row.getString("type"),
                row.getString("event_id"),
                row.getString("subject"),
                row.getTimestamp("time").toInstant(),
                row.getString("key"),
                row.getString("data"),
                row.getString("traceparent")),
            row.getBoolean("replay")))
        .list();
  }

  private static void awaitUninterrupted(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
