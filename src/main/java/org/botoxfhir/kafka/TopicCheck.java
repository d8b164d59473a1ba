package org.botoxfhir.kafka;

import java.time.Duration;
import java.util.Objects;
import org.botoxfhir.kafka.KafkaTopics.UnfitTopicException;
import org.botoxfhir.outbox.EventSink.EventSinkException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Looks for the topics at the start rather than at the first event, so that a missing one is known before a patient reports. Runs
 * beside the start, and gives the health component {@code topics}, which readiness includes: a new replica that would have nowhere to publish
 * to is not given requests, and says which topic is missing, while one that merely cannot reach Kafka takes records.
 */
@Component("topicsHealthIndicator")
class TopicCheck implements SmartLifecycle, HealthIndicator {
  private static final Logger log = LoggerFactory.getLogger(TopicCheck.class);
  private static final Duration RETRY = Duration.ofSeconds(5);

  private final KafkaTopics topics;
  private volatile Health health = Health.unknown().build();
  private @Nullable Thread thread;

  TopicCheck(KafkaTopics topics) {
    this.topics = topics;
  }

  @Override
  public synchronized void start() {
    thread = Thread.ofVirtual().name("kafka-topic-check").start(this::check);
  }

  private void check() {
    String said = null;
    try {
      while (true) {
        try {
          topics.requireAll();
          health = Health.up().build();
          return;
        } catch (EventSinkException e) {
          health = (e instanceof UnfitTopicException ? Health.down() : Health.unknown())
              .withDetail("problem", Objects.requireNonNull(e.getMessage()))
              .build();
          if (!Objects.equals(said, e.getMessage())) {
            said = e.getMessage();
            log.warn("events cannot be published yet: {}", said);
          }
          Thread.sleep(RETRY);
        }
      }
    } catch (InterruptedException e) {
      // stop() asked for it; the thread ends
    }
  }

  @Override
  public Health health() {
    return health;
  }

  @Override
  public synchronized void stop() {
    if (thread != null) {
      thread.interrupt();
      thread = null;
    }
  }

  @Override
  public synchronized boolean isRunning() {
    return thread != null;
  }
}
