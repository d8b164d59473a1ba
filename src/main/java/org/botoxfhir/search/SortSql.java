package org.botoxfhir.search;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.botoxfhir.search.SearchQuery.Position;
import org.botoxfhir.search.SearchQuery.Sort;
import org.jspecify.annotations.Nullable;

/** From the order of a search to SQL: the keys, their directions, and where a page begins. */
final class SortSql {
  private final List<Sort> sorts;
  private final @Nullable Position from;
  private final boolean back;
  private final List<Object> parameters;
  private final CriterionSql criteria;

  /**
   * @param from where the page begins or ends; null for the first page
   * @param parameters of the statement: each condition adds its own, in the order of its text
   */
  SortSql(
      List<Sort> sorts, @Nullable Position from, List<Object> parameters, CriterionSql criteria) {
    this.sorts = sorts;
    this.from = from;
    this.back = from != null && from.back();
    this.parameters = parameters;
    this.criteria = criteria;
  }

  /** The column of the table of resources whose order is that of the answer, if one is. */
  Optional<String> column() {
    if (sorts.size() > 1) {
      return Optional.empty();
    }
    return switch (sorts.getFirst().key()) {
      case Sort.Key.Timeline() -> Optional.of("timeline");
      case Sort.Key.LastUpdated() -> Optional.of("last_updated");
      default -> Optional.empty();
    };
  }

  boolean byTimeline() {
    return sorts.size() == 1 && sorts.getFirst().key() instanceof Sort.Key.Timeline;
  }

  /** Whether values go down as the statement reads them: a page before a position is read from its end. */
  private boolean descends(Sort sort) {
    return sort.descending() != back;
  }

  /** Behind a column that the statement goes along, and behind the internal key. */
  String direction() {
    return descends(sorts.getFirst()) ? " desc" : "";
  }

  /** The order along a column: equal values go by the internal key, in the same direction. */
  String along(String column, String rid) {
    return " order by " + column + direction() + ", " + rid + direction();
  }

  /** That a row of that order is behind the position. */
  void after(StringBuilder sql, String column, String rid) {
    if (from != null) {
      sql.append(" and (%s, %s) %s (?::timestamptz, ?)"
          .formatted(column, rid, descends(sorts.getFirst()) ? "<" : ">"));
      parameters.add(from.sortKey());
      parameters.add(from.rid());
    }
  }

  /** All keys of a resource {@code r}, as {@code k0}, {@code k1} and so on. */
  String keys() {
    StringBuilder keys = new StringBuilder();
    for (int i = 0; i < sorts.size(); i++) {
      keys.append(i == 0 ? "" : ", ");
      key(keys, sorts.get(i).key());
      keys.append(" as k").append(i);
    }
    return keys.toString();
  }

  /** The names of all keys, each followed by a comma. */
  String names(String alias) {
    return IntStream.range(0, sorts.size())
        .mapToObj(i -> "%sk%d, ".formatted(alias, i))
        .collect(Collectors.joining());
  }

  /** All keys as the text of a JSON array. */
  String texts(String alias) {
    return IntStream.range(0, sorts.size())
        .mapToObj(i -> "%s.k%d::text".formatted(alias, i))
        .collect(Collectors.joining(", ", "json_build_array(", ")::text"));
  }

  /** The order by all keys. Along a column all go the same way; sorted by more, equal ones go by the internal key. */
  String order(String alias, String rid) {
    StringBuilder order = new StringBuilder(" order by ");
    for (int i = 0; i < sorts.size(); i++) {
      order.append(alias).append(".k").append(i).append(descends(sorts.get(i)) ? " desc, " : ", ");
    }
    return order
        .append(rid)
        .append(column().isPresent() ? direction() : back ? " desc" : "")
        .toString();
  }

  /** That a row of that order is behind the position; its keys are those of {@code s}, its internal key that of {@code r}. */
  void behind(StringBuilder sql) {
    if (from == null) {
      return;
    }
    List<String> values = Cursors.keys(from.sortKey(), sorts.size());
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
        parameters.add(from.rid());
      }
      sql.append(")");
    }
    sql.append(")");
  }

  /** What has no value comes first. */
  private void key(StringBuilder sql, Sort.Key key) {
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
}
