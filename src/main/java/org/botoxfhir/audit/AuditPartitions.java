package org.botoxfhir.audit;

import java.time.Duration;
import java.time.InstantSource;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.List;
import org.botoxfhir.background.BackgroundThread;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionTemplate;

/** Keeps a partition ready for this month and the next, and drops those whose last event is older than the retention. */
@Component
class AuditPartitions extends BackgroundThread {
  private static final Logger LOG = LoggerFactory.getLogger(AuditPartitions.class);
  private static final Duration EVERY = Duration.ofHours(1);

  private final AuditTable table;
  private final AuditSettings settings;
  private final TransactionTemplate transactions;
  private final InstantSource clock;

  @Autowired
  AuditPartitions(AuditTable table, AuditSettings settings, TransactionTemplate transactions) {
    this(table, settings, transactions, InstantSource.system());
  }

  AuditPartitions(
      AuditTable table,
      AuditSettings settings,
      TransactionTemplate transactions,
      InstantSource clock) {
    super("audit-partitions");
    this.table = table;
    this.settings = settings;
    this.transactions = transactions;
    this.clock = clock;
  }

  /** Before the first request: without a partition none could be answered. */
  @Override
  public synchronized void start() {
    makeReady();
    super.start();
  }

  /** Makes the partitions that the coming weeks need. */
  void makeReady() {
    YearMonth now = YearMonth.from(clock.instant().atOffset(ZoneOffset.UTC));
    List<YearMonth> there = table.months();
    for (YearMonth month : List.of(now, now.plusMonths(1))) {
      if (!there.contains(month)) {
        transactions.executeWithoutResult(status -> table.create(month));
      }
    }
  }

  /** Drops the partitions that hold nothing that is still to be kept. */
  void dropOld() {
    var oldest = clock.instant().minus(settings.retention()).atOffset(ZoneOffset.UTC);
    for (YearMonth month : table.months()) {
      if (!AuditTable.start(month.plusMonths(1)).isAfter(oldest)) {
        transactions.executeWithoutResult(status -> table.drop(month));
        LOG.info(
            "audit events of {} are dropped: all are older than botox.audit.retention, {} days",
            month,
            settings.retention().toDays());
      }
    }
  }

  @Override
  protected void run() {
    while (isRunning()) {
      try {
        makeReady();
        dropOld();
      } catch (DataAccessException | TransactionException later) {
        LOG.warn(
            "partitions of the audit log cannot be made or dropped, tried again in an hour: {}",
            later.getClass().getSimpleName());
      }
      try {
        Thread.sleep(EVERY);
      } catch (InterruptedException stopped) {
        return;
      }
    }
  }
}
