package org.botoxfhir.outbox;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.botoxfhir.background.BackgroundThread;
import org.botoxfhir.outbox.EventSink.EventSinkException;
import org.botoxfhir.outbox.EventSink.Position;
import org.botoxfhir.outbox.EventSink.RefusedEventsException;
import org.botoxfhir.outbox.EventSink.Tenure;
import org.botoxfhir.outbox.RelaySession.Committed;
import org.botoxfhir.trace.Traces;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.stereotype.Component;

/**
 * Publishes committed events to the sink, in order and each once, and retires them once the sink has them. Of all replicas on one
 * database exactly one publishes: the one whose database session holds the lock, and it begins by shutting its predecessor out of the sink. The
 * others pass their commits on to it and stand by. Where a publisher died between the sink's acknowledgement and the retirement, its
 * successor learns from the sink what was published.
 */
@Component
class Relay extends BackgroundThread {
  private static final Logger log = LoggerFactory.getLogger(Relay.class);

  /** Some megabytes of dead rows. */
  private static final int VACUUM_EVERY = 5_000;

  private static final Duration FORGET_EVERY = Duration.ofMinutes(1);

  private final JdbcConnectionDetails database;
  private final RelaySignal signal;
  private final @Nullable EventSink sink;
  private final OutboxSettings settings;
  private final MeterRegistry metrics;
  private final Traces traces;

  private final Counter takeOvers;
  private final Counter duplicatesAvoided;

  private volatile boolean leading;

  /** Failed attempts in a row. Kept across sessions: a sink that is away stays away when the database connection changes. */
  private int failures;

  /** Events retired since the last vacuum. */
  private long retired;

  /** Whether copies for the dead letter topics may be outstanding. */
  private boolean letters = true;

  private long forgetAt = System.nanoTime();

  Relay(
      JdbcConnectionDetails database,
      RelaySignal signal,
      ObjectProvider<EventSink> sink,
      OutboxSettings settings,
      MeterRegistry metrics,
      Traces traces) {
    super("outbox-relay");
    this.database = database;
    this.signal = signal;
    this.sink = sink.getIfAvailable();
    this.settings = settings;
    this.metrics = metrics;
    this.traces = traces;
    Gauge.builder("botox.outbox.leader", () -> leading ? 1 : 0)
        .description("1 on the replica that publishes, 0 on those that stand by")
        .register(metrics);
    takeOvers = Counter.builder("botox.outbox.takeovers")
        .description(
            "times that this replica became the publisher, or became it again after a failure")
        .register(metrics);
    duplicatesAvoided = Counter.builder("botox.outbox.duplicates.avoided")
        .description("events found unretired at a take-over that Kafka had already")
        .register(metrics);
  }

  @Override
  public synchronized void start() {
    if (sink == null) {
      log.warn("no event sink is installed: events wait in the outbox");
      return;
    }
    super.start();
  }

  @Override
  protected void run() {
    try {
      while (isRunning()) {
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
        lead(session);
      } finally {
        leading = false;
        log.info("this replica no longer publishes");
      }
    }
  }

  /** Runs until the relay is stopped or the session is lost. */
  private void lead(RelaySession session) throws SQLException, InterruptedException {
    EventSink to = Objects.requireNonNull(sink);
    while (isRunning()) {
      try (Tenure tenure = to.takeOver(session.outbox())) {
        takeOvers.increment();
        publish(session, tenure, recover(session, tenure.positions()));
      } catch (EventSinkException e) {
        failures++;
        log.warn(
            "events are not published (attempt {}), next attempt in {}: {}",
            failures,
            pause(),
            e.getMessage());
        session.outbox(); // a sign of life before the pause
        Thread.sleep(pause());
      }
    }
  }

  /**
   * Retires what the sink has, although the database does not know it.
   *
   * @return last published sequence by shard
   */
  private long[] recover(RelaySession session, Map<Integer, Position> positions)
      throws SQLException {
    long[] published = new long[Shards.COUNT];
    Set<Integer> foreign = session.foreign(positions);
    positions.forEach((shard, position) -> {
      if (!foreign.contains(shard)) {
        published[shard] = position.sequence();
      }
    });
    if (!foreign.isEmpty()) {
      log.error(
          "the database was set back to an older state: what it has of shards {} is published from its beginning, some of it perhaps again",
          foreign);
    }
    long avoided = session.retire(published);
    duplicatesAvoided.increment(avoided);
    if (avoided > 0) {
      log.info("{} events had been published by the former publisher", avoided);
    }
    return published;
  }

