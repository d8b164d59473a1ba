package org.botoxfhir.search;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.search.SearchQuery.Criterion;
import org.botoxfhir.search.SearchQuery.Position;
import org.botoxfhir.search.SearchQuery.Sort;
import org.botoxfhir.search.SearchQuery.TokenValue;
import org.botoxfhir.store.SearchTables;
import org.botoxfhir.store.SearchTables.Statement;
import org.jspecify.annotations.Nullable;

/**
 * From a query to SQL. A query that names a token or reference and is sorted by the timeline walks one range of {@code
 * token_index_key} in the order of the answer and stops when the page is full, so its cost does not grow with the matches. Other
 * criteria are then probes per candidate; {@code offset 0} keeps the planner from turning them into joins, which would lose the
 * order and, in a generic plan, start from the wrong end.
 */
final class SearchSql {
  /** How many resources a step of a search may look at on the way to the patients whose they are. */
  private static final int MOST_MATCHES = 10_000;

  /** Of one statement; PostgreSQL takes 65,535, and planning would have taken seconds long before. */
  private static final int MOST_PARAMETERS = 20_000;

  private final SearchQuery query;
  private final List<Object> parameters = new ArrayList<>();
  private final CriterionSql criteria = new CriterionSql(parameters);

  private SearchSql(SearchQuery query) {
    this.query = query;
  }

  /** A page of matches behind a position, as {@link SearchTables#find} wants it. */
  static Statement page(SearchQuery query, @Nullable Position after, int limit) {
    return page(query, after, limit, null);
  }

  /** @param among internal keys that hold all matches, if they are known */
  static Statement page(
      SearchQuery query, @Nullable Position after, int limit, Long @Nullable [] among) {
    var sql = new SearchSql(query);
    return sql.statement(sql.page(after, limit, among));
  }

  /**
   * The internal keys of what ends after a moment, at most so many, for a query that asks for that and names no token or reference:
   * where they are few, walking the whole timeline to find them, or their absence, would be far dearer.
   */
  static Optional<Statement> ending(SearchQuery query, int limit) {
    var sql = new SearchSql(query);
    if (sql.driver().isPresent()) {
      return Optional.empty();
    }
    return query.criteria().stream()
        .filter(Criterion.Dates.class::isInstance)
        .map(Criterion.Dates.class::cast)
        .filter(dates -> dates.ranges().stream()
            .allMatch(range ->
                range.prefix() == SearchQuery.Prefix.GT || range.prefix() == SearchQuery.Prefix.GE))
        .findFirst()
        .map(dates -> sql.statement(sql.ending(dates, limit)));
  }

  private String ending(Criterion.Dates dates, int limit) {
    StringBuilder sql =
        new StringBuilder("select d.rid from date_index d where d.param = ?::smallint and ");
    parameters.add(dates.param());
    criteria.ranges(sql, dates.ranges(), "d.low", "d.high");
    return sql.append(" limit ").append(limit).toString();
  }

  /** The number of matches. */
  static Statement count(SearchQuery query) {
    var sql = new SearchSql(query);
    return sql.statement(sql.count());
  }

  private Statement statement(String sql) {
    if (parameters.size() > MOST_PARAMETERS) {
      throw new FaultException(Fault.invalid(
          "too-costly",
          "the search holds too many values at once; ask for fewer of them, or send several searches",
          null));
    }
    return new Statement(sql, parameters);
  }

  private String page(@Nullable Position after, int limit, Long @Nullable [] among) {
    Sort first = query.sorts().getFirst();
    boolean one = query.sorts().size() == 1;
    if (one && first.key() instanceof Sort.Key.Timeline && driver().isPresent()) {
      String order = first.descending() ? " desc" : "";
      String keys = tokenKeys(driver().get(), after, limit, order);
      return "select " + SearchTables.COLUMNS + ", k.at::text, r.rid from (" + keys
          + ") k join resource r on r.rid = k.rid order by k.at" + order + ", k.rid" + order;
    }
    if (one && first.key() instanceof Sort.Key.Timeline) {
      return alongColumn("r.timeline", first.descending(), after, limit, among);
    }
    if (one && first.key() instanceof Sort.Key.LastUpdated) {
      return alongColumn("r.last_updated", first.descending(), after, limit, among);
    }
    return sorted(after, limit);
  }

  private String alongColumn(
      String column,
      boolean descending,
      @Nullable Position after,
      int limit,
      Long @Nullable [] among) {
    String order = descending ? " desc" : "";
    StringBuilder sql = new StringBuilder("select ")
        .append(SearchTables.COLUMNS)
        .append(", ")
        .append(column)
        .append("::text, r.rid from resource r")
        .append(where());
    if (among != null) {
      sql.append(" and r.rid = any(?)");
      parameters.add(among);
    }
    after(sql, column + ", r.rid", descending, after);
    return sql.append(" order by ")
        .append(column)
        .append(order)
        .append(", r.rid")
        .append(order)
        .append(" limit ")
        .append(limit)
        .toString();
  }

