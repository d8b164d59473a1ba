package org.botoxfhir.kafka;

import java.io.Serial;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.botoxfhir.outbox.EventSink.EventSinkException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Knows which topics exist; makes missing ones if it may, and else names them. A client alone would wait for them in silence. */
@Component
class KafkaTopics {
  private static final Logger log = LoggerFactory.getLogger(KafkaTopics.class);

  /** A take-over reads all of the topic, and every transaction adds to it: it is cleaned early, its transaction markers included. */
  private static final Map<String, String> POSITION_TOPIC = Map.of(
      TopicConfig.CLEANUP_POLICY_CONFIG,
      TopicConfig.CLEANUP_POLICY_COMPACT,
      TopicConfig.SEGMENT_BYTES_CONFIG,
      Integer.toString(8 << 20),
      TopicConfig.MIN_CLEANABLE_DIRTY_RATIO_CONFIG,
      "0.1",
      TopicConfig.DELETE_RETENTION_MS_CONFIG,
      Long.toString(Duration.ofMinutes(1).toMillis()));

  private final KafkaSettings settings;
  private final KafkaClients clients;
  private final Set<String> existing = ConcurrentHashMap.newKeySet();

  KafkaTopics(KafkaSettings settings, KafkaClients clients) {
    this.settings = settings;
    this.clients = clients;
  }

  /** Where copies of events go that this topic refuses. */
  static String deadLetterTopic(String topic) {
    return topic + ".dlq";
  }

  /** Returns once every topic that the settings name exists, with its dead letter topic, and that of the positions. */
  void requireAll() throws EventSinkException, InterruptedException {
    requirePositionTopic();
    require(settings.topics());
    require(settings.topics().stream().map(KafkaTopics::deadLetterTopic).toList());
  }

  /**
   * Returns once the topic of the positions exists.
   *
   * @throws EventSinkException also when it is not compacted: a topic that forgets by age forgets how far the events of a quiet
   *     month were published
   */
  void requirePositionTopic() throws EventSinkException, InterruptedException {
    String topic = settings.positionTopic();
    require(List.of(topic));
    var resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    try (Admin admin = clients.admin()) {
      String policy = admin.describeConfigs(List.of(resource)).all().get().values().stream()
          .map(config -> config.get(TopicConfig.CLEANUP_POLICY_CONFIG).value())
          .findFirst()
          .orElseThrow();
      if (!policy.equals(TopicConfig.CLEANUP_POLICY_COMPACT)) {
        throw new UnfitTopicException(
            "topic %s has cleanup.policy=%s: set it to compact".formatted(topic, policy));
      }
    } catch (ExecutionException e) {
      throw unanswered(topic, e);
    } catch (KafkaException e) {
      throw noClient(e);
    }
  }

  /**
   * Returns once all these topics exist. Asks Kafka only about those that it has not seen yet.
   *
   * @throws EventSinkException when one is missing and may not or cannot be made, or Kafka does not answer
   */
  void require(Collection<String> topics) throws EventSinkException, InterruptedException {
    List<String> unknown =
        topics.stream().distinct().filter(topic -> !existing.contains(topic)).toList();
    if (unknown.isEmpty()) {
      return;
    }
    try (Admin admin = clients.admin()) {
      for (String topic : unknown) {
        require(admin, topic);
        existing.add(topic);
      }
    } catch (KafkaException e) {
      throw noClient(e);
    }
  }

  /** Topics may have been deleted: ask about them again. */
  void forget() {
    existing.clear();
  }

  private void require(Admin admin, String topic) throws EventSinkException, InterruptedException {
    try {
      admin.describeTopics(List.of(topic)).allTopicNames().get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof TopicAuthorizationException) {
        throw new UnfitTopicException(
            "topic %s may not be used: grant Describe and Write on it".formatted(topic));
      }
      if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
        throw unanswered(topic, e);
      }
      if (!settings.createTopics()) {
        throw new UnfitTopicException(
            "topic %s does not exist: create it, or set botox.kafka.create-topics=true"
                .formatted(topic));
      }
      create(admin, topic);
    }
  }

  private void create(Admin admin, String topic) throws EventSinkException, InterruptedException {
    short replication = settings.replicationFactor();
    boolean positions = topic.equals(settings.positionTopic());
    int partitions = positions ? 1 : settings.partitions();
    var wanted = new NewTopic(
        topic,
        Optional.of(partitions),
        replication < 1 ? Optional.empty() : Optional.of(replication));
    if (positions) {
      wanted.configs(POSITION_TOPIC);
    }
    try {
      admin.createTopics(Set.of(wanted)).all().get();
      log.info("topic {} made with {} partitions", topic, partitions);
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof TopicExistsException)) { // another replica was first
        throw unanswered(topic, e);
      }
    }
  }

  private EventSinkException noClient(KafkaException e) {
    return new EventSinkException(
        "no Kafka client for %s: %s"
            .formatted(
                settings.bootstrapServers(),
                KafkaState.words(e.getCause() == null ? e : e.getCause())),
        e);
  }

  private EventSinkException unanswered(String topic, ExecutionException e) {
    Throwable cause = e.getCause() == null ? e : e.getCause();
    return new EventSinkException(
        "Kafka at %s says of topic %s: %s"
            .formatted(settings.bootstrapServers(), topic, KafkaState.words(cause)),
        cause);
  }

  /** Kafka is there, and a topic is not as it must be: only an operator can help. */
  static final class UnfitTopicException extends EventSinkException {
    @Serial
    private static final long serialVersionUID = 1L;

    UnfitTopicException(String message) {
      super(message, null);
    }
  }
}
