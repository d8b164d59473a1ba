package org.botoxfhir.kafka;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.stereotype.Component;

/**
 * Whether events reach Kafka, as health component {@code kafka}. No part of readiness: without Kafka the service still takes
 * records, their events wait.
 */
@Component("kafkaHealthIndicator")
class KafkaState implements HealthIndicator {
  private volatile @Nullable String problem;

  void working() {
    problem = null;
  }

  void failing(@Nullable String why) {
    problem = why == null ? "unknown" : why;
  }

  @Override
  public Health health() {
    String why = problem;
    return why == null
        ? Health.up().build()
        : Health.down().withDetail("problem", why).build();
  }

  /** For a thread that was interrupted in the client. */
  static InterruptedException interrupted() {
    Thread.interrupted(); // Kafka's exception sets it again; the checked one carries it from here
    return new InterruptedException("interrupted while Kafka was asked");
  }

  /** An error of the client, in its own words; they name brokers, topics and sizes, never keys or values. */
  static String words(Throwable error) {
    return error.getClass().getSimpleName()
        + (error.getMessage() == null ? "" : ": " + error.getMessage());
  }
}
