package org.botoxfhir.outbox;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.springframework.stereotype.Component;

/** Gauge {@code botox.outbox.size}: what the outbox takes of the database's disk, asked at most once a minute. */
@Component
class OutboxSize {
  private static final long FRESH_NANOS = Duration.ofMinutes(1).toNanos();

  private final OutboxTable table;
  private final AtomicLong due = new AtomicLong(System.nanoTime());
  private volatile double bytes = Double.NaN;

  OutboxSize(OutboxTable table, MeterRegistry metrics) {
    this.table = table;
    Gauge.builder("botox.outbox.size", this, OutboxSize::bytes)
        .description("disk that waiting, parked and published events take in the database")
        .baseUnit("bytes")
        .register(metrics);
  }

  private double bytes() {
    long now = System.nanoTime();
    long dueAt = due.get();
    if (now - dueAt >= 0 && due.compareAndSet(dueAt, now + FRESH_NANOS)) {
      bytes = Double.NaN; // unless it is answered
      bytes = table.size();
    }
    return bytes;
  }
}
