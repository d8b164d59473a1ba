package org.botoxfhir.audit;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.ReentrantLock;
import org.springframework.stereotype.Component;

/**
 * Commits the events of requests that come to their end at the same time together: while one statement is under way, the next batch
 * gathers, and the first request of a batch writes it for all. A request that is alone waits for nobody; none goes on before its event
 * is committed.
 */
@Component
class AuditWriter {
  private final AuditTable table;
  private final Timer writing;
  private final Counter written;
  private final ReentrantLock turn = new ReentrantLock();
  private final Object gathering = new Object();
  private Batch open = new Batch();

  AuditWriter(AuditTable table, MeterRegistry metrics) {
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
  }

  /**
   * Returns once the event is committed.
   *
   * @throws RuntimeException what the database said to the batch
   */
  void write(AuditRecord event) {
    Batch batch;
    boolean first;
    synchronized (gathering) {
      batch = open;
      first = batch.events.isEmpty();
      batch.events.add(event);
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

  private void commit(Batch batch) {
    turn.lock();
    try {
      synchronized (gathering) {
        open = new Batch();
      }
      writing.record(() -> table.insert(batch.events));
      written.increment(batch.events.size());
      batch.committed.complete(null);
    } catch (RuntimeException | Error failed) {
      batch.committed.completeExceptionally(failed);
    } finally {
      turn.unlock();
    }
  }
}
