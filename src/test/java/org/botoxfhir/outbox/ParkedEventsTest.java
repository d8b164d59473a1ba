package org.botoxfhir.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;
import static org.botoxfhir.testing.MadeUpEvents.event;
import static org.botoxfhir.testing.MadeUpEvents.newKey;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.testing.Events;
import org.botoxfhir.testing.MadeUpEvents;
import org.botoxfhir.testing.Replica;
import org.botoxfhir.testing.TestDatabase;
import org.botoxfhir.testing.TestServers;
import org.botoxfhir.testing.Topics;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ParkedEventsTest {
  private final TestDatabase database = TestServers.newDatabase();
  private final List<AutoCloseable> opened = new ArrayList<>();
  private final Events events = opened(new Events(TestServers.bootstrapServers()));
  private final String topic = Topics.forSmallEvents(TestServers.bootstrapServers());
  private final String key = newKey();
  private Replica replica;

  @BeforeEach
  void start() {
    replica = opened(Replica.publishing(
        database,
        Map.of(
            "botox.kafka.bootstrap-servers",
            TestServers.bootstrapServers(),
            "botox.kafka.create-topics",
            "true",
            "botox.outbox.max-rows",
            "1000")));
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable one : opened.reversed()) {
      one.close();
    }
  }

  @Test
  void whatIsNotParkedCanNeitherGoBackNorBeDropped() {
    assertThat(replica.parked().unpark(1)).isFalse();
    assertThat(replica.parked().drop(1)).isFalse();
    assertThat(replica.parked().unparkAll(null)).isZero();
    assertThat(replica.parked().list(null, 0, 10)).isEmpty();
  }

  @Test
  void anEventThatIsStillRefusedIsParkedAgain() {
    park(1);
    long id = replica.parked().list(topic, 0, 10).getFirst().id();
    assertThat(replica.parked().unpark(id)).isTrue();
    await().until(() -> replica.parked().count(topic) == 1);
    assertThat(replica.parked().list(topic, 0, 10).getFirst().id()).isGreaterThan(id);
  }

  @Test
  void aFullOutboxTakesNoneBackAndLosesNone() {
    park(1);
    replica.close();
    try (Replica alone = Replica.appendingOnly(database, Map.of("botox.outbox.max-rows", "3"))) {
      alone.commit(event(newKey(), 1), event(newKey(), 1), event(newKey(), 1));
      long id = alone.parked().list(topic, 0, 10).getFirst().id();
      assertThatExceptionOfType(FaultException.class)
          .isThrownBy(() -> alone.parked().unpark(id));
      assertThat(alone.parked().count(topic)).isEqualTo(1);
    }
  }

  @Test
  void ofManyOperatorsAtOnceOneSendsTheEventBackAndItIsPublishedOnceAsAnOrdinaryEvent()
      throws Exception {
    park(1);
    allowLargeEvents();
    long id = replica.parked().list(topic, 0, 10).getFirst().id();
    int operators = 8;
    var together = new CyclicBarrier(operators);
    List<Callable<Boolean>> calls = new ArrayList<>();
    for (int i = 0; i < operators; i++) {
      boolean one = i % 2 == 0;
      calls.add(() -> {
        together.await();
        return one ? replica.parked().unpark(id) : replica.parked().unparkAll(topic) == 1;
      });
    }
    List<Boolean> did = new ArrayList<>();
    try (var threads = Executors.newFixedThreadPool(operators)) {
      for (var call : threads.invokeAll(calls)) {
        did.add(call.get());
      }
    }
    replica.commit(event(topic, key, 2));
    events.await(event(topic, key, 2).subject());

    assertThat(did).containsOnlyOnce(true);
    assertThat(published()).containsExactly(large(1).id(), event(topic, key, 2).id());
    assertThat(events.await(event(topic, key, 1).subject()).header("ce_replay")).isEmpty();
  }

  @Test
  void theParkedEventsOfATopicGoBackInTheOrderInWhichTheyWereCommitted() throws Exception {
    park(3, 1, 2, 5, 4);
    allowLargeEvents();

    assertThat(replica.parked().unparkAll("botox.another")).isZero();
    assertThat(replica.parked().unparkAll(topic)).isEqualTo(5);
    replica.commit(event(topic, key, 6));
    events.await(event(topic, key, 6).subject());
    assertThat(published())
        .containsExactly(
            large(3).id(),
            large(1).id(),
            large(2).id(),
            large(5).id(),
            large(4).id(),
            event(topic, key, 6).id());
    assertThat(replica.parked().count(null)).isZero();
  }

  @Test
  void aDroppedEventIsNeverPublishedAndDroppedOnce() throws Exception {
    park(1);
    allowLargeEvents();
    long id = replica.parked().list(topic, 0, 10).getFirst().id();
    assertThat(replica.parked().drop(id)).isTrue();
    assertThat(replica.parked().drop(id)).isFalse();
    assertThat(replica.parked().unpark(id)).isFalse();
    replica.commit(event(topic, key, 2));
    events.await(event(topic, key, 2).subject());
    assertThat(published()).containsExactly(event(topic, key, 2).id());
  }

  @Test
  void aListedEventShowsWhyItIsParkedAndNeitherKeyNorData() {
    park(1, 2);
    await()
        .until(() -> replica.parked().list(topic, 0, 10).stream()
            .allMatch(ParkedEvents.Entry::deadLettered));
    List<ParkedEvents.Entry> listed = replica.parked().list(topic, 0, 10);
    assertThat(listed)
        .extracting(ParkedEvents.Entry::eventId)
        .containsExactlyInAnyOrder(large(1).id(), large(2).id());
    assertThat(listed).allSatisfy(entry -> {
      assertThat(entry.reason()).contains("RecordTooLarge");
      assertThat(entry.replay()).isFalse();
      assertThat(entry.toString()).doesNotContain("noise");
    });
    assertThat(replica.parked().list(topic, listed.getFirst().id(), 10))
        .containsExactly(listed.getLast());
    assertThat(replica.parked().list("botox.another", 0, 10)).isEmpty();
  }

  private void park(int... numbers) {
    replica.commit(IntStream.of(numbers).mapToObj(this::large).toArray(NewEvent[]::new));
    await().until(() -> replica.parked().count(topic) == numbers.length);
  }

  private void allowLargeEvents() throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", TestServers.bootstrapServers()))) {
      var resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
      admin
          .incrementalAlterConfigs(Map.of(
              resource,
              List.of(new AlterConfigOp(
                  new ConfigEntry(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, "1000000"),
                  AlterConfigOp.OpType.SET))))
          .all()
          .get();
      await()
          .until(() -> admin.describeConfigs(List.of(resource)).all().get().values().stream()
              .anyMatch(config -> "1000000"
                  .equals(config.get(TopicConfig.MAX_MESSAGE_BYTES_CONFIG).value())));
    }
  }

  private NewEvent large(int number) {
    return MadeUpEvents.large(topic, key, number);
  }

  private List<String> published() {
    return events.seen().stream()
        .filter(event -> event.record().topic().equals(topic))
        .map(event -> event.header("ce_id").orElseThrow())
        .toList();
  }

  private <T extends AutoCloseable> T opened(T one) {
    opened.add(one);
    return one;
  }
}
