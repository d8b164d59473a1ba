package org.botoxfhir.store;

import com.zaxxer.hikari.HikariDataSource;
import java.io.Serial;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import javax.sql.DataSource;
import org.botoxfhir.store.ReplicationTables.Position;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/** Gives a connection of the standby to who runs within {@link #NEEDED}, one of the primary to everybody else. */
final class RoutedDataSource extends DelegatingDataSource {
  /** What the standby must have replayed. */
  static final ScopedValue<Position> NEEDED = ScopedValue.newInstance();

  private static final Duration LOOK_AGAIN = Duration.ofMillis(1);

  private final HikariDataSource standby;
  private final Duration maxWait;

  RoutedDataSource(DataSource primary, HikariDataSource standby, Duration maxWait) {
    super(primary);
    this.standby = standby;
    this.maxWait = maxWait;
  }

  @Override
  public Connection getConnection() throws SQLException {
    return NEEDED.isBound() ? caughtUp(NEEDED.get()) : super.getConnection();
  }

  /** Each connection is asked by itself: there may be several standbys behind one address. */
  private Connection caughtUp(Position needed) throws SQLException {
    Connection connection = standby.getConnection();
    boolean usable = false;
    try {
      long deadline = System.nanoTime() + maxWait.toNanos();
      while (!ReplicationTables.replayed(connection, needed)) {
        if (System.nanoTime() - deadline >= 0) {
          throw new BehindException(maxWait);
        }
        Thread.sleep(LOOK_AGAIN);
      }
      usable = true;
      return connection;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SQLTransientConnectionException("interrupted while waiting for the standby", e);
    } finally {
      if (!usable) {
        connection.close();
      }
    }
  }

  /** No standby, or one that is too late. */
  static final class BehindException extends SQLTransientConnectionException {
    @Serial
    private static final long serialVersionUID = 1L;

    BehindException(Duration waited) {
      super(
          "after %s it still has not replayed what the primary had committed, or it is no standby of that primary"
              .formatted(waited));
    }
  }

  /** Where the log of the primary ends now. */
  Position written() throws SQLException {
    try (Connection primary = super.getConnection()) {
      return ReplicationTables.written(primary);
    }
  }
}
