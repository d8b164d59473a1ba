package org.botoxfhir.outbox;

import java.sql.Array;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.IntStream;
import org.botoxfhir.outbox.EventSink.Position;
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

  /**
   * Lets the server notice within seconds that a publisher's machine is gone, and within half a minute that its process is frozen, so
   * that its lock becomes free. The relay says something to the database more often than that. A lost deletion only means that
   * the next publisher finds what the sink has already; so no commit of this session waits for the disk. One plan fits all positions:
   * planning each time would cost as much as reading.
   */
  private static final String SERVER_SIDE =
      "-c tcp_keepalives_idle=1 -c tcp_keepalives_interval=1 -c tcp_keepalives_count=2 -c idle_session_timeout=30s"
          + " -c synchronous_commit=off -c plan_cache_mode=force_generic_plan -c jit=off";

  private static final String READ = """
      select e.*, extract(epoch from clock_timestamp() - e.created_at) as age
      from unnest(?, ?) as p (shard, published)
      cross join lateral (
        select * from outbox_event o where o.shard = p.shard and o.sequence > p.published order by o.sequence limit ?
      ) e
      order by e.shard, e.sequence
      """;

  private static final String RETIRE = """
      with gone as (
        delete from outbox_event e
        using unnest(?, ?) as p (shard, published)
        where e.shard = p.shard and e.sequence <= p.published
        returning e.*
      ), kept as (
        insert into outbox_published (event_id, shard, topic, type, subject, time, key, data, traceparent, created_at)
        select event_id, shard, topic, type, subject, time, key, data, traceparent, created_at from gone
        where not replay
        order by shard, sequence
        on conflict (event_id) do nothing
      )
      select count(*) from gone
      """;

  /** The event at the position, and whether the shard has events before it or has not come so far yet. */
  private static final String AT_POSITION = """
      select p.shard, e.event_id,
        s.last_sequence < p.sequence
          or exists (select from outbox_event o where o.shard = p.shard and o.sequence < p.sequence) as beside
      from unnest(?, ?) as p (shard, sequence)
      join outbox_shard s on s.shard = p.shard
      left join outbox_event e on e.shard = p.shard and e.sequence = p.sequence
      """;

  private static final String PARK = """
      with gone as (
        delete from outbox_event where shard = ? and sequence = ? returning *
      )
      insert into outbox_parked
        (shard, sequence, topic, type, event_id, subject, time, key, data, traceparent, replay, created_at, reason)
      select shard, sequence, topic, type, event_id, subject, time, key, data, traceparent, replay, created_at, ? from gone
      """;

  private static final String LETTERS = """
      select * from outbox_parked where dead_lettered_at is null order by id limit 100
      """;

  private static final int FORGOTTEN_AT_ONCE = 2_000;

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
    PGProperty.OPTIONS.set(properties, SERVER_SIDE);
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
    try (Statement statement = connection.createStatement()) {
      // It has nothing to say while nobody commits elsewhere, and holds nothing that a frozen
      // process
      // would have to give up.
      statement.execute("set idle_session_timeout = 0");
      statement.execute("listen " + CHANNEL);
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
    return new Committed(
        new OutboxEvent(
            row.getInt("shard"), row.getLong("sequence"), event(row), row.getBoolean("replay")),
        Duration.ofNanos((long) (row.getDouble("age") * 1e9)),
        readAt);
  }

  private static NewEvent event(ResultSet row) throws SQLException {
    return new NewEvent(
        row.getString("topic"),
        row.getString("type"),
        row.getString("event_id"),
        row.getString("subject"),
        instant(row, "time"),
        row.getString("key"),
        row.getString("data"),
        row.getString("traceparent"));
  }

  private static Instant instant(ResultSet row, String column) throws SQLException {
    return row.getObject(column, OffsetDateTime.class).toInstant();
  }

  /** Moves everything up to the published sequences out of the way of the next reads. @return how many events that were */
  long retire(long[] published) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(RETIRE)) {
      setPositions(statement, published);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getLong(1);
      }
    }
  }

  /**
   * Which of these positions were not written for the events that this database has, but for those of another history of it: it was
   * set back to an older state.
   */
  Set<Integer> foreign(Map<Integer, Position> positions) throws SQLException {
    long[] sequences = new long[Shards.COUNT];
    positions.forEach((shard, position) -> sequences[shard] = position.sequence());
    Set<Integer> foreign = new TreeSet<>();
    try (PreparedStatement statement = connection.prepareStatement(AT_POSITION)) {
      setPositions(statement, sequences);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          Position position = positions.get(row.getInt("shard"));
          String eventId = row.getString("event_id");
          // Events are retired up to a position: before one that is retired there is none.
          if (position != null
              && (eventId == null
                  ? row.getBoolean("beside")
                  : !eventId.equals(position.eventId()))) {
            foreign.add(row.getInt("shard"));
          }
        }
      }
    }
    return foreign;
  }

  /** Takes an event out of the way of the others. Durable when this returns: nothing else remembers it. */
  void park(OutboxEvent event, String reason) throws SQLException {
    connection.setAutoCommit(false);
    try (Statement durably = connection.createStatement();
        PreparedStatement statement = connection.prepareStatement(PARK)) {
      durably.execute("set local synchronous_commit = on");
      statement.setInt(1, event.shard());
      statement.setLong(2, event.sequence());
      statement.setString(3, reason);
      statement.executeUpdate();
      connection.commit();
    } finally {
      connection.setAutoCommit(true);
    }
  }

  /** Parked events whose copy is not known to have reached the dead letter topic, some of them if there are many. */
  List<ParkedEvent> letters() throws SQLException {
    List<ParkedEvent> letters = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(LETTERS);
        ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        letters.add(new ParkedEvent(
            row.getLong("id"),
            event(row),
            row.getBoolean("replay"),
            row.getString("reason"),
            instant(row, "parked_at")));
      }
    }
    return letters;
  }

  void deadLettered(ParkedEvent event) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(
        "update outbox_parked set dead_lettered_at = clock_timestamp() where id = ?")) {
      statement.setLong(1, event.id());
      statement.executeUpdate();
    }
  }

  /**
   * Gives the space of retired events back to later ones, and to the system after a long outage. The server's own vacuum comes once a
   * minute, in which a busy minute's events would pile up.
   */
  void vacuum() throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("vacuum outbox_event");
    }
  }

  /** Forgets published events that are older than this, at most some thousand at once. @return whether there may be more */
  boolean forget(Duration age) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement("""
        delete from outbox_published where event_id in (
          select event_id from outbox_published
          where created_at < clock_timestamp() - make_interval(secs => ?) order by created_at limit ?)
        """)) {
      statement.setDouble(1, age.toSeconds());
      statement.setInt(2, FORGOTTEN_AT_ONCE);
      return statement.executeUpdate() == FORGOTTEN_AT_ONCE;
    }
  }

  /** Name of this database's outbox. Also a sign of life. */
  UUID outbox() throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("select id from outbox_identity")) {
      row.next();
      return row.getObject(1, UUID.class);
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
