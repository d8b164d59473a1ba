package org.botoxfhir.kafka;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.botoxfhir.outbox.EventSink.Position;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/**
 * How far each shard was published, in a compacted topic: a record is written in the same Kafka transaction as the events that it tells of, so
 * the two cannot disagree. One partition, so that what is written before is read before.
 */
@Component
class PositionTopic {
  /** All of it: the number of shards is small, and a second partition would only cost markers. */
  static final int PARTITION = 0;

  private static final Duration READ = Duration.ofSeconds(20);
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final KafkaSettings settings;
  private final KafkaClients clients;

  PositionTopic(KafkaSettings settings, KafkaClients clients) {
    this.settings = settings;
    this.clients = clients;
  }

  ProducerRecord<String, byte[]> record(UUID outbox, int shard, Position position) {
    return new ProducerRecord<>(
        settings.positionTopic(),
        PARTITION,
        keyPrefix(outbox) + shard,
        JSON.writeValueAsBytes(position));
  }

  /**
   * The last committed position of each shard. Reads to the end as it is now, transactions that are still open included: it waits until
   * they are decided, lest it miss a position that was committed behind another outbox's open one.
   */
  Map<Integer, Position> read(UUID outbox) throws ExecutionException, InterruptedException {
    var partition = new TopicPartition(settings.positionTopic(), PARTITION);
    long end = Objects.requireNonNull(clients.ends(List.of(partition)).get(partition));
    Map<Integer, Position> positions = new HashMap<>();
    try (KafkaConsumer<String, byte[]> consumer = clients.committedReader()) {
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      long deadline = System.nanoTime() + READ.toNanos();
      while (consumer.position(partition) < end) {
        if (System.nanoTime() > deadline) {
          throw new TimeoutException(
              "topic %s is not readable to its end within %s: a transaction on it is still open"
                  .formatted(settings.positionTopic(), READ));
        }
        for (ConsumerRecord<String, byte[]> one : consumer.poll(Duration.ofMillis(100))) {
          if (one.key().startsWith(keyPrefix(outbox))) {
            positions.put(
                Integer.valueOf(one.key().substring(keyPrefix(outbox).length())),
                JSON.readValue(one.value(), Position.class));
          }
        }
      }
    }
    return positions;
  }

  private static String keyPrefix(UUID outbox) {
    return outbox + "/";
  }
}
