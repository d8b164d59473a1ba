package org.botoxfhir.testing;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The events as a consumer sees them, from the first one that the broker has. Several tests may share a broker: look for subjects
 * or keys of your own. Safe for use by several threads, which take turns.
 */
public final class Events implements AutoCloseable {
  private static final Duration DEADLINE = Duration.ofSeconds(30);
  private static final Duration POLL = Duration.ofMillis(100);
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Pattern topics;
  private final KafkaConsumer<String, String> consumer;
  private final List<Event> seen = new ArrayList<>();

  /** Reads all topics that begin with {@code botox.}, also those that are made later. */
  public Events(String bootstrapServers) {
    this(bootstrapServers, "botox\\..*");
  }

  /** Reads all topics with matching names, also those that are made later. */
  public Events(String bootstrapServers, String topics) {
    this(bootstrapServers, topics, Map.of());
  }

  /** The same, @param settings further ones of the consumer */
  public Events(String bootstrapServers, String topics, Map<String, Object> settings) {
    this.topics = Pattern.compile(topics);
    consumer = consumer(bootstrapServers, settings);
  }

  /**
   * A consumer of what is committed, from the beginning. In no group: one that gets further partitions begins those anew that it has not
   * committed.
   *
   * @param settings further ones
   */
  public static KafkaConsumer<String, String> consumer(
      String bootstrapServers, Map<String, Object> settings) {
    Map<String, Object> all = new HashMap<>(Map.of(
        "bootstrap.servers",
        bootstrapServers,
        "auto.offset.reset",
        "earliest",
        "enable.auto.commit",
        false,
        "isolation.level",
        "read_committed"));
    all.putAll(settings);
    return new KafkaConsumer<>(all, new StringDeserializer(), new StringDeserializer());
  }

  /** @return whether there is anything to read */
  private boolean assign() {
    List<TopicPartition> partitions = consumer.listTopics().entrySet().stream()
        .filter(topic -> topics.matcher(topic.getKey()).matches())
        .flatMap(topic -> topic.getValue().stream())
        .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
        .toList();
    if (consumer.assignment().size() < partitions.size()) {
      consumer.assign(partitions);
    }
    return !partitions.isEmpty();
  }

  /** The first event about this versioned reference; waits for it, and fails when it does not come within 30 s. */
  public Event await(String subject) {
    return await(
        "an event about " + subject,
        event -> event.header("ce_subject").filter(subject::equals).isPresent());
  }

  /** The first event that matches; waits for it, and fails when it does not come within 30 s. */
  public synchronized Event await(String what, Predicate<Event> matches) {
    long deadline = System.nanoTime() + DEADLINE.toNanos();
    int looked = 0;
    while (true) {
      for (; looked < seen.size(); looked++) {
        if (matches.test(seen.get(looked))) {
          return seen.get(looked);
        }
      }
      if (System.nanoTime() > deadline) {
        throw new AssertionError(
            "%s did not arrive within %s; %d others did".formatted(what, DEADLINE, seen.size()));
      }
      if (!assign()) {
        LockSupport.parkNanos(POLL.toNanos());
        continue;
      }
      consumer.poll(POLL).forEach(event -> seen.add(new Event(event)));
    }
  }

  /** What has arrived so far, in order within each partition. Await a later event first to say that something did not arrive. */
  public synchronized List<Event> seen() {
    return List.copyOf(seen);
  }

  @Override
  public synchronized void close() {
    consumer.close();
  }

  /** One event as it stands in Kafka. */
  public record Event(ConsumerRecord<String, String> record) {
    /** The value as JSON. */
    public JsonNode json() {
      return JSON.readTree(record.value());
    }

    /** Whether the value holds this text; a dead letter may have no value. */
    public boolean mentions(String text) {
      return record.value() != null && record.value().contains(text);
    }

    /** The last value of a header. */
    public Optional<String> header(String name) {
      return Optional.ofNullable(record.headers().lastHeader(name))
          .map(header -> new String(header.value(), StandardCharsets.UTF_8));
    }
  }
}
