package org.botoxfhir.store;

import java.util.Objects;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGProperty;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import org.springframework.stereotype.Component;

/**
 * Which replicas are there, by what they make index rows by, and which of them makes them anew. Held on a connection of its own, so that the
 * locks end with the replica, however it ends. Not thread-safe.
 */
@Component
public class ReindexLock {
  /** Any numbers that nobody else locks in this database. */
  private static final int PRESENT = 0x62667872;

  private static final long WORKING = 0x626f746f785f7269L;

  /** As for the relay: a machine that is gone is noticed within seconds, a frozen process within half a minute. */
  private static final String SERVER_SIDE =
      "-c tcp_keepalives_idle=1 -c tcp_keepalives_interval=1 -c tcp_keepalives_count=2 -c idle_session_timeout=30s";

  private static final String ANSWER_SECONDS = "10";

  private final JdbcConnectionDetails database;
  private @Nullable SingleConnectionDataSource connection;
  private boolean working;

  ReindexLock(JdbcConnectionDetails database) {
    this.database = database;
  }

  /**
   * Tells the other replicas that this one is there; called again within half a minute each time, which also finds out whether the
   * connection still is.
   *
   * @param kind the same for replicas that make the same index rows
   */
  public void present(int kind) {
    if (connection != null) {
      jdbc().execute("select 1");
      return;
    }
    var properties = new Properties();
    PGProperty.APPLICATION_NAME.set(properties, "botox-reindex");
    PGProperty.TCP_KEEP_ALIVE.set(properties, true);
    PGProperty.CONNECT_TIMEOUT.set(properties, ANSWER_SECONDS);
    PGProperty.SOCKET_TIMEOUT.set(properties, ANSWER_SECONDS);
    PGProperty.OPTIONS.set(properties, SERVER_SIDE);
    PGProperty.LOG_SERVER_ERROR_DETAIL.set(properties, false);
    if (database.getUsername() != null) {
      PGProperty.USER.set(properties, database.getUsername());
    }
    if (database.getPassword() != null) {
      PGProperty.PASSWORD.set(properties, database.getPassword());
    }
    var opened = new SingleConnectionDataSource(database.getJdbcUrl(), true);
    opened.setConnectionProperties(properties);
    connection = opened;
    try {
      jdbc().query("select pg_advisory_lock_shared(?, ?)", row -> {}, PRESENT, kind);
    } catch (RuntimeException failed) {
      close();
      throw failed;
    }
  }

  /** How many replicas are there that make other index rows than this one. */
  public long others(int kind) {
    return Objects.requireNonNull(
        jdbc().queryForObject("""
        select count(*) from pg_locks
        where locktype = 'advisory' and objsubid = 2 and granted
          and database = (select oid from pg_database where datname = current_database())
          and classid = ?::bigint::oid and objid <> ?::bigint::oid
        """, Long.class, (long) PRESENT, (long) kind));
  }

  /** Whether this replica is the one that makes rows anew. Never waits. */
  public boolean tryWork() {
    working = working
        || Boolean.TRUE.equals(
            jdbc().queryForObject("select pg_try_advisory_lock(?)", Boolean.class, WORKING));
    return working;
  }

  /** Lets another replica work. */
  public void rest() {
    if (working) {
      jdbc().query("select pg_advisory_unlock(?)", row -> {}, WORKING);
      working = false;
    }
  }

  /** Gives up every lock, and the connection; {@link #present} opens another one. */
  public void close() {
    working = false;
    SingleConnectionDataSource open = connection;
    if (open != null) {
      connection = null;
      open.destroy();
    }
  }

  private JdbcTemplate jdbc() {
    return new JdbcTemplate(Objects.requireNonNull(connection, "not present"));
  }
}
