package org.botoxfhir.outbox;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.outbox.OutboxTable.Waiting;
import org.springframework.stereotype.Component;

/**
 * How many events wait, and since when: for the bound and for the metrics. Measured at most once a second; between measurements
 * what this replica appends is added and what is published is not subtracted. Transactions that append at the same moment, and
 * those of other replicas within a second, may together go past the bound; it is there to keep the table from growing for days.
 */
@Component
class OutboxLevel {
  private static final long FRESH_NANOS = Duration.ofSeconds(1).toNanos();

  private final OutboxTable table;
  private final long maxRows;

  /** Events that this replica has ever appended, rolled back ones too. */
  private final AtomicLong appended = new AtomicLong();

  private final AtomicLong due = new AtomicLong(System.nanoTime());
  private volatile Measurement last = new Measurement(new Waiting(0, Duration.ZERO), 0);

  OutboxLevel(OutboxTable table, OutboxSettings settings, MeterRegistry metrics) {
    this.table = table;
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
  }

  /** Takes note of events that are about to be appended, or refuses them. Called in the transaction that appends them. */
  void require(int events) {
    long total = appended.addAndGet(events);
    Measurement known = current();
    if (known.waiting().rows() + total - known.appendedBefore() <= maxRows) {
      return;
    }
    // The estimate may be behind the relay: refuse only by what the database says now.
    long rows = measure().waiting().rows();
    if (rows + events > maxRows) {
      throw new FaultException(new Fault.OutboxFull(rows, maxRows));
    }
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
    long appendedBefore = appended.get();
    var measurement = new Measurement(table.waiting(), appendedBefore);
    last = measurement;
    return measurement;
  }

  /** @param appendedBefore value of {@link #appended} that the measurement may already contain */
  private record Measurement(Waiting waiting, long appendedBefore) {}
}
