package org.botoxfhir.kafka;

import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of the connection to Kafka.
 *
 * @param bootstrapServers {@code host:port} of some brokers, separated by commas
 * @param source {@code ce_source} of every event: which system tells it, as a URI reference
 * @param topics topics that events go to; looked for at the start together with {@code [topic].dlq} of each
 * @param positionTopic compacted topic in which the publisher keeps how far it came; looked for, too
 * @param createTopics whether a missing topic is made; otherwise its events wait and the log and the health say so
 * @param partitions of a topic that is made; cannot be lowered later
 * @param replicationFactor of a topic that is made; -1 is the brokers' default
 * @param properties any setting of the Kafka client, e.g. {@code security.protocol}; wins over the service's choice
 */
@ConfigurationProperties("botox.kafka")
record KafkaSettings(
    @DefaultValue("localhost:9092") String bootstrapServers,
    @DefaultValue("/botox-fhir") URI source,

    @DefaultValue({"botox.symptom-reports.v1", "botox.adverse-events.v1"})
    List<String> topics,

    @DefaultValue("botox.outbox-positions.v1") String positionTopic,
    @DefaultValue("false") boolean createTopics,
    @DefaultValue("12") int partitions,
    @DefaultValue("-1") short replicationFactor,
    @DefaultValue Map<String, String> properties) {

  /** The same for a job: missing topics may be made, and the brokers are waited for a minute rather than asked again. */
  KafkaSettings makingTopics() {
    Map<String, String> patient = new HashMap<>(properties);
    patient.putIfAbsent("default.api.timeout.ms", "60000");
    return new KafkaSettings(
        bootstrapServers,
        source,
        topics,
        positionTopic,
        true,
        partitions,
        replicationFactor,
        patient);
  }

  /** Without the values of {@code properties}: passwords are among them. */
  @Override
  public String toString() {
    return "KafkaSettings[bootstrapServers=%s, properties=%s]"
        .formatted(bootstrapServers, properties.keySet());
  }

  /** What Kafka says, and which one. */
  String words(Throwable error) {
    return "Kafka at %s: %s".formatted(bootstrapServers, KafkaState.words(error));
  }
}
