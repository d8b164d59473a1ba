package org.botoxfhir.outbox;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.botoxfhir.outbox.EventSink.EventSinkException;
import org.botoxfhir.outbox.RelaySession.Committed;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Publishes committed events to the sinks, in order, and deletes them once the sinks have them. Of all replicas on one database
 * exactly one publishes; the others pass their commits on to it and stand by. At least once: after a crash between a sink's
 * acknowledgement and the deletion the same events are offered again.
 */
@Component
class Relay implements SmartLifecycle {
  private static final Logger log = LoggerFactory.getLogger(Relay.class);

  private final JdbcConnectionDetails database;
  private final RelaySignal signal;
  private final List<EventSink> sinks;
  private final OutboxSettings settings;
  private final MeterRegistry metrics;

  private volatile boolean leading;
  private volatile boolean running;
  private @Nullable Thread thread;

  /** Failed publications in a row. Kept across sessions: a sink that is away stays away when the database connection changes. */
  private int failures;

  Relay(
      JdbcConnectionDetails database,
      RelaySignal signal,
      List<EventSink> sinks,
      OutboxSettings settings,
      MeterRegistry metrics) {
    this.database = database;
    this.signal = signal;
    this.sinks = sinks;
    this.settings = settings;
    this.metrics = metrics;
    Gauge.builder("botox.outbox.leader", () -> leading ? 1 : 0)
        .description("1 on the replica that publishes, 0 on those that stand by")
        .register(metrics);
  }

  @Override
  public synchronized void start() {
    if (sinks.isEmpty()) {
      log.warn("no event sink is installed: events wait in the outbox");
      return;
    }
    running = true;
    thread = Thread.ofPlatform().name("outbox-relay").start(this::run);
  }

  @Override
  public synchronized void stop() {
    running = false;
    Thread stopping = thread;
    if (stopping != null) {
      stopping.interrupt();
      try {
        stopping.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      thread = null;
    }
  }

  /** Starts before the web server and stops after it: what the last requests commit is still published. */
  @Override
  public int getPhase() {
    return 0;
  }

  @Override
  public boolean isRunning() {
    return thread != null;
  }

  /** Whether this replica publishes now. */
  boolean isLeading() {
    return leading;
  }

  private void run() {
    try {
      while (running) {
        try {
          standByThenPublish();
        } catch (SQLException e) {
          // The state alone: a message may quote values.
          log.warn(
              "the relay has no database connection (SQL state {}), tries again in {}",
              e.getSQLState(),
              settings.leaderRetry());
          signal.await(settings.leaderRetry());
        } catch (RuntimeException e) {
          // A defect, but a thread that ends here would leave every later event unpublished.
          log.error("the relay failed, tries again in {}", settings.leaderRetry(), e);
          Thread.sleep(settings.leaderRetry());
        }
      }
    } catch (InterruptedException e) {
      // stop() asked for it; the thread ends
    } finally {
      leading = false;
    }
  }

  private void standByThenPublish() throws SQLException, InterruptedException {
    try (RelaySession session = RelaySession.open(database, "botox-relay")) {
      while (!session.tryLead()) {
        if (signal.await(settings.leaderRetry())) {
          session.tellLeader();
        }
      }
      leading = true;
      log.info("this replica publishes the events of the outbox");
      try (var others = CommitListener.start(database, signal, settings.leaderRetry())) {
        publish(session);
      } finally {
        leading = false;
        log.info("this replica no longer publishes");
      }
    }
  }

  /** Runs until the relay is stopped or the session is lost. */
  private void publish(RelaySession session) throws SQLException, InterruptedException {
    // What is in the table is not known to be published: a new publisher offers all of it.
    long[] published = new long[Shards.COUNT];
    int perShard = Math.ceilDiv(settings.batchSize(), Shards.COUNT);
    while (running) {
      List<Committed> batch = session.read(published, perShard);
      if (batch.isEmpty()) {
        signal.await(settings.poll());
        continue;
      }
      if (!offer(batch)) {
        Thread.sleep(pause());
        continue;
      }
      for (Committed committed : batch) {
        published[committed.event().shard()] = committed.event().sequence();
      }
      session.delete(published);
    }
  }

  private boolean offer(List<Committed> batch) throws InterruptedException {
    List<OutboxEvent> events = batch.stream().map(Committed::event).toList();
    try {
      for (EventSink sink : sinks) {
        sink.publish(events);
      }
    } catch (EventSinkException e) {
      failures++;
      OutboxEvent first = events.getFirst();
      log.warn(
          "{} events, first shard {} sequence {}, are not published (attempt {}), next attempt in {}: {}",
          events.size(),
          first.shard(),
          first.sequence(),
          failures,
          pause(),
          e.getMessage());
      return false;
    }
    if (failures > 0) {
      log.info("events are published again after {} failed attempts", failures);
      failures = 0;
    }
    batch.forEach(this::count);
    return true;
  }

  private void count(Committed committed) {
    NewEvent event = committed.event().event();
    Counter.builder("botox.events.published")
        .description("events that the sinks have acknowledged")
        .tag("topic", event.topic())
        .tag("type", event.type())
        .register(metrics)
        .increment();
    Timer.builder("botox.events.publish")
        .description("time from append, just before the commit, to acknowledgement by the sinks")
        .tag("topic", event.topic())
        .publishPercentileHistogram()
        .serviceLevelObjectives(Duration.ofMillis(50)) // a bucket at the bar that it is judged by
        .minimumExpectedValue(Duration.ofMillis(1))
        .maximumExpectedValue(Duration.ofMinutes(1))
        .register(metrics)
        .record(committed.age());
  }

  private Duration pause() {
    // 2^20 times the shortest pause is past any sensible longest one
    Duration doubled =
        settings.backoff().multipliedBy(1L << Math.min(Math.max(failures - 1, 0), 20));
    return doubled.compareTo(settings.maxBackoff()) < 0 ? doubled : settings.maxBackoff();
  }
}
