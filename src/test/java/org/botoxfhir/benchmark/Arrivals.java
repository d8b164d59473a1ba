package org.botoxfhir.benchmark;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * A {@code read_committed} consumer with the client's default settings. Events that the benchmark numbered itself have to come without a
 * gap, a repetition or a step back within their key.
 */
final class Arrivals implements AutoCloseable {
  private static final Pattern NUMBER = Pattern.compile("^\\{\"number\":(\\d+)");

  private final KafkaConsumer<String, String> consumer;
  private final Thread thread;
  private final AtomicLong count = new AtomicLong();
  private final Map<String, Integer> numbers = new HashMap<>();
  private volatile @Nullable Map<String, Long> moments;
  private volatile @Nullable RuntimeException failure;
  private volatile boolean closed;

  /** Reads what comes to the topic from now on. */
  Arrivals(String bootstrapServers, String topic) {
    consumer = new KafkaConsumer<>(
        Map.of(
            "bootstrap.servers",
            bootstrapServers,
            "enable.auto.commit",
            false,
            "isolation.level",
            "read_committed",
            "reconnect.backoff.max.ms",
            200),
        new StringDeserializer(),
        new StringDeserializer());
    var partitions = consumer.partitionsFor(topic).stream()
        .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
        .toList();
    consumer.assign(partitions);
    consumer.seekToEnd(partitions);
    partitions.forEach(consumer::position);
    thread = Thread.ofPlatform().name("consumer").start(this::read);
  }

  private void read() {
    try {
      while (!closed) {
        var records = consumer.poll(Duration.ofMillis(100));
        long now = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
        for (var record : records) {
          arrived(record, now);
        }
        count.addAndGet(records.count());
      }
    } catch (RuntimeException e) {
      failure = e;
    }
  }

  private void arrived(ConsumerRecord<String, String> record, long now) {
    Map<String, Long> wanted = moments;
    if (wanted != null) {
      String id = new String(record.headers().lastHeader("ce_id").value(), StandardCharsets.UTF_8);
      if (wanted.putIfAbsent(id, now) != null) {
        throw new IllegalStateException("event " + id + " was published twice");
      }
    }
    Matcher number = NUMBER.matcher(record.value());
    if (number.find()) {
      int expected = numbers.merge(record.key(), 1, Integer::sum);
      if (Integer.parseInt(number.group(1)) != expected) {
        throw new IllegalStateException(
            "event %s of its key came where %d was due".formatted(number.group(1), expected));
      }
    }
  }

  /** From now on remembers when (epoch microseconds) which event ({@code ce_id}) arrived. */
  Map<String, Long> remember() {
    var wanted = new ConcurrentHashMap<String, Long>();
    moments = wanted;
    return wanted;
  }

  /** Events so far; fails when one was lost, doubled or out of order. */
  long count() {
    RuntimeException failed = failure;
    if (failed != null) {
      throw new IllegalStateException("the consumer stopped", failed);
    }
    return count.get();
  }

  void await(long events, Duration atMost) {
    Awaitility.await(events + " events")
        .atMost(atMost)
        .pollInterval(Duration.ofMillis(50))
        .until(() -> count() >= events);
  }

  @Override
  public void close() throws InterruptedException {
    closed = true;
    thread.join();
    consumer.close();
  }
}
