package org.botoxfhir.outbox;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.outbox.OutboxTable.Waiting;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * How many events wait, and since when: for the bound and for the metrics. Measured at most once a second; between measurements
 * what this replica appends is added and what is published is not subtracted. So one replica never goes past the bound, and several
 * may by what the others append within that second; the bound is there to keep the table from growing for days.
 */
@Component
class OutboxLevel {
  private static final long FRESH_NANOS = Duration.ofSeconds(1).toNanos();

  private final OutboxTable table;
  private final RelaySignal signal;
  private final long maxRows;

  /** Events in transactions of this replica that have not ended: invisible to a measurement. */
  private final AtomicLong pending = new AtomicLong();

  /** Events that this replica has ever committed. */
  private final AtomicLong committed = new AtomicLong();

  private final AtomicLong due = new AtomicLong(System.nanoTime());
  private volatile Measurement last = new Measurement(new Waiting(0, Duration.ZERO, 0), 0);

  OutboxLevel(
      OutboxTable table, RelaySignal signal, OutboxSettings settings, MeterRegistry metrics) {
    this.table = table;
    this.signal = signal;
    this.maxRows = settings.maxRows();
    Gauge.builder("botox.outbox.rows", this, level -> level.waiting().rows())
        .description("events that are committed and not yet published")
        .register(metrics);
    Gauge.builder(
            "botox.outbox.oldest.age",
            this,
            level -> level.waiting().oldestAge().toNanos() / 1e9)
        .description("age of the oldest event that is not yet published; 0 when there is none")
        .baseUnit("seconds")
        .register(metrics);
    Gauge.builder("botox.outbox.rows.limit", settings, OutboxSettings::maxRows)
        .description("events that may wait; at this number writes that need one are refused")
        .register(metrics);
    Gauge.builder("botox.outbox.parked", this, level -> level.waiting().parked())
        .description("events that Kafka refuses for good; they wait for an operator")
        .register(metrics);
  }

  /**
   * Makes room for events that the caller's transaction is about to append, and tells the relay of them when it commits.
   *
   * @param events most that it will append
   * @throws FaultException with {@link Fault.OutboxFull} when too many wait already
   */
  void reserve(int events) {
    long reserved = pending.addAndGet(events);
    // The estimate may be behind the relay: refuse only by what the database says now.
    if (reserved + rows(current()) > maxRows) {
      long rows = rows(measure());
      if (reserved + rows > maxRows) {
        pending.addAndGet(-events);
        throw new FaultException(new Fault.OutboxFull(rows, maxRows));
      }
    }
    TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
      @Override
      public void afterCompletion(int status) {
        // A commit of unknown outcome counts: the next measurement corrects it, and the relay looks
        // in vain at worst.
        boolean transactionCommitted = status != STATUS_ROLLED_BACK;
        // First counted as committed, then no longer as pending: never in between.
        if (transactionCommitted) {
          committed.addAndGet(events);
        }
        pending.addAndGet(-events);
        if (transactionCommitted) {
          signal.raise();
        }
      }
    });
  }

  private long rows(Measurement measurement) {
    return measurement.waiting().rows() + committed.get() - measurement.committedBefore();
  }

  /** What waits, at most a second old. */
  Waiting waiting() {
    return current().waiting();
  }

  private Measurement current() {
    long now = System.nanoTime();
    long dueAt = due.get();
    // One caller measures, and without a lock: it may have to wait for a connection that another
    // caller holds.
    return now - dueAt >= 0 && due.compareAndSet(dueAt, now + FRESH_NANOS) ? measure() : last;
  }

  private Measurement measure() {
    long committedBefore = committed.get();
    var measurement = new Measurement(table.waiting(), committedBefore);
    last = measurement;
    return measurement;
  }

  /** @param committedBefore value of {@link #committed} that the measurement has seen */
  private record Measurement(Waiting waiting, long committedBefore) {}
}
