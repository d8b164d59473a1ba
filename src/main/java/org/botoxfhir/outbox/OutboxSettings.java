package org.botoxfhir.outbox;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of the outbox and its relay.
 *
 * @param maxRows events that may wait; at this number a write that needs an event is refused. Several replicas may go past it by
 *     what they append within a second
 * @param batchSize most events that are offered to the sinks at once
 * @param linger least time from one publication to the next: what is committed meanwhile goes together, since a Kafka transaction costs
 *     much the same for one event as for many; an event after a quiet moment does not wait
 * @param poll how often the relay looks without having been told of a commit
 * @param leaderRetry how often a replica that does not publish asks whether it may; bounds the time without a publisher after a
 *     replica's death
 * @param keepPublished how long published events can be sent again; then they are forgotten
 * @param backoff pause after the first failed publication; doubled with each further one
 * @param maxBackoff longest pause between two attempts
 */
@ConfigurationProperties("botox.outbox")
record OutboxSettings(
    @DefaultValue("1000000") long maxRows,
    @DefaultValue("500") int batchSize,
    @DefaultValue("5ms") Duration linger,
    @DefaultValue("1s") Duration poll,
    @DefaultValue("1s") Duration leaderRetry,
    @DefaultValue("90d") Duration keepPublished,
    @DefaultValue("200ms") Duration backoff,
    @DefaultValue("10s") Duration maxBackoff) {

  OutboxSettings {
    if (maxRows < 1 || batchSize < 1) {
      throw new IllegalArgumentException(
          "botox.outbox.max-rows and botox.outbox.batch-size must be positive");
    }
    if (linger.isNegative()) {
      throw new IllegalArgumentException("botox.outbox.linger must not be negative");
    }
    for (Duration duration :
        new Duration[] {poll, leaderRetry, keepPublished, backoff, maxBackoff}) {
      if (!duration.isPositive()) {
        throw new IllegalArgumentException("durations of botox.outbox must be positive");
      }
    }
  }
}
