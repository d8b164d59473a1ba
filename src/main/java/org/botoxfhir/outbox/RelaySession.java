package org.botoxfhir.outbox;

import java.sql.Array;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.stream.IntStream;
import org.postgresql.PGProperty;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;

/**
 * The relay's own database connection, outside the pool. Whoever holds the advisory lock on it is the one publisher of this
 * database; the lock ends with the connection, however that ends, so a dead publisher is replaced and a cut-off one finds out at its
 * next statement. Not thread-safe.
 */
final class RelaySession implements AutoCloseable {
  /** Any number that nobody else locks in this database. */
  private static final long LOCK = 0x626f746f785f6f62L;

  static final String CHANNEL = "botox_outbox";

  private static final Duration ANSWER = Duration.ofSeconds(10);

  /** Lets the server notice within seconds that a publisher's machine is gone, so that its lock becomes free. */
  private static final String SERVER_KEEPALIVE =
      "-c tcp_keepalives_idle=2 -c tcp_keepalives_interval=1 -c tcp_keepalives_count=2";

  private static final String READ = """
      select e.shard, e.sequence, e.topic, e.type, e.event_id, e.subject, e.time, e.key, e.data, e.traceparent,
        extract(epoch from clock_timestamp() - e.created_at) as age
      from unnest(?, ?) as p (shard, published)
      cross join lateral (
        select * from outbox_event o where o.shard = p.shard and o.sequence > p.published order by o.sequence limit ?
      ) e
      order by e.shard, e.sequence
      """;

  private static final String DELETE = """
      delete from outbox_event e
      using unnest(?, ?) as p (shard, published)
      where e.shard = p.shard and e.sequence <= p.published
      """;

  private final Connection connection;

  private RelaySession(Connection connection) {
    this.connection = connection;
  }

  static RelaySession open(JdbcConnectionDetails database, String role) throws SQLException {
    var properties = new Properties();
    if (database.getUsername() != null) {
      PGProperty.USER.set(properties, database.getUsername());
    }
    if (database.getPassword() != null) {
      PGProperty.PASSWORD.set(properties, database.getPassword());
    }
    PGProperty.APPLICATION_NAME.set(properties, role);
    PGProperty.TCP_KEEP_ALIVE.set(properties, true);
    PGProperty.CONNECT_TIMEOUT.set(properties, (int) ANSWER.toSeconds());
    PGProperty.SOCKET_TIMEOUT.set(properties, (int) ANSWER.toSeconds());
    PGProperty.OPTIONS.set(properties, SERVER_KEEPALIVE);
    // Server messages may quote rows.
    PGProperty.LOG_SERVER_ERROR_DETAIL.set(properties, false);
    return new RelaySession(DriverManager.getConnection(database.getJdbcUrl(), properties));
  }

  /** Whether this session is now the one publisher. Never waits. */
  boolean tryLead() throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("select pg_try_advisory_lock(?)")) {
      statement.setLong(1, LOCK);
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next() && rows.getBoolean(1);
      }
    }
  }

  /** Tells the publisher, in another replica, that events were committed. A statement of its own: inside the writer's transaction it
   * would make commits wait for each other. */
  void tellLeader() throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement("notify " + CHANNEL)) {
      statement.execute();
    }
  }

  /** Lets {@link #awaitNotification} hear {@link #tellLeader} of other replicas. */
  void listen() throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement("listen " + CHANNEL)) {
      statement.execute();
    }
  }

  /** Waits for a notification. @return false when {@code atMost} passed without one */
  boolean awaitNotification(Duration atMost) throws SQLException {
    var notifications = connection
        .unwrap(org.postgresql.PGConnection.class)
        .getNotifications(Math.toIntExact(atMost.toMillis()));
    return notifications != null && notifications.length > 0;
  }

  /**
   * The next committed events after the published ones, ascending by sequence within each shard.
   *
   * @param published last published sequence by shard
   * @param perShard most events of one shard, so that a busy one does not starve the others
   */
  List<Committed> read(long[] published, int perShard) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(READ)) {
      setPositions(statement, published);
      statement.setInt(3, perShard);
      long readAt = System.nanoTime();
      List<Committed> events = new ArrayList<>();
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          events.add(committed(row, readAt));
        }
      }
      return events;
    }
  }

  private static Committed committed(ResultSet row, long readAt) throws SQLException {
    var event = new NewEvent(
        row.getString("topic"),
        row.getString("type"),
        row.getString("event_id"),
        row.getString("subject"),
        row.getObject("time", java.time.OffsetDateTime.class).toInstant(),
        row.getString("key"),
        row.getString("data"),
        row.getString("traceparent"));
    return new Committed(
        new OutboxEvent(row.getInt("shard"), row.getLong("sequence"), event),
        Duration.ofNanos((long) (row.getDouble("age") * 1e9)),
        readAt);
  }

  /** Deletes everything up to the published sequences. */
  void delete(long[] published) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(DELETE)) {
      setPositions(statement, published);
      statement.executeUpdate();
    }
  }

  private void setPositions(PreparedStatement statement, long[] published) throws SQLException {
    Array shards = connection.createArrayOf(
        "int4", IntStream.range(0, published.length).boxed().toArray());
    Array sequences = connection.createArrayOf(
        "int8", java.util.Arrays.stream(published).boxed().toArray());
    statement.setArray(1, shards);
    statement.setArray(2, sequences);
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }

  /**
   * An event as read by the relay.
   *
   * @param ageWhenRead time from append to read, by the database's clock
   * @param readAt {@link System#nanoTime} of the read
   */
  record Committed(OutboxEvent event, Duration ageWhenRead, long readAt) {
    /** Time from append to now. */
    Duration age() {
      return ageWhenRead.plusNanos(System.nanoTime() - readAt);
    }
  }
}
