package org.botoxfhir.search;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.search.SearchQuery.Criterion;
import org.botoxfhir.search.SearchQuery.Part;
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
  private final @Nullable Position from;
  private final boolean back;
  private final List<Object> parameters = new ArrayList<>();
  private final CriterionSql criteria = new CriterionSql(parameters);

  private SearchSql(PermittedQuery permitted, @Nullable Position from) {
    this.query = permitted.query();
    this.from = from;
    this.back = from != null && from.back();
  }

  private SearchSql(PermittedQuery permitted) {
    this(permitted, null);
  }

  /** A page of matches behind a position, or before it from the last, as {@link SearchTables#find} wants it. */
  static Statement page(PermittedQuery permitted, @Nullable Position from, int limit) {
    return page(permitted, from, limit, null);
  }

  /** @param among internal keys that hold all matches, if they are known */
  static Statement page(
      PermittedQuery permitted, @Nullable Position from, int limit, Long @Nullable [] among) {
    var sql = new SearchSql(permitted, from);
    List<Part> parts = permitted.query().parts();
    return sql.statement(
        parts.size() == 1 ? sql.page(parts.getFirst(), limit, among) : sql.page(limit));
  }

  /**
   * The internal keys of what ends after a moment, at most so many, for a query that asks for that and names no token or reference:
   * where they are few, walking the whole timeline to find them, or their absence, would be far dearer.
   */
  static Optional<Statement> ending(PermittedQuery permitted, int limit) {
    var sql = new SearchSql(permitted);
    Part part = permitted.query().parts().getFirst();
    if (permitted.query().parts().size() > 1 || driver(part).isPresent()) {
      return Optional.empty();
    }
    return part.criteria().stream()
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
  static Statement count(PermittedQuery permitted) {
    var sql = new SearchSql(permitted);
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

  private String page(Part part, int limit, Long @Nullable [] among) {
    Optional<String> column = column();
    if (column.isEmpty()) {
      return sorted(part, SearchTables.COLUMNS + ", " + texts("s") + ", r.rid", limit);
    }
    if (alongTokens(part)) {
      String keys = tokenKeys(driver(part).get(), part, limit);
      return "select " + SearchTables.COLUMNS + ", k.at::text, r.rid from (" + keys
          + ") k join resource r on r.rid = k.rid order by k.at" + direction() + ", k.rid"
          + direction();
    }
    return alongColumn(
        part, SearchTables.COLUMNS + ", " + column.get() + "::text, r.rid", limit, among);
  }

  /** The same of several parts: as much of each as a page may need, of these the page, and only of the page the content. */
  private String page(int limit) {
    StringBuilder sql =
        new StringBuilder("select ").append(SearchTables.COLUMNS).append(", ");
    String columns = IntStream.range(0, query.sorts().size())
        .mapToObj(i -> "k" + i + ", ")
        .collect(Collectors.joining());
    StringBuilder order = new StringBuilder(" order by ");
    for (int i = 0; i < query.sorts().size(); i++) {
      order.append("u.k").append(i).append(descends(query.sorts().get(i)) ? " desc, " : ", ");
    }
    // Along a column all keys go the same way; sorted by more, equal ones go by the internal key.
    order.append("u.rid").append(column().isPresent() ? direction() : back ? " desc" : "");
    sql.append(column().isPresent() ? "u.k0::text" : texts("u"))
        .append(", r.rid from (select distinct * from (");
    boolean first = true;
    for (Part part : query.parts()) {
      sql.append(first ? "(" : " union all (").append(keys(part, limit)).append(")");
      first = false;
    }
    return sql.append(") u (")
        .append(columns)
        .append("rid)")
        .append(order)
        .append(" limit ")
        .append(limit)
        .append(") u join resource r on r.rid = u.rid")
        .append(order)
        .toString();
  }

  private String keys(Part part, int limit) {
    Optional<String> column = column();
    if (column.isEmpty()) {
      String keys = IntStream.range(0, query.sorts().size())
          .mapToObj(i -> "s.k" + i + ", ")
          .collect(Collectors.joining());
      return sorted(part, keys + "r.rid", limit);
    }
    return alongTokens(part)
        ? tokenKeys(driver(part).get(), part, limit)
        : alongColumn(part, column.get() + ", r.rid", limit, null);
  }

  /** The column whose order is that of the answer, if one is. */
  private Optional<String> column() {
    if (query.sorts().size() > 1) {
      return Optional.empty();
    }
    return switch (query.sorts().getFirst().key()) {
      case Sort.Key.Timeline() -> Optional.of("r.timeline");
      case Sort.Key.LastUpdated() -> Optional.of("r.last_updated");
      default -> Optional.empty();
    };
  }

  private boolean alongTokens(Part part) {
    return query.sorts().size() == 1
        && query.sorts().getFirst().key() instanceof Sort.Key.Timeline
        && driver(part).isPresent();
  }

  /** Whether values go down as the statement reads them: a page before a position is read from its end. */
  private boolean descends(Sort sort) {
    return sort.descending() != back;
  }

  private String direction() {
    return descends(query.sorts().getFirst()) ? " desc" : "";
  }

  private String alongColumn(Part part, String columns, int limit, Long @Nullable [] among) {
    String column = column().orElseThrow();
    StringBuilder sql =
        new StringBuilder("select ").append(columns).append(" from resource r").append(where(part));
    if (among != null) {
      sql.append(" and r.rid = any(?)");
      parameters.add(among);
    }
    after(sql, column + ", r.rid");
    return sql.append(" order by ")
        .append(column)
        .append(direction())
        .append(", r.rid")
        .append(direction())
        .append(" limit ")
        .append(limit)
        .toString();
  }

  /** By anything else all matches are sorted; their keys travel as a JSON array. */
  private String sorted(Part part, String columns, int limit) {
    List<Sort> sorts = query.sorts();
    StringBuilder keys = new StringBuilder();
    StringBuilder order = new StringBuilder();
    for (int i = 0; i < sorts.size(); i++) {
      keys.append(i == 0 ? "" : ", ");
      sortKey(keys, sorts.get(i).key());
      keys.append(" as k").append(i);
      order.append("s.k").append(i).append(descends(sorts.get(i)) ? " desc, " : ", ");
    }
    StringBuilder sql = new StringBuilder("select ")
        .append(columns)
        .append(" from resource r cross join lateral (select ")
        .append(keys)
        .append(") s")
        .append(where(part));
    if (from != null) {
      behind(sql, sorts, from);
    }
    return sql.append(" order by ")
        .append(order)
        .append(back ? "r.rid desc limit " : "r.rid limit ")
        .append(limit)
        .toString();
  }

  private String texts(String alias) {
    return IntStream.range(0, query.sorts().size())
        .mapToObj(i -> "%s.k%d::text".formatted(alias, i))
        .collect(Collectors.joining(", ", "json_build_array(", ")::text"));
  }

  /** What has no value comes first. */
  private void sortKey(StringBuilder sql, Sort.Key key) {
    switch (key) {
      case Sort.Key.Timeline() -> sql.append("r.timeline");
      case Sort.Key.LastUpdated() -> sql.append("r.last_updated");
      case Sort.Key.Id() -> sql.append("r.id");
      case Sort.Key.Date(short param) ->
        least(sql, "low", "date_index", "'-infinity'::timestamptz", List.of(param));
      case Sort.Key.Text(short param) -> least(sql, "value", "string_index", "''", List.of(param));
      case Sort.Key.Number(List<Short> params) ->
        least(sql, "low", "number_index", "'-Infinity'::numeric", params);
      case Sort.Key.Json(List<String> paths) -> {
        // The JSON is read once, however many places are looked at.
        sql.append("coalesce((select min(v #>> '{}' collate \"C\")")
            .append(" from (select r.content::jsonb as content offset 0) j cross join lateral (");
        boolean first = true;
        for (String path : paths) {
          sql.append(first ? "" : " union all ");
          criteria.jsonValues(sql, "j", path);
          first = false;
        }
        sql.append(") c where jsonb_typeof(v) in ('string', 'boolean')), '')");
      }
    }
  }

  private void least(
      StringBuilder sql, String column, String table, String none, List<Short> params) {
    sql.append("coalesce((select min(d.")
        .append(column)
        .append(") from ")
        .append(table)
        .append(" d where d.rid = r.rid and ");
    criteria.params(sql, "d.param + 0", params);
    sql.append("), ").append(none).append(")");
  }

  private void behind(StringBuilder sql, List<Sort> sorts, Position position) {
    List<String> values = Cursors.keys(position.sortKey(), sorts.size());
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
            .append(descends(sorts.get(i)) ? " < " : " > ")
            .append("?::")
            .append(datatype(sorts.get(i).key()));
        parameters.add(values.get(i));
      } else {
        sql.append(back ? "r.rid < ?" : "r.rid > ?");
        parameters.add(position.rid());
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
      case Sort.Key.Number(List<Short> params) -> "numeric";
      case Sort.Key.Id() -> "text";
      case Sort.Key.Text(short param) -> "text";
      case Sort.Key.Json(List<String> paths) -> "text";
    };
  }

  private String count() {
    if (query.parts().size() == 1) {
      Part part = query.parts().getFirst();
      return driver(part)
          .map(tokens -> "select count(distinct k.rid) from (" + rids(tokens, part) + ") k")
          .orElseGet(() -> "select count(*) from resource r" + where(part));
    }
    return query.parts().stream()
        .map(part -> driver(part)
            .map(tokens -> rids(tokens, part))
            .orElseGet(() -> "select r.rid from resource r" + where(part)))
        .collect(Collectors.joining(" union all ", "select count(distinct k.rid) from (", ") k"));
  }

  /** Keys of at most so many matches, in any order, as {@link SearchTables#keys} wants them. */
  static Statement keys(PermittedQuery permitted, int limit) {
    var sql = new SearchSql(permitted);
    return sql.statement(sql.some("r.type, r.id", limit));
  }

  /** At most so many matches, in any order, as {@link SearchTables#find} wants them. */
  static Statement some(PermittedQuery permitted, int limit) {
    var sql = new SearchSql(permitted);
    return sql.statement(sql.some(SearchTables.COLUMNS + ", '', r.rid", limit));
  }

  /**
   * Ids of the patients whose records the matches are, each once, as {@link SearchTables#ids} wants them; and null when there are more
   * matches than it is sensible to look at.
   *
   * @param limit at most so many patients
   */
  static Statement patients(PermittedQuery permitted, int limit) {
    var sql = new SearchSql(permitted);
    return sql.statement("with m as materialized (" + sql.some("r.patient", MOST_MATCHES + 1)
        + ") (select distinct m.patient from m where m.patient is not null limit "
        + limit
        + ") union all select null where (select count(*) from m) > " + MOST_MATCHES);
  }

  /** Of a search of one part, as steps of a search and criteria of a write are. */
  private String some(String columns, int limit) {
    Part part = query.parts().getFirst();
    return driver(part)
        .map(tokens -> "select " + columns + " from (select distinct k.rid from ("
            + rids(tokens, part) + ") k limit " + limit + ") k join resource r on r.rid = k.rid")
        .orElseGet(
            () -> "select " + columns + " from resource r" + where(part) + " limit " + limit);
  }

  /**
   * The most selective token or reference criterion, as far as its kind tells; none where the ids are given, which are
   * more selective than any.
   */
  private static Optional<Criterion.Tokens> driver(Part part) {
    return hasIds(part)
        ? Optional.empty()
        : part.criteria().stream()
            .filter(Criterion.Tokens.class::isInstance)
            .map(Criterion.Tokens.class::cast)
            .min(Comparator.comparing(Criterion.Tokens::selectivity));
  }

  private static boolean hasIds(Part part) {
    return part.criteria().stream().anyMatch(Criterion.Ids.class::isInstance);
  }

  /** Internal keys of the matches in any order, some of them perhaps more than once. */
  private String rids(Criterion.Tokens driver, Part part) {
    return String.join(" union all ", branches(driver, part, "select t.rid", sql -> {}));
  }

  private String tokenKeys(Criterion.Tokens driver, Part part, int limit) {
    String order = direction();
    // A code alone may stand in several systems, and then in several rows of one resource.
    List<String> branches =
        branches(driver, part, "select distinct on (t.at, t.rid) t.at, t.rid", sql -> {
          after(sql, "t.at, t.rid");
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
      Criterion.Tokens driver, Part part, String select, Consumer<StringBuilder> end) {
    List<String> branches = new ArrayList<>();
    boolean many = driver.values().size() > CriterionSql.MOST_BRANCHES;
    List<List<TokenValue>> groups =
        many ? List.of(driver.values()) : driver.values().stream().map(List::of).toList();
    for (List<Short> params : many ? List.of(driver.params()) : each(driver.params())) {
      for (List<TokenValue> group : groups) {
        StringBuilder sql = new StringBuilder(select).append(" from token_index t where ");
        criteria.tokens(sql, "t", params, group);
        filters(sql, CriterionSql.Row.ofTokens("t"), part, driver);
        end.accept(sql);
        branches.add(sql.toString());
      }
    }
    return branches;
  }

  private static List<List<Short>> each(List<Short> params) {
    return params.stream().map(List::of).toList();
  }

  private void after(StringBuilder sql, String key) {
    if (from != null) {
      sql.append(" and (")
          .append(key)
          .append(") ")
          .append(descends(query.sorts().getFirst()) ? "<" : ">")
          .append(" (?::timestamptz, ?)");
      parameters.add(from.sortKey());
      parameters.add(from.rid());
    }
  }

  private String where(Part part) {
    StringBuilder sql = new StringBuilder(" where r.type = ? and not r.deleted");
    parameters.add(part.type());
    filters(sql, new CriterionSql.Row("r", false, hasIds(part)), part, null);
    return sql.toString();
  }

  private void filters(
      StringBuilder sql, CriterionSql.Row row, Part part, @Nullable Criterion driver) {
    for (Criterion criterion : part.criteria()) {
      if (criterion != driver) {
        sql.append(" and ");
        criteria.holds(sql, row, criterion);
      }
    }
  }
}