  private void publish(RelaySession session, Tenure tenure, long[] published)
      throws SQLException, EventSinkException, InterruptedException {
    int perShard = Math.ceilDiv(settings.batchSize(), Shards.COUNT);
    while (isRunning()) {
      long begun = System.nanoTime();
      List<Committed> batch = session.read(published, perShard);
      try {
        publish(tenure, batch);
      } catch (RefusedEventsException e) {
        park(session, e.reasons());
        continue;
      }
      working();
      retire(session, batch, published);
      // A shard had as many as were asked for only if there were as many in all.
      if (batch.size() < perShard) {
        tidy(session);
        signal.await(settings.poll());
        linger(begun);
      }
    }
  }

  /** Lets events gather when the last publication began only just now. */
  private void linger(long begun) throws InterruptedException {
    long left = begun + settings.linger().toNanos() - System.nanoTime();
    if (left > 0) {
      TimeUnit.NANOSECONDS.sleep(left);
    }
  }

  private static void publish(Tenure tenure, List<Committed> batch)
      throws EventSinkException, RefusedEventsException, InterruptedException {
    if (!batch.isEmpty()) {
      tenure.publish(batch.stream().map(Committed::event).toList());
    }
  }

  /** @param published last published sequence by shard, brought up to date */
  private void retire(RelaySession session, List<Committed> batch, long[] published)
      throws SQLException {
    if (batch.isEmpty()) {
      return;
    }
    for (Committed committed : batch) {
      published[committed.event().shard()] = committed.event().sequence();
      count(committed);
    }
    retired += session.retire(published);
    if (retired >= VACUUM_EVERY) {
      session.vacuum();
      retired = 0;
    }
  }

  private void working() {
    if (failures > 0) {
      log.info("events are published again after {} failed attempts", failures);
      failures = 0;
    }
  }

  /** The others go on; an operator hears of it and decides. */
  private void park(RelaySession session, Map<OutboxEvent, String> reasons) throws SQLException {
    for (var refused : reasons.entrySet()) {
      OutboxEvent event = refused.getKey();
      session.park(event, refused.getValue());
      log.error(
          "event {} for topic {} is parked, it can never be published: {}",
          event.event().id(),
          event.event().topic(),
          refused.getValue());
    }
    letters = true;
  }

  /** What has time until no event waits. */
  private void tidy(RelaySession session) throws SQLException, InterruptedException {
    if (letters) {
      letters = !deadLetter(session);
    }
    if (System.nanoTime() - forgetAt > 0 && !session.forget(settings.keepPublished())) {
      forgetAt = System.nanoTime() + FORGET_EVERY.toNanos();
    }
  }

  /** @return whether all copies have arrived */
  private boolean deadLetter(RelaySession session) throws SQLException, InterruptedException {
    List<ParkedEvent> outstanding = session.letters();
    for (ParkedEvent parked : outstanding) {
      try {
        Objects.requireNonNull(sink).deadLetter(parked);
      } catch (EventSinkException e) {
        log.warn(
            "no copy of parked event {} among the dead letters yet: {}",
            parked.event().id(),
            e.getMessage());
        return false;
      }
      session.deadLettered(parked);
    }
    return outstanding.isEmpty();
  }

  private void count(Committed committed) {
    NewEvent event = committed.event().event();
    if (committed.event().replay()) {
      Counter.builder("botox.events.replayed")
          .description("events that an operator sent again and Kafka has acknowledged")
          .tag("topic", event.topic())
          .register(metrics)
          .increment();
      return;
    }
    Counter.builder("botox.events.published")
        .description("events that Kafka has acknowledged")
        .tag("topic", event.topic())
        .tag("type", event.type())
        .register(metrics)
        .increment();
    Timer publish = Timer.builder("botox.events.publish")
        .description("time from append, just before the commit, to acknowledgement by Kafka")
        .tag("topic", event.topic())
        .register(metrics);
    traces.asPartOf(event.traceparent(), () -> publish.record(committed.age()));
  }

  private Duration pause() {
    // 2^20 times the shortest pause is past any sensible longest one
    Duration doubled =
        settings.backoff().multipliedBy(1L << Math.min(Math.max(failures - 1, 0), 20));
    return doubled.compareTo(settings.maxBackoff()) < 0 ? doubled : settings.maxBackoff();
  }
}
