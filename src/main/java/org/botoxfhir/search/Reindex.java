package org.botoxfhir.search;

import ca.uhn.fhir.context.FhirContext;
import java.io.ByteArrayInputStream;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.botoxfhir.background.BackgroundThread;
import org.botoxfhir.store.CurrentRow;
import org.botoxfhir.store.DenialTable;
import org.botoxfhir.store.IndexRows;
import org.botoxfhir.store.ParameterTable;
import org.botoxfhir.store.ParameterTable.Progress;
import org.botoxfhir.store.ReindexLock;
import org.botoxfhir.store.ResourceTables;
import org.hl7.fhir.r4.model.Resource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.PessimisticLockingFailureException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Makes the index rows of resources on file anew where this release makes them otherwise than they were made: another search
 * parameter, expression or extraction. One replica works, a few resources a transaction; what is done is in the database, so that a
 * replica that dies is followed by one that goes on. Versions and events are none of its business.
 *
 * <p>It begins once every replica on the database makes the same rows: what one of another release writes meanwhile would lack some.
 */
@Component
public class Reindex extends BackgroundThread {
  private static final Logger LOG = LoggerFactory.getLogger(Reindex.class);

  private final ParameterTable table;
  private final ResourceTables resources;
  private final DenialTable denials;
  private final ReindexLock lock;
  private final SearchParameters parameters;
  private final IndexRowExtractor extractor;
  private final IndexCompleteness completeness;
  private final FhirContext context;
  private final TransactionTemplate transactions;
  private final ReindexSettings settings;

  /** The same for replicas that make the same rows. */
  private final int kind;

  private volatile @Nullable String problem;

  Reindex(
      ParameterTable table,
      ResourceTables resources,
      DenialTable denials,
      ReindexLock lock,
      SearchParameters parameters,
      IndexRowExtractor extractor,
      IndexCompleteness completeness,
      FhirContext context,
      TransactionTemplate transactions,
      ReindexSettings settings) {
    super("reindex");
    this.table = table;
    this.resources = resources;
    this.denials = denials;
    this.lock = lock;
    this.parameters = parameters;
    this.extractor = extractor;
    this.completeness = completeness;
    this.context = context;
    this.transactions = transactions;
    this.settings = settings;
    this.kind = parameters.rowDefinitions().hashCode() & Integer.MAX_VALUE;
  }

  /**
   * How far it is.
   *
   * @param complete whether every resource on file can be found by everything
   * @param incomplete what cannot be searched by yet; a type alone stands for the columns of its resources
   * @param done resources whose rows are made, of {@code total}
   * @param problem why it does not go on, as far as this replica knows
   */
  public record Status(
      boolean complete,
      Set<String> incomplete,
      long done,
      long total,
      @Nullable Instant startedAt,
      @Nullable Instant finishedAt,
      @Nullable String problem) {}

  /** How far it is, whichever replica is at work. */
  public Status status() {
    completeness.refresh();
    Set<String> incomplete = completeness.names();
    Optional<Progress> progress = table.progress();
    return new Status(
        incomplete.isEmpty(),
        incomplete,
        progress.map(Progress::done).orElse(0L),
        progress.map(Progress::total).orElse(0L),
        progress.map(Progress::startedAt).orElse(null),
        progress.map(Progress::finishedAt).orElse(null),
        incomplete.isEmpty() ? null : problem);
  }

  @Override
  public synchronized void start() {
    // Before the first request: others have to know of this replica before it writes.
    lock.present(kind);
    super.start();
  }

  @Override
  protected void run() {
    try {
      while (isRunning()) {
        boolean more = false;
        try {
          lock.present(kind);
          more = look();
        } catch (PessimisticLockingFailureException busy) {
          more = true; // a client's write goes first
        } catch (DataAccessException | TransactionException away) {
          // No message: it may quote values.
          LOG.warn("the index cannot be looked at ({})", away.getClass().getSimpleName());
          lock.close();
        } catch (RuntimeException defect) {
          problem = "a defect, see the log: " + defect.getClass().getSimpleName();
          LOG.error("index rows cannot be made: {}", where(defect));
          lock.rest();
        }
        Thread.sleep(more ? settings.pause() : settings.poll());
      }
    } catch (InterruptedException e) {
      // stop() asked for it; the thread ends
    } finally {
      lock.close();
    }
  }

  /** Class and place; a message may quote a record. */
  private static String where(RuntimeException defect) {
    StackTraceElement[] trace = defect.getStackTrace();
    return defect.getClass().getName() + (trace.length == 0 ? "" : " at " + trace[0]);
  }

  /** Does a part of what is to be done. @return whether there is more to do for this replica, at once */
  private boolean look() {
    completeness.refresh();
    if (completeness.names().isEmpty()) {
      lock.rest();
      problem = null;
      return false;
    }
    if (!lock.tryWork()) {
      problem = null;
      return false;
    }
    long others = lock.others(kind);
    if (others > 0) {
      problem = "waits until %d replicas of another release or configuration have ended"
          .formatted(others);
      lock.rest();
      return false;
    }
    problem = null;
    Progress before = transactions.execute(status -> table.lockProgress().orElse(null));
    if (before == null || before.finishedAt() != null) {
      begin();
      return true;
    }
    boolean finished = Boolean.TRUE.equals(transactions.execute(status -> batch()));
    if (finished) {
      completeness.refresh();
      LOG.info("the index is complete: {} resources", before.total());
    }
    return !finished;
  }

  private void begin() {
    // Another release that was there since this one started may have declared its own.
    table.declare(parameters.rowDefinitions());
    completeness.refresh();
    Set<String> types = types();
    transactions.executeWithoutResult(status -> table.begin(types));
    LOG.info("makes index rows anew of: {}", String.join(", ", types));
  }

  private Set<String> types() {
    return completeness.names().stream()
        .map(ParameterTable::type)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** @return whether it was the last */
  private boolean batch() {
    Optional<Progress> at = table.lockProgress();
    if (at.isEmpty() || at.get().finishedAt() != null) {
      return false; // another release has declared other rows meanwhile
    }
    List<CurrentRow> rows =
        resources.lockFrom(at.get().nextRid(), at.get().lastRid(), types(), settings.batchSize());
    if (rows.isEmpty()) {
      denials.forgetDeleted();
      table.finish(parameters.rowDefinitions());
      return true;
    }
    Map<CurrentRow, IndexRows> indexes = new LinkedHashMap<>();
    for (CurrentRow row : rows) {
      indexes.put(row, extractor.extract(resource(row)));
    }
    resources.reindex(indexes);
    table.advance(rows.getLast().rid() + 1, rows.size());
    return false;
  }

  private Resource resource(CurrentRow row) {
    var resource = (Resource) context
        .newJsonParser()
        .parseResource(new ByteArrayInputStream(row.version().content()));
    resource.setId(row.version().key().id());
    return resource;
  }
}
