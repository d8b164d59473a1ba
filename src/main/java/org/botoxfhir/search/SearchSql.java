package org.botoxfhir.search;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.search.SearchQuery.Criterion;
import org.botoxfhir.search.SearchQuery.Position;
import org.botoxfhir.search.SearchQuery.Range;
import org.botoxfhir.search.SearchQuery.Sort;
import org.botoxfhir.search.SearchQuery.TokenValue;
import org.botoxfhir.store.PostgresLimits;
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
  /** Sorts behind every text with the prefix before it, in the C collation. */
  private static final String LAST_CHARACTER = Character.toString(Character.MAX_CODE_POINT);

  /** Of one statement; PostgreSQL takes 65,535, and planning would have taken seconds long before. */
  private static final int MOST_PARAMETERS = 20_000;

  private final SearchQuery query;
  private final List<Object> parameters = new ArrayList<>();

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
    ranges(sql, dates.ranges(), "d.low", "d.high");
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
    String order = query.sort().descending() ? " desc" : "";
    Optional<Criterion.Tokens> driver =
        query.sort().key() instanceof Sort.Key.Timeline ? driver() : Optional.empty();
    if (driver.isPresent()) {
      String keys = tokenKeys(driver.get(), after, limit, order);
      return "select " + SearchTables.COLUMNS + ", k.at::text, r.rid from (" + keys
          + ") k join resource r on r.rid = k.rid order by k.at" + order + ", k.rid" + order;
    }
    String key = switch (query.sort().key()) {
      case Sort.Key.Timeline() -> "r.timeline";
      case Sort.Key.LastUpdated() -> "r.last_updated";
      case Sort.Key.Date(short param) -> "s.at";
    };
    StringBuilder sql = new StringBuilder("select ")
        .append(SearchTables.COLUMNS)
        .append(", ")
        .append(key)
        .append("::text, r.rid from resource r");
    if (query.sort().key() instanceof Sort.Key.Date(short param)) {
      sql.append(
          " cross join lateral (select coalesce(min(d.low), '-infinity') as at from date_index d"
              + " where d.rid = r.rid and d.param = ?::smallint) s");
      parameters.add(param);
    }
    sql.append(where());
    if (among != null) {
      sql.append(" and r.rid = any(?)");
      parameters.add(among);
    }
    after(sql, key + ", r.rid", after);
    return sql.append(" order by ")
        .append(key)
        .append(order)
        .append(", r.rid")
        .append(order)
        .append(" limit ")
        .append(limit)
        .toString();
  }

  private String count() {
    Optional<Criterion.Tokens> driver = driver();
    if (driver.isEmpty()) {
      return "select count(*) from resource r" + where();
    }
    StringBuilder sql = new StringBuilder("select count(distinct k.rid) from (");
    for (TokenValue value : driver.get().values()) {
      sql.append(sql.charAt(sql.length() - 1) == '(' ? "" : " union all ");
      sql.append("select t.rid from token_index t where ");
      token(sql, "t", driver.get().param(), value);
      filters(sql, "t", driver.get(), true);
    }
    return sql.append(") k").toString();
  }

  /** The most selective token or reference criterion, as far as its kind tells. */
  private Optional<Criterion.Tokens> driver() {
    return query.criteria().stream()
        .filter(Criterion.Tokens.class::isInstance)
        .map(Criterion.Tokens.class::cast)
        .min(Comparator.comparing(Criterion.Tokens::selectivity));
  }

  private String tokenKeys(
      Criterion.Tokens driver, @Nullable Position after, int limit, String order) {
    List<String> branches = new ArrayList<>();
    for (TokenValue value : driver.values()) {
      // A code alone may stand in several systems, and then in several rows of one resource.
      StringBuilder sql = new StringBuilder(
          "select distinct on (t.at, t.rid) t.at, t.rid from token_index t where ");
      token(sql, "t", driver.param(), value);
      filters(sql, "t", driver, true);
      after(sql, "t.at, t.rid", after);
      sql.append(" order by t.at")
          .append(order)
          .append(", t.rid")
          .append(order)
          .append(" limit ")
          .append(limit);
      branches.add(sql.toString());
    }
    return branches.size() == 1
        ? branches.getFirst()
        : "select distinct u.at, u.rid from ((" + String.join(") union all (", branches)
            + ")) u order by u.at" + order + ", u.rid" + order + " limit " + limit;
  }

  private void after(StringBuilder sql, String key, @Nullable Position after) {
    if (after != null) {
      sql.append(" and (")
          .append(key)
          .append(") ")
          .append(query.sort().descending() ? "<" : ">")
          .append(" (?::timestamptz, ?)");
      parameters.add(after.sortKey());
      parameters.add(after.rid());
    }
  }

  private String where() {
    StringBuilder sql = new StringBuilder(" where r.type = ? and not r.deleted");
    parameters.add(query.type());
    filters(sql, "r", null, false);
    return sql.toString();
  }

  /** @param forced whether each filter is a probe per candidate, in the candidates' order */
  private void filters(
      StringBuilder sql, String row, Criterion.@Nullable Tokens driver, boolean forced) {
    for (Criterion criterion : query.criteria()) {
      if (criterion == driver) {
        continue;
      }
      switch (criterion) {
        case Criterion.Ids ids -> {
          sql.append(
              forced
                  ? " and (select f.id = any(?) from resource f where f.rid = " + row + ".rid)"
                  : " and r.id = any(?)");
          parameters.add(ids.ids().toArray(String[]::new));
        }
        case Criterion.LastUpdated lastUpdated -> {
          String column = forced ? "f.last_updated" : "r.last_updated";
          sql.append(forced ? " and (select " : " and ");
          ranges(sql, lastUpdated.ranges(), column, column);
          sql.append(forced ? " from resource f where f.rid = " + row + ".rid)" : "");
        }
        case Criterion.Tokens tokens -> {
          open(sql, "token_index f", row);
          if (forced) {
            sql.append(" and f.at = ").append(row).append(".at");
          }
          sql.append(" and (");
          for (TokenValue value : tokens.values()) {
            sql.append(sql.charAt(sql.length() - 1) == '(' ? "" : " or ");
            token(sql, "f", tokens.param(), value);
          }
          close(sql.append(")"), forced);
        }
        case Criterion.Strings strings -> {
          open(sql, "string_index f", row);
          sql.append(" and f.param = ?::smallint and (");
          parameters.add(strings.param());
          for (String prefix : strings.prefixes()) {
            sql.append(sql.charAt(sql.length() - 1) == '(' ? "" : " or ")
                .append("(f.value >= ? and f.value < ?)");
            parameters.add(prefix);
            parameters.add(prefix + LAST_CHARACTER);
          }
          close(sql.append(")"), forced);
        }
        case Criterion.Dates dates -> {
          if (dates.timeline()) {
            timelineBounds(sql, dates.ranges(), forced ? row + ".at" : row + ".timeline");
          }
          open(sql, "date_index f", row);
          // "+ 0" leaves only the index by rid: without statistics, as after a large load, the
          // planner takes one by date.
          sql.append(" and f.param + 0 = ?::smallint and ");
          parameters.add(dates.param());
          ranges(sql, dates.ranges(), "f.low", "f.high");
          close(sql, true); // never a driver: the timeline's bounds are
        }
      }
    }
  }

  private static void open(StringBuilder sql, String table, String row) {
    sql.append(" and exists (select from ")
        .append(table)
        .append(" where f.rid = ")
        .append(row)
        .append(".rid");
  }

  private static void close(StringBuilder sql, boolean forced) {
    sql.append(forced ? " offset 0)" : ")");
  }

  private void token(StringBuilder sql, String row, short param, TokenValue value) {
    sql.append("(").append(row).append(".key = hashtextextended(?, ?::bigint)");
    parameters.add(value.value());
    parameters.add((long) param);
    if (value.system() != null) {
      if (value.system().isEmpty()) {
        sql.append(" and ").append(row).append(".system = 0");
      } else {
        sql.append(" and ").append(row).append(".system = hashtext(?)");
        parameters.add(value.system());
      }
    }
    sql.append(")");
  }

  private void ranges(StringBuilder sql, List<Range> ranges, String low, String high) {
    sql.append("(");
    for (Range range : ranges) {
      sql.append(sql.charAt(sql.length() - 1) == '(' ? "" : " or ");
      Instant from = range.interval().low();
      Instant to = range.interval().high();
      switch (range.prefix()) {
        case EQ -> condition(sql, "(%s >= ? and %s <= ?)", low, high, from, to);
        case NE -> condition(sql, "(%s < ? or %s > ?)", low, high, from, to);
        case GT -> condition(sql, "(%2$s > ?)", low, high, to);
        case LT -> condition(sql, "(%s < ?)", low, high, from);
        // The first half says no more than the second; it is what an index can use.
        case GE ->
          condition(sql, "(%2$s >= ? and (%2$s > ? or %1$s >= ?))", low, high, from, to, from);
        case LE ->
          condition(sql, "(%1$s <= ? and (%1$s < ? or %2$s <= ?))", low, high, to, from, to);
        case SA -> condition(sql, "(%s > ?)", low, high, to);
        case EB -> condition(sql, "(%2$s < ?)", low, high, from);
        case AP -> {
          // R4 suggests a tenth of the distance to now.
          Instant now = Instant.now();
          Duration slack = Duration.between(from, now).abs().dividedBy(10);
          condition(sql, "(%s <= ? and %s >= ?)", low, high, to.plus(slack), from.minus(slack));
        }
      }
    }
    sql.append(")");
  }

  /**
   * What the ranges say of where a value starts, said of the timeline, which is that start: it bounds the walk along the timeline.
   * Says nothing when one of the ranges leaves the start open, as those do that ask for values after a moment: a value may have
   * begun long before.
   */
  private void timelineBounds(StringBuilder sql, List<Range> ranges, String timeline) {
    boolean bounded = ranges.stream().allMatch(range -> switch (range.prefix()) {
      case EQ, LT, LE, SA, EB -> true;
      case NE, GT, GE, AP -> false;
    });
    if (!bounded) {
      return;
    }
    sql.append(" and (");
    for (Range range : ranges) {
      sql.append(sql.charAt(sql.length() - 1) == '(' ? "" : " or ");
      Instant from = range.interval().low();
      Instant to = range.interval().high();
      switch (range.prefix()) {
        case EQ -> condition(sql, "(%1$s >= ? and %1$s <= ?)", timeline, timeline, from, to);
        case LT, EB -> condition(sql, "(%s < ?)", timeline, timeline, from);
        case LE -> condition(sql, "(%s <= ?)", timeline, timeline, to);
        case SA -> condition(sql, "(%s > ?)", timeline, timeline, to);
        case NE, GT, GE, AP -> throw new IllegalStateException("unbounded: " + range.prefix());
      }
    }
    sql.append(")");
  }

  private void condition(
      StringBuilder sql, String pattern, String low, String high, Instant... instants) {
    sql.append(pattern.formatted(low, high).replace("?", "?::timestamptz"));
    for (Instant instant : instants) {
      parameters.add(PostgresLimits.timestamp(instant));
    }
  }
}
