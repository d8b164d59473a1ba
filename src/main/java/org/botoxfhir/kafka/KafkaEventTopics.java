package org.botoxfhir.kafka;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.botoxfhir.kafka.KafkaTopics.UnfitTopicException;
import org.botoxfhir.outbox.EventSink.EventSinkException;
import org.botoxfhir.outbox.EventTopics;
import org.springframework.stereotype.Component;

/** What Kafka says of topics to an operator. */
@Component
class KafkaEventTopics implements EventTopics {
  /** Kafka's own rule. */
  private static final Pattern NAME = Pattern.compile("(?!\\.{1,2}$)[A-Za-z0-9._-]{1,249}");

  private final KafkaTopics topics;
  private final TopicReader reader;
  private final KafkaSettings settings;

  KafkaEventTopics(KafkaTopics topics, TopicReader reader, KafkaSettings settings) {
    this.topics = topics;
    this.reader = reader;
    this.settings = settings;
  }

  @Override
  public Optional<String> unfit(String topic) throws EventSinkException, InterruptedException {
    if (!NAME.matcher(topic).matches()) {
      return Optional.of(
          "this is no name of a topic: 1 to 249 letters, digits, dots, dashes or underscores");
    }
    if (topic.equals(settings.positionTopic()) || topic.startsWith("__")) {
      return Optional.of("topic %s is not for events".formatted(topic));
    }
    topics.forget();
    try {
      topics.require(List.of(topic));
      return Optional.empty();
    } catch (UnfitTopicException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  @Override
  public Set<String> read(Instant from, Consumer<HeldEvent> each)
      throws EventSinkException, InterruptedException {
    topics.forget();
    topics.require(settings.topics());
    try {
      return reader.read(settings.topics(), from, each);
    } catch (InterruptException e) {
      throw KafkaState.interrupted();
    } catch (ExecutionException | KafkaException e) {
      throw new EventSinkException(
          settings.words(
              e instanceof ExecutionException && e.getCause() != null ? e.getCause() : e),
          e);
    }
  }
}
