package org.botoxfhir.kafka;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.header.Header;
import org.botoxfhir.outbox.EventTopics.HeldEvent;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Reads topics as a consumer of committed records does, from a time to their ends as they are when the reading begins, transactions that
 * are open then included: it waits until they are decided. In no consumer group.
 */
@Component
class TopicReader {
  private static final Duration POLL = Duration.ofMillis(200);

  /** An open transaction is undone by then; see {@link KafkaClients#transactionalProducer}. */
  private static final Duration STANDSTILL = Duration.ofSeconds(30);

  /** As our own ids are; anything else could hold anything. */
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9./_\\-]{1,200}");

  private final KafkaClients clients;

  TopicReader(KafkaClients clients) {
    this.clients = clients;
  }

  /**
   * @param from time of the first records; of a partition that begins later, its first
   * @return topics that have lost records, perhaps of {@code from} or later, to their retention
   */
  Set<String> read(List<String> topics, Instant from, Consumer<HeldEvent> each)
      throws ExecutionException, InterruptedException {
    try (KafkaConsumer<String, byte[]> consumer = clients.committedReader()) {
      List<TopicPartition> partitions = topics.stream()
          .flatMap(topic -> consumer.partitionsFor(topic).stream())
          .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
          .toList();
      Map<TopicPartition, Long> ends = clients.ends(partitions);
      Map<TopicPartition, Long> beginnings = consumer.beginningOffsets(partitions);
      Map<TopicPartition, Long> times = new HashMap<>();
      partitions.forEach(partition -> times.put(partition, from.toEpochMilli()));
      Map<TopicPartition, OffsetAndTimestamp> starts = consumer.offsetsForTimes(times);
      consumer.assign(partitions);
      Set<String> cut = new TreeSet<>();
      for (TopicPartition partition : partitions) {
        @Nullable OffsetAndTimestamp start = starts.get(partition);
        long end = ends.getOrDefault(partition, 0L);
        long first = start == null ? end : start.offset();
        consumer.seek(partition, first);
        long beginning = beginnings.getOrDefault(partition, 0L);
        if (beginning > 0 && first <= beginning) {
          cut.add(partition.topic());
        }
      }
      readTo(ends, consumer, each);
      return cut;
    }
  }

  private static void readTo(
      Map<TopicPartition, Long> ends,
      KafkaConsumer<String, byte[]> consumer,
      Consumer<HeldEvent> each) {
    long deadline = System.nanoTime() + STANDSTILL.toNanos();
    while (ends.entrySet().stream()
        .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
      if (System.nanoTime() > deadline) {
        throw new TimeoutException(
            "the topics are not readable to their ends: nothing new for %s".formatted(STANDSTILL));
      }
      var records = consumer.poll(POLL);
      if (!records.isEmpty()) {
        deadline = System.nanoTime() + STANDSTILL.toNanos();
      }
      for (ConsumerRecord<String, byte[]> record : records) {
        if (record.offset()
            < ends.getOrDefault(new TopicPartition(record.topic(), record.partition()), 0L)) {
          each.accept(held(record));
        }
      }
    }
  }

  private static HeldEvent held(ConsumerRecord<String, byte[]> record) {
    String id = header(record, "ce_id");
    return new HeldEvent(
        record.topic(),
        id != null && ID.matcher(id).matches()
            ? id
            : "partition %d, offset %d".formatted(record.partition(), record.offset()),
        header(record, "ce_subject"),
        Instant.ofEpochMilli(record.timestamp()),
        "true".equals(header(record, "ce_replay")));
  }

  private static @Nullable String header(ConsumerRecord<String, byte[]> record, String name) {
    Header header = record.headers().lastHeader(name);
    return header == null || header.value() == null
        ? null
        : new String(header.value(), StandardCharsets.UTF_8);
  }
}
