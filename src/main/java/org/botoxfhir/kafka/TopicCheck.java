package org.botoxfhir.kafka;

import java.time.Duration;
import java.util.Objects;
import org.botoxfhir.outbox.EventSink.EventSinkException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Looks for the topics at the start rather than at the first event, so that a missing one is known before a patient reports. Runs
 * beside the start: Kafka that is away must not keep the service from starting.
 */
@Component
class TopicCheck implements SmartLifecycle {
  private static final Logger log = LoggerFactory.getLogger(TopicCheck.class);
  private static final Duration RETRY = Duration.ofSeconds(5);

  private final KafkaTopics topics;
  private final KafkaSettings settings;
  private final KafkaState state;
  private @Nullable Thread thread;

  TopicCheck(KafkaTopics topics, KafkaSettings settings, KafkaState state) {
    this.topics = topics;
    this.settings = settings;
    this.state = state;
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
          topics.require(settings.topics());
          state.working();
          return;
        } catch (EventSinkException e) {
          state.failing(e.getMessage());
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
