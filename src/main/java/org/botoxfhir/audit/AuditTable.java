package org.botoxfhir.audit;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.botoxfhir.store.PostgresLimits;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.PreparedStatementCreator;
import org.springframework.stereotype.Component;

/**
 * The only reader and writer of {@code audit_batch}, and the only one that makes and drops its partitions, one for each month (UTC). Its
 * events are read through the view {@code audit_event}.
 */
@Component
class AuditTable {
  /** Characters of a stored event that tells of a read. */
  private static final int EXPECTED_LENGTH = 256;

  private static final String PARTITION = "audit_batch_";

  /** What makes or drops a partition waits so long for others and keeps them waiting no longer; it is tried again. */
  private static final String PATIENCE = "set local lock_timeout = '1s'";

  private static final String SELECT = """
      select id, interaction, status, agent, client, address, server, request_id, request, purpose, entities, subjects
      from audit_event""";

  private final JdbcTemplate jdbc;

  AuditTable(JdbcTemplate jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * Stores events in one statement, which alone is the transaction too.
   *
   * @param id version 7, whose last 16 bits are zero
   */
  void insert(UUID id, List<AuditRecord> events) {
    StringBuilder lines = new StringBuilder(EXPECTED_LENGTH * events.size());
    Set<String> keys = new LinkedHashSet<>();
    for (AuditRecord event : events) {
      if (!lines.isEmpty()) {
        lines.append('\n');
      }
      event.addTo(lines);
      keys.add(event.agent());
      if (event.client() != null) {
        keys.add(event.client());
      }
      keys.addAll(event.subjects());
    }
    jdbc.update(
        "insert into audit_batch (recorded, id, events, keys) values (?, ?, ?, ?)",
        RecordedEvent.time(id).atOffset(ZoneOffset.UTC),
        id,
        lines.toString(),
        keys.toArray(String[]::new));
  }

  /** One event. */
  Optional<RecordedEvent> read(UUID id) {
    return jdbc
        .query(
            SELECT + " where recorded = ? and batch = ? and position = ?",
            (row, n) -> event(row),
            RecordedEvent.time(id).atOffset(ZoneOffset.UTC),
            RecordedEvent.batch(id),
            RecordedEvent.position(id))
        .stream()
        .findFirst();
  }

  /**
   * Events, newest first.
   *
   * @param after the event that the page before ended with; null for the first page
   * @throws org.springframework.dao.QueryTimeoutException when it ran longer than the timeout
   */
  List<RecordedEvent> find(AuditQuery query, @Nullable UUID after, int limit, Duration timeout) {
    AuditQuery.Where where = after == null ? query.where() : query.where().and(behind(after));
    return jdbc.query(
        prepared(
            SELECT + where.text() + " order by recorded desc, batch desc, position desc limit "
                + limit,
            where.parameters(),
            timeout),
        (row, n) -> event(row));
  }

  /** The first comparison is what the index knows. */
  private static AuditQuery.Condition behind(UUID after) {
    String recorded = RecordedEvent.time(after).toString();
    String batch = RecordedEvent.batch(after).toString();
    return new AuditQuery.Condition(
        "(recorded, batch) <= (?::timestamptz, ?::uuid) and (recorded, batch, id) < (?::timestamptz, ?::uuid, ?::uuid)",
        List.of(recorded, batch, recorded, batch, after.toString()));
  }

  /** How many events there are. */
  long count(AuditQuery query, Duration timeout) {
    AuditQuery.Where where = query.where();
    return jdbc.query(
            prepared(
                "select count(*) from audit_event" + where.text(), where.parameters(), timeout),
            (row, n) -> row.getLong(1))
        .getFirst();
  }

  private static PreparedStatementCreator prepared(
      String sql, List<Object> parameters, Duration timeout) {
    return connection -> {
      PreparedStatement statement = connection.prepareStatement(sql);
      statement.setQueryTimeout((int) Math.max(1, timeout.toSeconds()));
      for (int i = 0; i < parameters.size(); i++) {
        statement.setObject(
            i + 1,
            parameters.get(i) instanceof String[] texts
                ? Arrays.stream(texts).map(PostgresLimits::text).toArray(String[]::new)
                : parameters.get(i));
      }
      return statement;
    };
  }

  private static RecordedEvent event(ResultSet row) throws SQLException {
    return new RecordedEvent(
        row.getObject("id", UUID.class),
        new AuditRecord(
            Interaction.of(row.getString("interaction")),
            row.getInt("status"),
            row.getString("agent"),
            row.getString("client"),
            row.getString("address"),
            row.getString("server"),
            row.getString("request_id"),
            row.getString("request"),
            row.getString("purpose"),
            list(row, "entities").map(AuditEntity::of).toList(),
            list(row, "subjects").toList()));
  }

  private static Stream<String> list(ResultSet row, String column) throws SQLException {
    return Arrays.stream((String[]) row.getArray(column).getArray());
  }

  /** The months that there are partitions for, in order. */
  List<YearMonth> months() {
    return jdbc.query("""
        select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = 'audit_batch'::regclass order by c.relname
        """, (row, n) -> month(row.getString(1).substring(PARTITION.length())));
  }

  private static YearMonth month(String digits) {
    return YearMonth.of(
        Integer.parseInt(digits.substring(0, 4)), Integer.parseInt(digits.substring(4)));
  }

  /**
   * Makes the partition of a month, unless there is one. It is filled in as a table of its own first: only so those who write need not
   * wait. Needs a transaction.
   */
  void create(YearMonth month) {
    jdbc.execute(PATIENCE);
    // of several replicas one makes it
    jdbc.execute("select pg_advisory_xact_lock(hashtext('audit_batch'))");
    if (!months().contains(month)) {
      String name = name(month);
      jdbc.execute(
          "create table %s (like audit_batch including all) with (toast_tuple_target = 8160)"
              .formatted(name));
      jdbc.execute("alter table audit_batch attach partition %s for values from ('%s') to ('%s')"
          .formatted(name, start(month), start(month.plusMonths(1))));
    }
  }

  /** Drops the partition of a month with all its events. Needs a transaction. */
  void drop(YearMonth month) {
    jdbc.execute(PATIENCE);
    jdbc.execute("drop table if exists " + name(month));
  }

  private static String name(YearMonth month) {
    return "%s%04d%02d".formatted(PARTITION, month.getYear(), month.getMonthValue());
  }

  /** The first moment of a month, in UTC. */
  static OffsetDateTime start(YearMonth month) {
    return month.atDay(1).atStartOfDay().atOffset(ZoneOffset.UTC);
  }
}
