package org.botoxfhir.kafka;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.KafkaException;
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

  private final KafkaSettings settings;
  private final KafkaClients clients;
  private final Set<String> existing = ConcurrentHashMap.newKeySet();

  KafkaTopics(KafkaSettings settings, KafkaClients clients) {
    this.settings = settings;
    this.clients = clients;
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
      throw new EventSinkException(
          "no Kafka client for %s: %s"
              .formatted(
                  settings.bootstrapServers(),
                  KafkaState.words(e.getCause() == null ? e : e.getCause())),
          e);
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
      if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
        throw unanswered(topic, e);
      }
      if (!settings.createTopics()) {
        throw new EventSinkException(
            "topic %s does not exist: create it, or set botox.kafka.create-topics=true"
                .formatted(topic),
            e.getCause());
      }
      create(admin, topic);
    }
  }

  private void create(Admin admin, String topic) throws EventSinkException, InterruptedException {
    short replication = settings.replicationFactor();
    var wanted = new NewTopic(
        topic,
        Optional.of(settings.partitions()),
        replication < 1 ? Optional.empty() : Optional.of(replication));
    try {
      admin.createTopics(Set.of(wanted)).all().get();
      log.info("topic {} made with {} partitions", topic, settings.partitions());
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof TopicExistsException)) { // another replica was first
        throw unanswered(topic, e);
      }
    }
  }

  private EventSinkException unanswered(String topic, ExecutionException e) {
    Throwable cause = e.getCause() == null ? e : e.getCause();
    return new EventSinkException(
        "Kafka at %s says of topic %s: %s"
            .formatted(settings.bootstrapServers(), topic, KafkaState.words(cause)),
        cause);
  }
}
