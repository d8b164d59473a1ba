package org.botoxfhir.faults;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.botoxfhir.testing.Events;
import org.jspecify.annotations.Nullable;

/** A {@code read_committed} consumer of all event topics that reads on through whatever happens to the broker, and what it has seen. */
final class SeenEvents implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(100);

  private final String bootstrapServers;
  private final KafkaConsumer<String, String> consumer;

  /** The thread's own until it has ended. */
  private final List<Seen> seen = new ArrayList<>();

  private final List<TopicPartition> partitions;
  private final AtomicInteger count = new AtomicInteger();
  private final Thread thread;
  private volatile @Nullable Map<TopicPartition, Long> end;
  private volatile @Nullable RuntimeException failure;

  /**
   * One record.
   *
   * @param arrivedAt epoch milliseconds at which the consumer had it
   */
  record Seen(String topic, int partition, String key, String id, String subject, long arrivedAt) {
    static Seen of(ConsumerRecord<String, String> record, long arrivedAt) {
      return new Seen(
          record.topic(),
          record.partition(),
          record.key(),
          header(record, "ce_id"),
          header(record, "ce_subject"),
          arrivedAt);
    }

    boolean isDeadLetter() {
      return topic.endsWith(".dlq");
    }

    private static String header(ConsumerRecord<String, String> record, String name) {
      return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
    }
  }

  /** Reads from the beginning, once all of these topics exist. */
  SeenEvents(String bootstrapServers, List<String> topics) {
    this.bootstrapServers = bootstrapServers;
    consumer = Events.consumer(bootstrapServers, Map.of("reconnect.backoff.max.ms", 200));
    partitions = topics.stream().flatMap(topic -> partitionsOf(topic).stream()).toList();
    consumer.assign(partitions);
    thread = Thread.ofPlatform().name("alerting-team").start(this::read);
  }

  /** The service makes its topics one after the other. */
  private List<TopicPartition> partitionsOf(String topic) {
    return Replicas.await("topic " + topic)
        .until(() -> consumer.partitionsFor(topic), found -> !found.isEmpty())
        .stream()
        .map(partition -> new TopicPartition(topic, partition.partition()))
        .toList();
  }

  private void read() {
    try {
      while (!atEnd()) {
        var records = consumer.poll(POLL);
        long now = System.currentTimeMillis();
        records.forEach(record -> seen.add(Seen.of(record, now)));
        count.addAndGet(records.count());
      }
    } catch (RuntimeException e) {
      failure = e;
    }
  }

  private boolean atEnd() {
    Map<TopicPartition, Long> to = end;
    return to != null
        && to.entrySet().stream()
            .allMatch(offset -> consumer.position(offset.getKey()) >= offset.getValue());
  }

  /** Number of records so far. */
  int count() {
    return count.get();
  }

  /** Reads to the end of the topics as they are now, transactions that are open included, and then no more. @return all that was seen */
  List<Seen> readToTheEnd() throws ExecutionException, InterruptedException {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
      end = admin
          .listOffsets(
              partitions.stream().collect(Collectors.toMap(one -> one, one -> OffsetSpec.latest())),
              new ListOffsetsOptions(IsolationLevel.READ_UNCOMMITTED))
          .all()
          .get()
          .entrySet()
          .stream()
          .collect(Collectors.toMap(Map.Entry::getKey, one -> one.getValue().offset()));
    }
    Replicas.await("the end of the topics").until(() -> !thread.isAlive());
    RuntimeException failed = failure;
    if (failed != null) {
      throw new AssertionError("the consumer failed", failed);
    }
    return seen;
  }

  @Override
  public void close() {
    end = Map.of();
    Replicas.await("the end of the consumer").until(() -> !thread.isAlive());
    consumer.close();
  }
}
