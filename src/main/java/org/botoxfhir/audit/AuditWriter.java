package org.botoxfhir.audit;

import com.fasterxml.uuid.Generators;
import com.fasterxml.uuid.impl.TimeBasedEpochRandomGenerator;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.springframework.stereotype.Component;

/**
 * Commits the events of requests that come to their end at the same time together: while one statement is under way, the next batch
 * gathers, and the first request of a batch writes it for all, after a moment for those that are under way. A request that is alone
 * waits for nobody; none goes on before its event is committed.
 */
@Component
class AuditWriter {
  /** Random behind the time: ids that count within a millisecond would differ in the bits only that are the position of an event. */
  private final TimeBasedEpochRandomGenerator ids = Generators.timeBasedEpochRandomGenerator();

  private final AuditTable table;
  private final Timer writing;
  private final Counter written;
  private final ReentrantLock turn = new ReentrantLock();
  private final Object gathering = new Object();
  private final long linger;
  private Batch open = new Batch();

  /** Requests whose events are still to come. */
  private int underWay;

  AuditWriter(AuditTable table, AuditSettings settings, MeterRegistry metrics) {
    this.linger = settings.linger().toNanos();
    this.table = table;
    this.writing = Timer.builder("botox.audit.write")
        .description("Time to commit a batch of audit events")
        .register(metrics);
    this.written = Counter.builder("botox.audit.events")
        .description("Audit events on record")
        .register(metrics);
  }

  private static final class Batch {
    private final List<AuditRecord> events = new ArrayList<>();
    private final CompletableFuture<Void> committed = new CompletableFuture<>();
    private long began;
  }

  /** An event is going to be written: others may wait for it. */
  void expect() {
    synchronized (gathering) {
      underWay++;
    }
  }

  /** The event that was expected will not come. */
  void forget() {
    synchronized (gathering) {
      arrived();
    }
  }

  private void arrived() {
    underWay--;
    if (underWay == 0) {
      gathering.notifyAll();
    }
  }

  /**
   * Returns once the event, which was {@link #expect expected}, is committed.
   *
   * @throws RuntimeException what the database said to the batch
   */
  void write(AuditRecord event) {
    Batch batch;
    boolean first;
    synchronized (gathering) {
      batch = open;
      first = batch.events.isEmpty();
      if (first) {
        batch.began = System.nanoTime();
      }
      batch.events.add(event);
      arrived();
    }
    if (first) {
      commit(batch);
    }
    try {
      batch.committed.join();
    } catch (CompletionException failed) {
      throw failed.getCause() instanceof RuntimeException cause ? cause : failed;
    }
  }

  /** Closes the batch once nobody is under way, or it has lingered. */
  private void gather(Batch batch) {
    synchronized (gathering) {
      try {
        for (long left = linger - (System.nanoTime() - batch.began);
            underWay > 0 && left > 0;
            left = linger - (System.nanoTime() - batch.began)) {
          TimeUnit.NANOSECONDS.timedWait(gathering, left);
        }
      } catch (InterruptedException stopping) {
        Thread.currentThread().interrupt(); // what is there is written all the same
      }
      open = new Batch();
    }
  }

  private void commit(Batch batch) {
    turn.lock();
    try {
      gather(batch);
      writing.record(() -> table.insert(RecordedEvent.batch(ids.generate()), batch.events));
      written.increment(batch.events.size());
      batch.committed.complete(null);
    } catch (RuntimeException | Error failed) {
      batch.committed.completeExceptionally(failed);
    } finally {
      turn.unlock();
    }
  }
}
