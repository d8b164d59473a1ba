package org.botoxfhir.search;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.search.SearchQuery.Criterion;
import org.botoxfhir.search.SearchQuery.Part;
import org.botoxfhir.search.SearchQuery.Position;
import org.botoxfhir.store.SearchTables;
import org.botoxfhir.store.SearchTables.Statement;
import org.jspecify.annotations.Nullable;

/**
 * From a query to SQL. A query that names a token or reference and is sorted by the timeline walks one range of {@code
 * token_index_key} in the order of the answer and stops when the page is full, so its cost does not grow with the matches. Other
 * criteria are then probes per candidate; {@code offset 0} keeps the planner from turning them into joins, which would lose the
 * order and, in a generic plan, start from the wrong end. What is sorted by a column of the resources without that is read in one of three
 * ways, see {@link MatchReader}.
 */
final class SearchSql {
  /** How many resources a step of a search may look at on the way to the patients whose they are. */
  private static final int MOST_MATCHES = 4000;

  /** Of one statement; PostgreSQL takes 65,535, and planning would have taken seconds long before. */
  private static final int MOST_PARAMETERS = 20_000;

  private static final String FOUND = "select " + SearchTables.COLUMNS + ", ";

  /** In the place of {@link #FOUND} with a sort key and an internal key. */
  private static final String NOT_FOUND = "null, null, null, null, null, null, null, null, null";

  private final SearchQuery query;
  private final List<Object> parameters = new ArrayList<>();
  private final CriterionSql criteria = new CriterionSql(parameters);
  private final SortSql sort;

  private SearchSql(PermittedQuery permitted, @Nullable Position from) {
    this.query = permitted.query();
    this.sort = new SortSql(query.sorts(), from, parameters, criteria);
  }

  private SearchSql(PermittedQuery permitted) {
    this(permitted, null);
  }

  /**
   * A page of matches behind a position, or before it from the last, as {@link SearchTables#find} wants it: whatever else, the matches are
   * collected first where no index has them in their order.
   */
  static Statement page(PermittedQuery permitted, @Nullable Position from, int limit) {
    var sql = new SearchSql(permitted, from);
    List<Part> parts = permitted.query().parts();
    return sql.statement(parts.size() == 1 ? sql.page(parts.getFirst(), limit) : sql.page(limit));
  }

  /**
   * Whether a page goes along a column of the resources for criteria that the order does not help with, so that what it costs hangs on how
   * many they hold of. Not of what is known to be a few by its kind: ids, an identifier.
   */
  static boolean looksFor(PermittedQuery permitted) {
    var sql = new SearchSql(permitted);
    Part part = permitted.query().parts().getFirst();
    return permitted.query().parts().size() == 1
        && sql.sort.column().isPresent()
        && !sql.alongTokens(part)
        && !hasIds(part)
        && !part.criteria().stream()
            .allMatch(one -> CandidatesSql.inOrder(one, sql.sort.byTimeline()))
        && driver(part).filter(Driver::isIdentifier).isEmpty();
  }

  /**
   * The same page, as {@link SearchTables#findFew} wants it, when one of the criteria holds of few resources; empty when no index can tell.
   *
   * @param few so many at most
   */
  static Optional<Statement> pageOfFew(
      PermittedQuery permitted, @Nullable Position from, int limit, int few) {
    var sql = new SearchSql(permitted, from);
    Part part = permitted.query().parts().getFirst();
    return new CandidatesSql(sql.parameters, sql.criteria, sql.sort.byTimeline(), part, few)
        .few()
        .map(rids -> sql.statement(sql.pageOfFew(part, rids, limit)));
  }

  /**
   * The same page among the first resources in the order of the answer; it may end before it is full.
   *
   * @param window so many resources are looked at
   */
  static Statement pageOfFirst(
      PermittedQuery permitted, @Nullable Position from, int limit, int window) {
    var sql = new SearchSql(permitted, from);
    return sql.statement(sql.pageOfFirst(permitted.query().parts().getFirst(), limit, window));
  }