  /** By anything else all matches are sorted; their keys travel as a JSON array. */
  private String sorted(@Nullable Position after, int limit) {
    List<Sort> sorts = query.sorts();
    StringBuilder keys = new StringBuilder();
    StringBuilder texts = new StringBuilder();
    StringBuilder order = new StringBuilder();
    for (int i = 0; i < sorts.size(); i++) {
      keys.append(i == 0 ? "" : ", ");
      sortKey(keys, sorts.get(i).key());
      keys.append(" as k").append(i);
      texts.append(i == 0 ? "" : ", ").append("s.k").append(i).append("::text");
      order.append("s.k").append(i).append(sorts.get(i).descending() ? " desc, " : ", ");
    }
    StringBuilder sql = new StringBuilder("select ")
        .append(SearchTables.COLUMNS)
        .append(", json_build_array(")
        .append(texts)
        .append(")::text, r.rid from resource r cross join lateral (select ")
        .append(keys)
        .append(") s")
        .append(where());
    if (after != null) {
      behind(sql, sorts, after);
    }
    return sql.append(" order by ")
        .append(order)
        .append("r.rid limit ")
        .append(limit)
        .toString();
  }

  /** What has no value comes first. */
  private void sortKey(StringBuilder sql, Sort.Key key) {
    switch (key) {
      case Sort.Key.Timeline() -> sql.append("r.timeline");
      case Sort.Key.LastUpdated() -> sql.append("r.last_updated");
      case Sort.Key.Id() -> sql.append("r.id");
      case Sort.Key.Date(short param) ->
        least(sql, "low", "date_index", "'-infinity'::timestamptz", param);
      case Sort.Key.Text(short param) -> least(sql, "value", "string_index", "''", param);
      case Sort.Key.Number(short param) ->
        least(sql, "low", "number_index", "'-Infinity'::numeric", param);
      case Sort.Key.Code(List<String> paths) -> {
        sql.append("coalesce((select min(v #>> '{}' collate \"C\") from (");
        codes(sql, "r", paths);
        sql.append(") c where jsonb_typeof(v) in ('string', 'boolean')), '')");
      }
    }
  }

  private void least(StringBuilder sql, String column, String table, String none, short param) {
    sql.append("coalesce((select min(d.")
        .append(column)
        .append(") from ")
        .append(table)
        .append(" d where d.rid = r.rid and d.param + 0 = ?::smallint), ")
        .append(none)
        .append(")");
    parameters.add(param);
  }

  private void codes(StringBuilder sql, String row, List<String> paths) {
    boolean first = true;
    for (String path : paths) {
      for (String code : List.of("", ".coding.code", ".code", ".value")) {
        sql.append(first ? "" : " union all ");
        criteria.jsonValues(sql, row, path + code);
        first = false;
      }
    }
  }

  /** A row comparison in which each key has a direction of its own. */
  private void behind(StringBuilder sql, List<Sort> sorts, Position after) {
    List<String> values = Cursors.keys(after.sortKey(), sorts.size());
    sql.append(" and (");
    for (int i = 0; i <= sorts.size(); i++) {
      sql.append(i == 0 ? "(" : " or (");
      for (int j = 0; j < i; j++) {
        sql.append("s.k")
            .append(j)
            .append(" = ?::")
            .append(datatype(sorts.get(j).key()))
            .append(" and ");
        parameters.add(values.get(j));
      }
      if (i < sorts.size()) {
        sql.append("s.k")
            .append(i)
            .append(sorts.get(i).descending() ? " < " : " > ")
            .append("?::")
            .append(datatype(sorts.get(i).key()));
        parameters.add(values.get(i));
      } else {
        sql.append("r.rid > ?");
        parameters.add(after.rid());
      }
      sql.append(")");
    }
    sql.append(")");
  }

  private static String datatype(Sort.Key key) {
    return switch (key) {
      case Sort.Key.Timeline() -> "timestamptz";
      case Sort.Key.LastUpdated() -> "timestamptz";
      case Sort.Key.Date(short param) -> "timestamptz";
      case Sort.Key.Number(short param) -> "numeric";
      case Sort.Key.Id() -> "text";
      case Sort.Key.Text(short param) -> "text";
      case Sort.Key.Code(List<String> paths) -> "text";
    };
  }

  private String count() {
    Optional<Criterion.Tokens> driver = driver();
    if (driver.isEmpty()) {
      return "select count(*) from resource r" + where();
    }
    return "select count(distinct k.rid) from (" + rids(driver.get()) + ") k";
  }

