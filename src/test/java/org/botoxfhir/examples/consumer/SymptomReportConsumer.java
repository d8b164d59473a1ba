package org.botoxfhir.examples.consumer;

import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads symptom reports, each of them once and those of a patient in order, whatever dies in between. One thread calls {@link #run};
 * any may call {@link #close}. Logs and dead letters name events by topic, partition and offset, and never what they say.
 */
class SymptomReportConsumer implements Runnable, AutoCloseable {
  /** How often an event is tried that fails although the database answers. */
  static final int ATTEMPTS = 5;

  private static final Logger LOG = LoggerFactory.getLogger(SymptomReportConsumer.class);
  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

  /**
   * Classes of SQLSTATE that speak of the database and not of the event: connection, transaction rollback (deadlock), resources, not
   * available (locked, shutting down), system error.
   */
  private static final Set<String> DATABASE_AWAY = Set.of("08", "40", "53", "55", "57", "58");

  private final KafkaConsumer<String, byte[]> consumer;
  private final KafkaProducer<String, byte[]> deadLetters;
  private final String topic;
  private final String deadLetterTopic;
  private final AlertInbox inbox;

  /** Where to go on in each partition: behind the last event that was handled. */
  private final Map<TopicPartition, OffsetAndMetadata> handled = new HashMap<>();

  /** Partitions that wait before they try their next event again; the others go on. */
  private final Map<TopicPartition, Retry> retries = new HashMap<>();

  private volatile boolean closing;

  /** @param due {@link System#nanoTime} from which on it is tried again */
  private record Retry(long offset, int failures, long due) {}

  /**
   * @param bootstrapServers {@code host:port} of some brokers
   * @param group name of the consumer group; its dead letter topic is {@code [group].dlq}
   * @param member name of this instance in the group: one that comes back under its name within the session timeout gets its partitions back
   *     without a rebalance
   */
  SymptomReportConsumer(
      String bootstrapServers, String topic, String group, String member, AlertInbox inbox) {
    this.topic = topic;
    this.deadLetterTopic = group + ".dlq";
    this.inbox = inbox;
    this.consumer = new KafkaConsumer<>(
        Map.of(
            "bootstrap.servers",
            bootstrapServers,
            "group.id",
            group,
            "group.instance.id",
            member,
            // Only what was committed: the service publishes in transactions.
            "isolation.level",
            "read_committed",
            // An offset is committed by us, after its event was handled.
            "enable.auto.commit",
            false,
            // A new group begins with the first event, not with the next one.
            "auto.offset.reset",
            "earliest",
            "partition.assignment.strategy",
            CooperativeStickyAssignor.class.getName(),
            // Few enough to be handled well within max.poll.interval.ms (5 minutes).
            "max.poll.records",
            100),
        new StringDeserializer(),
        new ByteArrayDeserializer());
    this.deadLetters = new KafkaProducer<>(
        Map.of("bootstrap.servers", bootstrapServers, "acks", "all", "max.block.ms", 10_000),
        new StringSerializer(),
        new ByteArraySerializer());
  }

  /** Reads until {@link #close}. What is thrown ends the process, which whoever runs it starts again. */
  @Override
  public void run() {
    try (consumer;
        deadLetters) {
      consumer.subscribe(List.of(topic), new Rebalances());
      while (!closing) {
        resumeWhatIsDue();
        var records = consumer.poll(POLL);
        for (TopicPartition partition : records.partitions()) {
          handle(partition, records.records(partition));
        }
        commit();
      }
    } catch (WakeupException e) {
      if (!closing) {
        throw e;
      }
    }
  }

  @Override
  public void close() {
    closing = true;
    consumer.wakeup();
  }

  /** In order; an event that fails stops its partition, so that none of the same patient overtakes it. */
  private void handle(TopicPartition partition, List<ConsumerRecord<String, byte[]>> records) {
    for (ConsumerRecord<String, byte[]> record : records) {
      if (!handle(partition, record)) {
        return;
      }
      handled.put(partition, new OffsetAndMetadata(record.offset() + 1, record.leaderEpoch(), ""));
      retries.remove(partition);
    }
  }

  /** Whether the next event may follow. */
  private boolean handle(TopicPartition partition, ConsumerRecord<String, byte[]> record) {
    try {
      Optional<ReportEvent> event = ReportEvent.of(record);
      if (event.isPresent() && !inbox.handle(event.get())) {
        LOG.debug("{} was handled before", ReportEvent.describe(record));
      }
      return true;
    } catch (UnreadableEventException e) {
      return setAside(partition, record, e.defect());
    } catch (SQLException e) {
      boolean away =
          e.getSQLState() == null || DATABASE_AWAY.contains(e.getSQLState().substring(0, 2));
      if (away || failures(partition, record) < ATTEMPTS - 1) {
        tryAgain(partition, record, "SQLSTATE " + e.getSQLState());
        return false;
      }
      return setAside(partition, record, "SQLSTATE " + e.getSQLState());
    }
  }

  /** To the dead letter topic; whoever is paged for it looks at the event there. Until it is stored, the event is not handled. */
  private boolean setAside(
      TopicPartition partition, ConsumerRecord<String, byte[]> record, String reason) {
    var letter =
        new ProducerRecord<>(deadLetterTopic, null, record.key(), record.value(), record.headers());
    header(letter, "dead-letter-topic", record.topic());
    header(letter, "dead-letter-partition", Integer.toString(record.partition()));
    header(letter, "dead-letter-offset", Long.toString(record.offset()));
    header(letter, "dead-letter-reason", reason);
    try {
      deadLetters.send(letter).get();
      LOG.error("set aside {} to {}: {}", ReportEvent.describe(record), deadLetterTopic, reason);
      return true;
    } catch (ExecutionException e) {
      Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
      tryAgain(partition, record, deadLetterTopic + ": " + cause.getClass().getSimpleName());
      return false;
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }

  private static void header(ProducerRecord<String, byte[]> letter, String name, String value) {
    letter.headers().add(name, value.getBytes(StandardCharsets.UTF_8));
  }

  private int failures(TopicPartition partition, ConsumerRecord<String, byte[]> record) {
    Retry retry = retries.get(partition);
    return retry != null && retry.offset() == record.offset() ? retry.failures() : 0;
  }

  /** Polling goes on, so that the group does not take this consumer for dead while it waits. */
  private void tryAgain(
      TopicPartition partition, ConsumerRecord<String, byte[]> record, String reason) {
    int failures = failures(partition, record);
    Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(failures, 10));
    if (pause.compareTo(LONGEST_PAUSE) > 0) {
      pause = LONGEST_PAUSE;
    }
    LOG.warn("try {} again in {}: {}", ReportEvent.describe(record), pause, reason);
    retries.put(
        partition, new Retry(record.offset(), failures + 1, System.nanoTime() + pause.toNanos()));
    consumer.seek(partition, new OffsetAndMetadata(record.offset(), record.leaderEpoch(), ""));
    consumer.pause(List.of(partition));
  }

  private void resumeWhatIsDue() {
    retries.forEach((partition, retry) -> {
      if (System.nanoTime() - retry.due() >= 0) {
        consumer.resume(List.of(partition));
      }
    });
  }

  /** What cannot be committed now is committed with what follows, or delivered again and then known. */
  private void commit() {
    if (handled.isEmpty()) {
      return;
    }
    try {
      consumer.commitSync(Map.copyOf(handled));
      handled.clear();
    } catch (CommitFailedException | RebalanceInProgressException | RetriableException e) {
      LOG.warn("offsets are not committed: {}", e.getClass().getSimpleName());
    }
  }

  private final class Rebalances implements ConsumerRebalanceListener {
    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
      commit();
      forget(partitions);
    }

    /** They belong to another consumer already, which begins behind the last committed offset. */
    @Override
    public void onPartitionsLost(Collection<TopicPartition> partitions) {
      forget(partitions);
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
      LOG.info("reads {}", partitions);
    }

    private void forget(Collection<TopicPartition> partitions) {
      handled.keySet().removeAll(partitions);
      retries.keySet().removeAll(partitions);
    }
  }
}