  /**
   * The same page, for what the first resources in the order of the answer are not: of what changed since a moment all is collected, where the
   * planner would go along the timeline to the end.
   */
  static Statement pageOfAll(PermittedQuery permitted, @Nullable Position from, int limit) {
    var sql = new SearchSql(permitted, from);
    Part part = permitted.query().parts().getFirst();
    boolean changed = sql.sort.byTimeline()
        && part.criteria().stream().anyMatch(Criterion.LastUpdated.class::isInstance);
    return changed ? sql.statement(sql.pageOfAll(part, limit)) : page(permitted, from, limit);
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

  private String page(Part part, int limit) {
    Optional<String> column = sort.column();
    if (column.isEmpty()) {
      return sorted(part, SearchTables.COLUMNS + ", " + sort.texts("s") + ", r.rid", limit);
    }
    if (alongTokens(part)) {
      return FOUND + "k.at::text, r.rid from (" + tokenKeys(driver(part).get(), part, limit)
          + ") k join resource r on r.rid = k.rid" + sort.along("k.at", "k.rid");
    }
    return alongColumn(part, SearchTables.COLUMNS + ", r.%s::text, r.rid", limit);
  }

  /** The same of several parts: as much of each as a page may need, of these the page, and only of the page the content. */
  private String page(int limit) {
    StringBuilder sql = new StringBuilder(FOUND)
        .append(sort.column().isPresent() ? "u.k0::text" : sort.texts("u"))
        .append(", r.rid from (select distinct * from (");
    boolean first = true;
    for (Part part : query.parts()) {
      sql.append(first ? "(" : " union all (").append(keys(part, limit)).append(")");
      first = false;
    }
    String order = sort.order("u", "u.rid");
    return sql.append(") u (")
        .append(sort.names(""))
        .append("rid)")
        .append(order)
        .append(" limit ")
        .append(limit)
        .append(") u join resource r on r.rid = u.rid")
        .append(order)
        .toString();
  }

  private String keys(Part part, int limit) {
    if (sort.column().isEmpty()) {
      return sorted(part, sort.names("s.") + "r.rid", limit);
    }
    return alongTokens(part)
        ? tokenKeys(driver(part).get(), part, limit)
        : alongColumn(part, "r.%s, r.rid", limit);
  }

  private boolean alongTokens(Part part) {
    return sort.byTimeline() && driver(part).isPresent();
  }

  /** @param columns with a place for the name of the column */
  private String alongColumn(Part part, String columns, int limit) {
    String column = sort.column().orElseThrow();
    StringBuilder sql = new StringBuilder("select ")
        .append(columns.formatted(column))
        .append(" from resource r")
        .append(where(part, false));
    return ordered(sql, column, limit);
  }

  private String ordered(StringBuilder sql, String column, int limit) {
    sort.after(sql, "r." + column, "r.rid");
    return sql.append(sort.along("r." + column, "r.rid"))
        .append(" limit ")
        .append(limit)
        .toString();
  }

  private String pageOfFew(Part part, String rids, int limit) {
    String column = sort.column().orElseThrow();
    StringBuilder sql = new StringBuilder("with few as materialized (select ")
        .append(rids)
        .append(" as rids) (")
        .append(FOUND)
        .append("r.%s::text, r.rid from resource r".formatted(column))
        .append(where(part, true))
        .append(" and r.rid = any((select rids from few)::bigint[])");
    return ordered(sql, column, limit)
        + ") union all select %s where (select rids from few) is null".formatted(NOT_FOUND);
  }

  private String pageOfFirst(Part part, int limit, int window) {
    String column = sort.column().orElseThrow();
    StringBuilder first =
        new StringBuilder(" from (select r.* from resource r where r.type = ? and not r.deleted");
    parameters.add(part.type());
    part.criteria().stream()
        .filter(one -> CandidatesSql.inOrder(one, sort.byTimeline()))
        .forEach(one -> criteria.bound(first, "r", one));
    StringBuilder sql = new StringBuilder(FOUND)
        .append("r.%s::text, r.rid".formatted(column))
        .append(ordered(first, column, window))
        .append(") r where true");
    filters(sql, new CriterionSql.Row("r", false, true), part, null);
    return sql.append(sort.along("r." + column, "r.rid"))
        .append(" limit ")
        .append(limit)
        .toString();
  }

  private String pageOfAll(Part part, int limit) {
    String column = sort.column().orElseThrow();
    StringBuilder sql = new StringBuilder(FOUND)
        .append("r.%s::text, r.rid from (select r.* from resource r".formatted(column))
        .append(where(part, false));
    sort.after(sql, "r." + column, "r.rid");
    return sql.append(" offset 0) r")
        .append(sort.along("r." + column, "r.rid"))
        .append(" limit ")
        .append(limit)
        .toString();
  }

  /** By anything else all matches are sorted; their keys travel as a JSON array. */
  private String sorted(Part part, String columns, int limit) {
    StringBuilder sql = new StringBuilder("select ")
        .append(columns)
        .append(" from resource r cross join lateral (select ")
        .append(sort.keys())
        .append(") s")
        .append(where(part, false));
    sort.behind(sql);
    return sql.append(sort.order("s", "r.rid")).append(" limit ").append(limit).toString();
  }

  private String count() {
    if (query.parts().size() == 1) {
      Part part = query.parts().getFirst();
      return driver(part)
          .map(tokens -> "select count(distinct k.rid) from (" + rids(tokens, part) + ") k")
          .orElseGet(() -> "select count(*) from resource r" + where(part, false));
    }
    return query.parts().stream()
        .map(part -> driver(part)
            .map(tokens -> rids(tokens, part))
            .orElseGet(() -> "select r.rid from resource r" + where(part, false)))
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

  /** All matches in any order, as {@link SearchTables#findFew} wants them, if they are at most so many. */
  static Statement few(PermittedQuery permitted, int few) {
    var sql = new SearchSql(permitted);
    return sql.statement(
        sql.ofFew(few, FOUND + "'', r.rid from m join resource r on r.rid = m.rid", NOT_FOUND));
  }

  /** Their keys, as {@link SearchTables#keysOfFew} wants them, if they are at most so many. */
  static Statement keysOfFew(PermittedQuery permitted, int few) {
    var sql = new SearchSql(permitted);
    return sql.statement(sql.ofFew(
        few, "select r.type, r.id from m join resource r on r.rid = m.rid", "null, null"));
  }

  /**
   * Ids of the patients whose records the matches are, each once, as {@link SearchTables#ids} wants them, if it is sensible to look at so
   * many matches.
   *
   * @param limit at most so many patients
   */
  static Statement patients(PermittedQuery permitted, int limit) {
    var sql = new SearchSql(permitted);
    return sql.statement(sql.ofFew(
        MOST_MATCHES,
        "select distinct r.patient from m join resource r on r.rid = m.rid and r.patient is not null limit "
            + limit,
        "null"));
  }

  /** Of matches {@code m}, or a row of nulls when they are more: found by index entries alone, before any resource is read. */
  private String ofFew(int few, String found, String nulls) {
    return "with m as materialized (%s), n as materialized (select count(*) > %d as many from m)"
            .formatted(rids(query.parts().getFirst(), few + 1), few)
        + " select f.* from (%s) f where not (select many from n)".formatted(found)
        + " union all select %s where (select many from n)".formatted(nulls);
  }

  /** Internal keys of at most so many matches, in any order, some of them perhaps more than once. */
  private String rids(Part part, int limit) {
    return driver(part)
        .map(driver -> "select k.rid from (" + rids(driver, part) + ") k limit " + limit)
        .orElseGet(() -> "select r.rid from resource r" + where(part, false) + " limit " + limit);
  }

  /** Of a search of one part. */
  private String some(String columns, int limit) {
    Part part = query.parts().getFirst();
    return driver(part)
        .map(driver -> "select " + columns + " from (" + tokenKeys(driver, part, limit)
            + ") k join resource r on r.rid = k.rid")
        .orElseGet(() ->
            "select " + columns + " from resource r" + where(part, false) + " limit " + limit);
  }

  /**
   * The most selective token or reference criterion, as far as its kind tells; none where the ids are given, which are
   * more selective than any.
   */
  private static Optional<Driver> driver(Part part) {
    return hasIds(part)
        ? Optional.empty()
        : part.criteria().stream()
            .flatMap(SearchSql::drivers)
            .min(Comparator.comparing(driver -> driver.tokens().selectivity()));
  }

  private static Stream<Driver> drivers(Criterion criterion) {
    return switch (criterion) {
      case Criterion.Tokens tokens -> Stream.of(new Driver(criterion, tokens, List.of()));
      case Criterion.InOneElement(List<Criterion> all) ->
        all.stream()
            .filter(Criterion.Tokens.class::isInstance)
            .map(one -> new Driver(
                criterion,
                (Criterion.Tokens) one,
                all.stream().filter(other -> other != one).toList()));
      default -> Stream.empty();
    };
  }

  /**
   * A criterion whose index rows a search goes along.
   *
   * @param tokens the part of it that these rows are of
   * @param sameElement what has to hold of the same repetition of an element
   */
  private record Driver(Criterion criterion, Criterion.Tokens tokens, List<Criterion> sameElement) {
    /** Whether it names single resources, not all that have an identifier of a system. */
    boolean isIdentifier() {
      return tokens.selectivity() == SearchQuery.Selectivity.IDENTIFIER
          && tokens.values().stream().noneMatch(value -> value.value().endsWith("|"));
    }
  }

  private static boolean hasIds(Part part) {
    return part.criteria().stream().anyMatch(Criterion.Ids.class::isInstance);
  }

  /** Internal keys of the matches in any order, some of them perhaps more than once. */
  private String rids(Driver driver, Part part) {
    return String.join(" union all ", branches(driver, part, "select t.rid", sql -> {}));
  }

  private String tokenKeys(Driver driver, Part part, int limit) {
    // A code alone may stand in several systems, and then in several rows of one resource.
    List<String> branches =
        branches(driver, part, "select distinct on (t.at, t.rid) t.at, t.rid", sql -> {
          sort.after(sql, "t.at", "t.rid");
          sql.append(sort.along("t.at", "t.rid")).append(" limit ").append(limit);
        });
    return branches.size() == 1
        ? branches.getFirst()
        : "select distinct u.at, u.rid from ((" + String.join(") union all (", branches) + ")) u"
            + sort.along("u.at", "u.rid") + " limit " + limit;
  }

  /** One range of the index per value; many values are one condition, whose matches are then sorted. */
  private List<String> branches(
      Driver driver, Part part, String select, Consumer<StringBuilder> end) {
    List<String> branches = new ArrayList<>();
    for (Criterion.Tokens range : CriterionSql.ranges(driver.tokens())) {
      StringBuilder sql = new StringBuilder(select).append(" from token_index t where ");
      criteria.of(sql, "t", range);
      criteria.sameElement(sql, "t", driver.sameElement());
      filters(sql, CriterionSql.Row.ofTokens("t"), part, driver.criterion());
      end.accept(sql);
      branches.add(sql.toString());
    }
    return branches;
  }

  /** @param forced whether each criterion is a probe per candidate, as it always is of resources whose ids are given */
  private String where(Part part, boolean forced) {
    StringBuilder sql = new StringBuilder(" where r.type = ? and not r.deleted");
    parameters.add(part.type());
    filters(sql, new CriterionSql.Row("r", false, forced || hasIds(part)), part, null);
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
