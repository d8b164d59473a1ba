package org.botoxfhir.store;

import static org.botoxfhir.store.RoutedDataSource.NEEDED;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.botoxfhir.store.ReplicationTables.Position;
import org.botoxfhir.store.RoutedDataSource.BehindException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Reads that a standby of the database may answer, where {@code botox.replica.url} names one, and that see every write that was answered
 * before they began, whoever wrote it and through whichever replica of the service: the primary is asked how far its log is, and a connection to
 * the standby is used once it has replayed that much. Reads that come at the same time ask once. Whatever the standby cannot do the
 * primary does.
 */
@Component
public class FreshReads {
  private static final Logger LOG = LoggerFactory.getLogger(FreshReads.class);

  /** Null where there is no standby. */
  private final @Nullable RoutedDataSource routes;

  private final Duration pause;
  private final Counter fromStandby;
  private final Counter fromPrimary;

  /** Where the log of the primary ended at some moment after a read began. */
  private final Coalescer<Supplier<?>, Position> positions = new Coalescer<>(reads -> written());

  private final AtomicBoolean working = new AtomicBoolean(true);
  private volatile long pausedUntil = System.nanoTime();

  FreshReads(DataSource database, ReplicaSettings settings, MeterRegistry metrics)
      throws SQLException {
    routes = database.isWrapperFor(RoutedDataSource.class)
        ? database.unwrap(RoutedDataSource.class)
        : null;
    pause = settings.pause();
    fromStandby = counter(metrics, "replica");
    fromPrimary = counter(metrics, "primary");
  }

  private static Counter counter(MeterRegistry metrics, String server) {
    return Counter.builder("botox.replica.reads")
        .description("reads while a replica of the database is configured, by who answered")
        .tag("server", server)
        .register(metrics);
  }

  /**
   * Runs a read, on the standby if that is possible. Within a transaction it is part of the transaction.
   *
   * @param read statements that change nothing; done again on the primary when the standby fails
   */
  public <T> T read(Supplier<T> read) {
    if (routes == null || isPartOfMore()) {
      return read.get();
    }
    if (System.nanoTime() - pausedUntil < 0) {
      return fromPrimary(read);
    }
    Position needed = positions.ask(read);
    try {
      T found = ScopedValue.where(NEEDED, needed).call(read::get);
      fromStandby.increment();
      if (working.compareAndSet(false, true)) {
        LOG.info("reads go to the replica of the database again");
      }
      return found;
    } catch (QueryTimeoutException tooLong) {
      throw tooLong; // the primary would not be faster
    } catch (DataAccessException failure) {
      pausedUntil = System.nanoTime() + pause.toNanos();
      if (working.compareAndSet(true, false)) {
        LOG.warn(
            "reads go to the primary, the replica of the database cannot answer: {}",
            reason(failure));
      }
      return fromPrimary(read);
    }
  }

  /** Whether what runs on this thread belongs to a transaction, or to a read that has chosen its server. */
  static boolean isPartOfMore() {
    return NEEDED.isBound() || TransactionSynchronizationManager.isActualTransactionActive();
  }

  private <T> T fromPrimary(Supplier<T> read) {
    fromPrimary.increment();
    return read.get();
  }

  /** Our own words, or the state alone: a message of the server may quote values. */
  private static String reason(DataAccessException failure) {
    return switch (failure.getMostSpecificCause()) {
      case BehindException behind -> String.valueOf(behind.getMessage());
      case SQLException refused -> "SQL state " + refused.getSQLState();
      default -> failure.getClass().getSimpleName();
    };
  }

  private Position written() {
    try {
      return Objects.requireNonNull(routes).written();
    } catch (SQLException e) {
      throw new DataAccessResourceFailureException("the primary does not tell its position", e);
    }
  }
}
