package org.botoxfhir.audit;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Stream;
import org.botoxfhir.store.PostgresLimits;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.PreparedStatementCreator;
import org.springframework.stereotype.Repository;

/** The only reader and writer of {@code audit_event}, and the only one that makes and drops its partitions, one for each month (UTC). */
@Repository
class AuditTable {
  private static final String PARTITION = "audit_event_";

  /** What makes or drops a partition waits so long for others and keeps them waiting no longer; it is tried again. */
  private static final String PATIENCE = "set local lock_timeout = '1s'";

  private static final String COLUMNS =
      "id, interaction, status, agent, client, address, server, request_id, request, purpose, entities, subjects";

  private static final String INSERT = """
      insert into audit_event
        (recorded, id, interaction, status, agent, client, address, server, request_id, request, purpose, entities, subjects)
      select e.recorded, e.id, e.interaction, e.status, e.agent, e.client, e.address, e.server, e.request_id, e.request, e.purpose,
        string_to_array(e.entities, E'\\n'), string_to_array(e.subjects, E'\\n')
      from unnest(?::timestamptz[], ?::uuid[], ?::text[], ?::smallint[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[],
          ?::text[], ?::text[], ?::text[], ?::text[])
        as e(recorded, id, interaction, status, agent, client, address, server, request_id, request, purpose, entities, subjects)
      """;

  private final JdbcTemplate jdbc;

  AuditTable(JdbcTemplate jdbc) {
    this.jdbc = jdbc;
  }

  /** Stores events in one statement, which alone is the transaction too. */
  void insert(List<AuditRecord> events) {
    jdbc.execute((Connection connection) -> {
      try (PreparedStatement statement = connection.prepareStatement(INSERT)) {
        statement.setObject(1, texts(events, e -> e.recorded().toString()));
        statement.setObject(2, texts(events, e -> e.id().toString()));
        statement.setObject(3, texts(events, e -> e.interaction().code()));
        short[] statuses = new short[events.size()];
        for (int i = 0; i < statuses.length; i++) {
          statuses[i] = (short) events.get(i).status();
        }
        statement.setObject(4, statuses);
        statement.setObject(5, texts(events, AuditRecord::agent));
        statement.setObject(6, texts(events, AuditRecord::client));
        statement.setObject(7, texts(events, AuditRecord::address));
        statement.setObject(8, texts(events, AuditRecord::server));
        statement.setObject(9, texts(events, AuditRecord::requestId));
        statement.setObject(10, texts(events, AuditRecord::request));
        statement.setObject(11, texts(events, AuditRecord::purpose));
        statement.setObject(12, texts(events, e -> lines(e.entities())));
        statement.setObject(13, texts(events, e -> String.join("\n", e.subjects())));
        return statement.executeUpdate();
      }
    });
  }

  private static @Nullable String[] texts(
      List<AuditRecord> events, Function<AuditRecord, @Nullable String> column) {
    @Nullable String[] values = new String[events.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = column.apply(events.get(i));
    }
    return values;
  }

  private static String lines(List<AuditEntity> entities) {
    if (entities.size() == 1) {
      return entities.getFirst().line();
    }
    StringBuilder lines = new StringBuilder();
    for (AuditEntity entity : entities) {
      lines.append(lines.isEmpty() ? "" : "\n").append(entity.line());
    }
    return lines.toString();
  }

  /** One event. */
  Optional<AuditRecord> read(UUID id) {
    return jdbc
        .query(
            "select " + COLUMNS + " from audit_event where recorded = ? and id = ?",
            (row, n) -> event(row),
            AuditRecord.time(id).atOffset(ZoneOffset.UTC),
            id)
        .stream()
        .findFirst();
  }

  /**
   * Events, newest first.
   *
   * @param after the event that the page before ended with; null for the first page
   * @throws org.springframework.dao.QueryTimeoutException when it ran longer than the timeout
   */
  List<AuditRecord> find(AuditQuery query, @Nullable UUID after, int limit, Duration timeout) {
    AuditQuery.Where where = after == null ? query.where() : query.where().and(behind(after));
    return jdbc.query(
        prepared(
            "select " + COLUMNS + " from audit_event" + where.text()
                + " order by recorded desc, id desc limit " + limit,
            where.parameters(),
            timeout),
        (row, n) -> event(row));
  }

  private static AuditQuery.Condition behind(UUID after) {
    return new AuditQuery.Condition(
        "(recorded, id) < (?::timestamptz, ?::uuid)",
        List.of(AuditRecord.time(after).toString(), after.toString()));
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

  private static AuditRecord event(ResultSet row) throws SQLException {
    UUID id = row.getObject("id", UUID.class);
    return new AuditRecord(
        id,
        AuditRecord.time(id),
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
        list(row, "subjects").toList());
  }

  private static Stream<String> list(ResultSet row, String column) throws SQLException {
    return Arrays.stream((String[]) row.getArray(column).getArray());
  }

  /** The months that there are partitions for, in order. */
  List<YearMonth> months() {
    return jdbc.query("""
        select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = 'audit_event'::regclass order by c.relname
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
    jdbc.execute("select pg_advisory_xact_lock(hashtext('audit_event'))");
    if (!months().contains(month)) {
      String name = name(month);
      jdbc.execute("create table %s (like audit_event including all)".formatted(name));
      jdbc.execute("alter table audit_event attach partition %s for values from ('%s') to ('%s')"
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
