package org.botoxfhir.kafka;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.springframework.stereotype.Component;

/** Makes Kafka clients by the settings. Making one fails with a KafkaException while no broker's name can be resolved. */
@Component
class KafkaClients {
  private final KafkaSettings settings;

  KafkaClients(KafkaSettings settings) {
    this.settings = settings;
  }

  /**
   * For events that are published once.
   *
   * @param transactionalId whoever used it before is fenced out
   */
  KafkaProducer<String, byte[]> transactionalProducer(String transactionalId) {
    Map<String, Object> properties = sending("botox-fhir-events");
    // Longer than a send may take; bounds how long consumers wait when a publisher dies in a
    // transaction and none takes over.
    properties.put("transaction.timeout.ms", 20_000);
    properties.putAll(settings.properties());
    properties.put("transactional.id", transactionalId);
    return new KafkaProducer<>(properties, new StringSerializer(), new ByteArraySerializer());
  }

  /** For copies of single events. */
  KafkaProducer<String, byte[]> producer() {
    Map<String, Object> properties = sending("botox-fhir-dead-letters");
    properties.putAll(settings.properties());
    return new KafkaProducer<>(properties, new StringSerializer(), new ByteArraySerializer());
  }

  private Map<String, Object> sending(String clientId) {
    Map<String, Object> properties = common(clientId);
    properties.put("acks", "all");
    properties.put("enable.idempotence", true);
    properties.put("delivery.timeout.ms", 10_000);
    properties.put("request.timeout.ms", 5_000);
    properties.put("max.block.ms", 5_000);
    return properties;
  }

  /** Sees nothing of transactions that are open or undone; in no consumer group. */
  KafkaConsumer<String, byte[]> committedReader() {
    Map<String, Object> properties = common("botox-fhir-reader");
    properties.put("default.api.timeout.ms", 10_000);
    properties.put("request.timeout.ms", 5_000);
    properties.putAll(settings.properties());
    properties.put("isolation.level", "read_committed");
    properties.put("enable.auto.commit", false);
    properties.put("auto.offset.reset", "earliest");
    return new KafkaConsumer<>(properties, new StringDeserializer(), new ByteArrayDeserializer());
  }

  Admin admin() {
    Map<String, Object> properties = common("botox-fhir-topics");
    properties.put("default.api.timeout.ms", 10_000);
    properties.put("request.timeout.ms", 5_000);
    properties.putAll(settings.properties());
    return Admin.create(properties);
  }

  /** Ends of partitions as they are now, open transactions included. */
  Map<TopicPartition, Long> ends(List<TopicPartition> partitions)
      throws ExecutionException, InterruptedException {
    Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
    partitions.forEach(partition -> latest.put(partition, OffsetSpec.latest()));
    Map<TopicPartition, Long> ends = new HashMap<>();
    try (Admin admin = admin()) {
      admin
          .listOffsets(latest, new ListOffsetsOptions(IsolationLevel.READ_UNCOMMITTED))
          .all()
          .get()
          .forEach((partition, end) -> ends.put(partition, end.offset()));
    }
    return ends;
  }

  private Map<String, Object> common(String clientId) {
    Map<String, Object> properties = new LinkedHashMap<>();
    properties.put("bootstrap.servers", settings.bootstrapServers());
    properties.put("client.id", clientId);
    // A broker that is away is asked every two seconds, not twenty times a second.
    properties.put("reconnect.backoff.max.ms", 2_000);
    return properties;
  }
}
