package org.botoxfhir.store;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import org.botoxfhir.fhir.ResourceKey;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.PreparedStatementCreator;
import org.springframework.stereotype.Repository;

/** Reads the current resources that a search statement finds. */
@Repository
public class SearchTables {
  /** What each statement selects, in this order: the columns of a version, its sort key as text, its internal key. */
  public static final String COLUMNS =
      "r.type, r.id, r.version, r.last_updated, r.deleted, r.content";

  private final JdbcTemplate jdbc;
  private final StoreTimers timers;

  SearchTables(JdbcTemplate jdbc, StoreTimers timers) {
    this.jdbc = jdbc;
    this.timers = timers;
  }

  /**
   * One match of a search.
   *
   * @param sortKey value that it was sorted by, as text that PostgreSQL reads back exactly
   */
  public record Match(StoredVersion version, String sortKey, long rid) {}

  /**
   * SQL with its parameters; each a String, Long, Integer, Short, BigDecimal or an array of String or Long.
   */
  public record Statement(String sql, List<Object> parameters) {}

  /**
   * The matches, in the statement's order.
   *
   * @throws org.springframework.dao.QueryTimeoutException when it ran longer than the timeout, in whole seconds
   */
  public List<Match> find(Statement statement, Duration timeout) {
    return StoreTimers.time(
        timers.search,
        () -> jdbc.query(
            prepared(statement, timeout),
            (row, n) -> new Match(ResourceTables.version(row), row.getString(7), row.getLong(8))));
  }

  /** The internal keys that a statement selects. */
  public List<Long> rids(Statement statement, Duration timeout) {
    return StoreTimers.time(
        timers.search, () -> jdbc.query(prepared(statement, timeout), (row, n) -> row.getLong(1)));
  }

  /** The keys that a statement selects as type and id. */
  public List<ResourceKey> keys(Statement statement, Duration timeout) {
    return StoreTimers.time(
        timers.search,
        () -> jdbc.query(
            prepared(statement, timeout),
            (row, n) -> new ResourceKey(row.getString(1), row.getString(2))));
  }

  /** The current versions of these, without those that are not on file. */
  public List<StoredVersion> current(Collection<ResourceKey> keys) {
    if (keys.isEmpty()) {
      return List.of();
    }
    return StoreTimers.time(
        timers.read,
        () -> jdbc.query(
            "select " + COLUMNS
                + " from resource r where (r.id, r.type) in (select * from unnest(?::text[], ?::text[])) and not r.deleted",
            (row, n) -> ResourceTables.version(row),
            keys.stream().map(ResourceKey::id).toArray(String[]::new),
            keys.stream().map(ResourceKey::type).toArray(String[]::new)));
  }

  /**
   * Resources that have one of these references or URIs under one of these parameters.
   *
   * @param limit at most so many
   */
  public List<StoredVersion> byTokens(
      Collection<String> values, Collection<Long> params, int limit, Duration timeout) {
    var statement = new Statement(
        "select " + COLUMNS
            + " from (select distinct t.rid from token_index t where t.key = any(array("
            + "select hashtextextended(v, p) from unnest(?) v cross join unnest(?) p)) limit "
            + limit + ") k join resource r on r.rid = k.rid",
        List.of(values.toArray(String[]::new), params.toArray(Long[]::new)));
    return StoreTimers.time(
        timers.search,
        () -> jdbc.query(prepared(statement, timeout), (row, n) -> ResourceTables.version(row)));
  }

  /** How many resources a counting statement counts. */
  public long count(Statement statement, Duration timeout) {
    return StoreTimers.time(
            timers.count,
            () -> jdbc.query(prepared(statement, timeout), (row, n) -> row.getLong(1)))
        .getFirst();
  }

  /** A statement with its parameters and the time that it may take, in whole seconds. */
  static PreparedStatementCreator prepared(Statement statement, Duration timeout) {
    return connection -> {
      var prepared = connection.prepareStatement(statement.sql());
      set(prepared, statement.parameters());
      prepared.setQueryTimeout((int) Math.max(1, timeout.toSeconds()));
      return prepared;
    };
  }

  /** The keys that each of several statements finds, in one round trip; the statements select as {@link #find} wants it. */
  public List<List<ResourceKey>> keys(List<Statement> statements) {
    List<List<ResourceKey>> found = new ArrayList<>();
    StringBuilder sql = new StringBuilder();
    List<Object> parameters = new ArrayList<>();
    for (Statement statement : statements) {
      sql.append(found.isEmpty() ? "" : " union all ")
          .append("select ")
          .append(found.size())
          .append(", s.type, s.id from (")
          .append(statement.sql())
          .append(") s");
      parameters.addAll(statement.parameters());
      found.add(new ArrayList<>());
    }
    if (!statements.isEmpty()) {
      jdbc.query(
          connection -> {
            var prepared = connection.prepareStatement(sql.toString());
            set(prepared, parameters);
            return prepared;
          },
          row -> {
            found.get(row.getInt(1)).add(new ResourceKey(row.getString(2), row.getString(3)));
          });
    }
    return found;
  }

  private static void set(java.sql.PreparedStatement prepared, List<Object> parameters)
      throws SQLException {
    for (int i = 0; i < parameters.size(); i++) {
      Object value = parameters.get(i);
      if (value instanceof String[] texts) {
        prepared.setArray(
            i + 1,
            prepared
                .getConnection()
                .createArrayOf(
                    "text", Arrays.stream(texts).map(PostgresLimits::text).toArray(String[]::new)));
      } else if (value instanceof Long[] keys) {
        prepared.setArray(i + 1, prepared.getConnection().createArrayOf("int8", keys));
      } else {
        prepared.setObject(i + 1, value instanceof String text ? PostgresLimits.text(text) : value);
      }
    }
  }
}
