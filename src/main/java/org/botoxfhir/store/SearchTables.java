package org.botoxfhir.store;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.botoxfhir.fhir.ResourceKey;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.PreparedStatementCreator;
import org.springframework.stereotype.Repository;

/** Reads the current resources that a search statement finds. */
@Repository
public class SearchTables {
  /** What each statement selects, in this order: the columns of a version, its sort key as text, its internal key. */
  public static final String COLUMNS =
      "r.type, r.id, r.version, r.last_updated, r.deleted, r.content, r.patient";

  /** Locks each until the end of the transaction, in ascending order, so that two transactions never wait for each other. */
  private static final String LOCK_TEXTS =
      "select pg_advisory_xact_lock(k) from (select distinct hashtextextended(t, 0) k from unnest(?::text[]) t order by k) s";

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
        timers.search, () -> jdbc.query(prepared(statement, timeout), (row, n) -> match(row)));
  }

  /** The keys that a statement selects as type and id. */
  public List<ResourceKey> keys(Statement statement, Duration timeout) {
    return StoreTimers.time(
        timers.search, () -> jdbc.query(prepared(statement, timeout), (row, n) -> key(row)));
  }

  /** The matches of a statement that may select one row of nulls instead, to say that they are too many; empty then. */
  public Optional<List<Match>> findFew(Statement statement, Duration timeout) {
    return few(statement, timeout, SearchTables::match);
  }

  /** The same of one that selects type and id. */
  public Optional<List<ResourceKey>> keysOfFew(Statement statement, Duration timeout) {
    return few(statement, timeout, SearchTables::key);
  }

  /** The same of one that selects ids. */
  public Optional<List<String>> ids(Statement statement, Duration timeout) {
    return few(statement, timeout, row -> row.getString(1));
  }

  private <T> Optional<List<T>> few(Statement statement, Duration timeout, Reader<T> reader) {
    List<Optional<T>> found = StoreTimers.time(
        timers.search,
        () -> jdbc.query(
            prepared(statement, timeout),
            (row, n) ->
                row.getString(1) == null ? Optional.<T>empty() : Optional.of(reader.read(row))));
    return found.stream().allMatch(Optional::isPresent)
        ? Optional.of(found.stream().flatMap(Optional::stream).toList())
        : Optional.empty();
  }

  /** The current versions of these, without those that are not on file. */
  public List<StoredVersion> current(Collection<ResourceKey> keys) {
    if (keys.isEmpty()) {
      return List.of();
    }
    return StoreTimers.time(
        timers.read,
        () -> jdbc.query(
            "select " + COLUMNS + " from resource r where " + Keys.AMONG_THEM + " and not deleted",
            (row, n) -> ResourceTables.version(row),
            Keys.parameters(keys)));
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

  /** How many resources have each of these references under one of these parameters, without those that none has. */
  public Map<String, Long> countReferring(Collection<String> targets, Collection<Long> params) {
    Map<String, Long> counts = new HashMap<>();
    if (!targets.isEmpty()) {
      jdbc.query(
          "select v, count(distinct t.rid) from unnest(?::text[]) v cross join unnest(?::bigint[]) p"
              + " join token_index t on t.key = hashtextextended(v, p) group by v",
          row -> {
            counts.put(row.getString(1), row.getLong(2));
          },
          targets.toArray(String[]::new),
          params.toArray(Long[]::new));
    }
    return counts;
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
      PreparedStatement prepared = prepared(statement).createPreparedStatement(connection);
      prepared.setQueryTimeout((int) Math.max(1, timeout.toSeconds()));
      return prepared;
    };
  }

  private static PreparedStatementCreator prepared(Statement statement) {
    return connection -> {
      PreparedStatement prepared = connection.prepareStatement(statement.sql());
      set(prepared, statement.parameters());
      return prepared;
    };
  }

  /** What each of several statements finds, in one round trip. */
  public List<List<Match>> find(List<Statement> statements, Duration timeout) {
    return StoreTimers.time(
        timers.search,
        () -> each(List.of(), statements, one -> prepared(one, timeout), SearchTables::match));
  }

  /**
   * The keys that each of several statements finds once nobody else has the locks, however long that takes; in one round trip.
   *
   * @param locks texts to lock until the end of the transaction
   * @param statements each selects as {@link #find(Statement, Duration)} wants it
   */
  public List<List<ResourceKey>> keys(Collection<String> locks, List<Statement> statements) {
    List<Statement> lock = locks.isEmpty()
        ? List.of()
        : List.of(new Statement(LOCK_TEXTS, List.of((Object) locks.toArray(String[]::new))));
    return each(lock, statements, SearchTables::prepared, SearchTables::key);
  }

  private static ResourceKey key(ResultSet row) throws SQLException {
    return new ResourceKey(row.getString(1), row.getString(2));
  }

  /** From a row of a result. */
  private interface Reader<T> {
    T read(ResultSet row) throws SQLException;
  }

  /**
   * Several statements sent together; each is planned and run by itself and sees what is committed when it begins.
   *
   * @param before statements whose results nobody wants
   */
  private <T> List<List<T>> each(
      List<Statement> before,
      List<Statement> statements,
      Function<Statement, PreparedStatementCreator> prepare,
      Reader<T> reader) {
    if (before.isEmpty() && statements.isEmpty()) {
      return List.of();
    }
    var together = new Statement(
        Stream.concat(before.stream(), statements.stream())
            .map(Statement::sql)
            .collect(Collectors.joining(";\n")),
        Stream.concat(before.stream(), statements.stream())
            .flatMap(one -> one.parameters().stream())
            .toList());
    return Objects.requireNonNull(jdbc.execute(
        prepare.apply(together), (PreparedStatement prepared) -> {
          List<List<T>> found = new ArrayList<>();
          prepared.execute();
          for (int unwanted = before.size(); unwanted > 0; unwanted--) {
            prepared.getMoreResults();
          }
          while (found.size() < statements.size()) {
            List<T> rows = new ArrayList<>();
            try (ResultSet row = prepared.getResultSet()) {
              while (row.next()) {
                rows.add(reader.read(row));
              }
            }
            found.add(rows);
            prepared.getMoreResults();
          }
          return found;
        }));
  }

  private static Match match(ResultSet row) throws SQLException {
    return new Match(ResourceTables.version(row), row.getString(8), row.getLong(9));
  }

  private static void set(PreparedStatement prepared, List<Object> parameters) throws SQLException {
    for (int i = 0; i < parameters.size(); i++) {
      prepared.setObject(
          i + 1,
          switch (parameters.get(i)) {
            case String text -> PostgresLimits.text(text);
            case String[] texts ->
              Arrays.stream(texts).map(PostgresLimits::text).toArray(String[]::new);
            case Object value -> value;
          });
    }
  }
}