  /** Keys of at most so many matches, in any order, as {@link SearchTables#keys} wants them. */
  static Statement keys(SearchQuery query, int limit) {
    var sql = new SearchSql(query);
    return sql.statement(sql.some("r.type, r.id", limit));
  }

  /** At most so many matches, in any order, as {@link SearchTables#find} wants them. */
  static Statement some(SearchQuery query, int limit) {
    var sql = new SearchSql(query);
    return sql.statement(sql.some(SearchTables.COLUMNS + ", '', r.rid", limit));
  }

  /**
   * Keys of the patients whose records the matches are, each once; and a key without type when there are more matches than it is sensible
   * to look at.
   *
   * @param limit at most so many patients
   */
  static Statement patients(SearchQuery query, int limit) {
    var sql = new SearchSql(query);
    return sql.statement("with m as materialized (" + sql.some("r.patient", MOST_MATCHES + 1)
        + ") (select distinct 'Patient', m.patient from m where m.patient is not null limit "
        + limit
        + ") union all select '', '' where (select count(*) from m) > " + MOST_MATCHES);
  }

  private String some(String columns, int limit) {
    Optional<Criterion.Tokens> driver = driver();
    if (driver.isEmpty()) {
      return "select " + columns + " from resource r" + where() + " limit " + limit;
    }
    return "select " + columns + " from (select distinct k.rid from (" + rids(driver.get())
        + ") k limit " + limit + ") k join resource r on r.rid = k.rid";
  }

  /**
   * The most selective token or reference criterion, as far as its kind tells; none where the ids are given, which are
   * more selective than any.
   */
  private Optional<Criterion.Tokens> driver() {
    return hasIds()
        ? Optional.empty()
        : query.criteria().stream()
            .filter(Criterion.Tokens.class::isInstance)
            .map(Criterion.Tokens.class::cast)
            .min(Comparator.comparing(Criterion.Tokens::selectivity));
  }

  private boolean hasIds() {
    return query.criteria().stream().anyMatch(Criterion.Ids.class::isInstance);
  }

  /** Internal keys of the matches in any order, some of them perhaps more than once. */
  private String rids(Criterion.Tokens driver) {
    return String.join(" union all ", branches(driver, "select t.rid", sql -> {}));
  }

  private String tokenKeys(
      Criterion.Tokens driver, @Nullable Position after, int limit, String order) {
    // A code alone may stand in several systems, and then in several rows of one resource.
    List<String> branches =
        branches(driver, "select distinct on (t.at, t.rid) t.at, t.rid", sql -> {
          after(sql, "t.at, t.rid", !order.isEmpty(), after);
          sql.append(" order by t.at")
              .append(order)
              .append(", t.rid")
              .append(order)
              .append(" limit ")
              .append(limit);
        });
    return branches.size() == 1
        ? branches.getFirst()
        : "select distinct u.at, u.rid from ((" + String.join(") union all (", branches)
            + ")) u order by u.at" + order + ", u.rid" + order + " limit " + limit;
  }

  /** One range of the index per value; many values are one condition, whose matches are then sorted. */
  private List<String> branches(
      Criterion.Tokens driver, String select, Consumer<StringBuilder> end) {
    List<String> branches = new ArrayList<>();
    List<List<TokenValue>> groups = driver.values().size() > CriterionSql.MOST_BRANCHES
        ? List.of(driver.values())
        : driver.values().stream().map(List::of).toList();
    for (List<TokenValue> group : groups) {
      StringBuilder sql = new StringBuilder(select).append(" from token_index t where ");
      criteria.tokens(sql, "t", driver.param(), group);
      filters(sql, CriterionSql.Row.ofTokens("t"), driver);
      end.accept(sql);
      branches.add(sql.toString());
    }
    return branches;
  }

  private void after(StringBuilder sql, String key, boolean descending, @Nullable Position after) {
    if (after != null) {
      sql.append(" and (")
          .append(key)
          .append(") ")
          .append(descending ? "<" : ">")
          .append(" (?::timestamptz, ?)");
      parameters.add(after.sortKey());
      parameters.add(after.rid());
    }
  }

  private String where() {
    StringBuilder sql = new StringBuilder(" where r.type = ? and not r.deleted");
    parameters.add(query.type());
    filters(sql, new CriterionSql.Row("r", false, hasIds()), null);
    return sql.toString();
  }

  private void filters(StringBuilder sql, CriterionSql.Row row, @Nullable Criterion driver) {
    for (Criterion criterion : query.criteria()) {
      if (criterion != driver) {
        sql.append(" and ");
        criteria.holds(sql, row, criterion);
      }
    }
  }
}
