package org.botoxfhir.search;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import org.botoxfhir.search.SearchQuery.Criterion;
import org.botoxfhir.search.SearchQuery.IndexTable;
import org.botoxfhir.search.SearchQuery.NumberValue;
import org.botoxfhir.search.SearchQuery.Range;
import org.botoxfhir.search.SearchQuery.StringValue;
import org.botoxfhir.search.SearchQuery.Target;
import org.botoxfhir.search.SearchQuery.TokenValue;
import org.botoxfhir.store.PostgresLimits;

/**
 * From a criterion to the condition that it is of a candidate. Most are probes of index rows by the candidate's internal key; {@code offset
 * 0} keeps the planner from turning a probe into a join.
 */
final class CriterionSql {
  /** Sorts behind every text with the prefix before it, in the C collation. */
  private static final String LAST_CHARACTER = Character.toString(Character.MAX_CODE_POINT);

  /** Values of a token that are looked up each by itself, in the order of the answer. */
  static final int MOST_BRANCHES = 16;

  /** As {@link Folding} does it, but for runs of white space. */
  private static final String FOLDED =
      "regexp_replace(normalize(lower(w.v #>> '{}'), NFD), '[\u0300-\u036f]', '', 'g')";

  private final List<Object> parameters;
  private int aliases;

  /** @param parameters of the statement: each condition adds its own, in the order of its text */
  CriterionSql(List<Object> parameters) {
    this.parameters = parameters;
  }

  /**
   * Candidates that criteria are asked of.
   *
   * @param alias of a row of the table of resources, or of the token index
   * @param index whether it is one of the token index, which has {@code at} but no columns of the resource
   * @param forced whether each criterion is a probe per candidate, in the candidates' order
   */
  record Row(String alias, boolean index, boolean forced) {
    static Row ofTokens(String alias) {
      return new Row(alias, true, true);
    }

    String rid() {
      return alias + ".rid";
    }

    String timeline() {
      return index ? alias + ".at" : alias + ".timeline";
    }
  }

  /** Whether a criterion holds of a candidate. */
  void holds(StringBuilder sql, Row row, Criterion criterion) {
    switch (criterion) {
      case Criterion.Ids ids -> {
        column(sql, row, "id");
        sql.append(" = any(?)");
        parameters.add(ids.ids().toArray(String[]::new));
      }
      case Criterion.LastUpdated lastUpdated -> {
        String alias = alias();
        String column = row.index() ? alias + ".last_updated" : row.alias() + ".last_updated";
        sql.append(row.index() ? "(select " : "");
        ranges(sql, lastUpdated.ranges(), column, column);
        sql.append(
            row.index()
                ? " from resource " + alias + " where " + alias + ".rid = " + row.rid() + ")"
                : "");
      }
      case Criterion.Tokens tokens -> probe(sql, row, tokens, row.forced());
      case Criterion.Strings strings -> probe(sql, row, strings, row.forced());
      case Criterion.Numbers numbers -> probe(sql, row, numbers, row.forced());
      case Criterion.Present present -> probe(sql, row, present, row.forced());
      case Criterion.Dates dates -> {
        if (dates.timeline() && timelineBounds(sql, dates.ranges(), row.timeline())) {
          sql.append(" and ");
        }
        probe(sql, row, dates, true); // never a driver: the timeline's bounds are
      }
      case Criterion.Words words -> words(sql, row, words);
      case Criterion.Not(Criterion other) -> {
        sql.append("not ");
        holds(sql, row, other);
      }
      case Criterion.AnyOf(List<Criterion> any) ->
        joined(sql, " or ", any, one -> holds(sql, row, one));
      case Criterion.AllOf(List<Criterion> all) ->
        joined(sql, " and ", all, one -> holds(sql, row, one));
      case Criterion.InOneElement(List<Criterion> all) -> inOneElement(sql, row, all);
      case Criterion.Near near -> NearSql.append(sql, parameters, row.rid(), alias(), near);
      case Criterion.Undenied(Requester requester) ->
        DenialSql.append(sql, parameters, row.rid(), alias(), requester);
      case Criterion.RefersTo refersTo -> refersTo(sql, row, refersTo);
      case Criterion.ReferredToBy referredTo -> referredToBy(sql, row, referredTo);
      case Criterion.OneOf oneOf ->
        throw new IllegalStateException("its codes are read before: " + oneOf.texts());
      case Criterion.InList inList ->
        throw new IllegalStateException("a list is read before: " + inList.id());
      case Criterion.Nothing() -> sql.append("false");
    }
  }

  /** What a criterion says of the column that resources are in the order of, if it says anything of one. */
  void bound(StringBuilder sql, String alias, Criterion criterion) {
    switch (criterion) {
      case Criterion.LastUpdated lastUpdated -> {
        sql.append(" and ");
        ranges(sql, lastUpdated.ranges(), alias + ".last_updated", alias + ".last_updated");
      }
      case Criterion.Dates dates -> {
        sql.append(" and ");
        timelineBounds(sql, dates.ranges(), alias + ".timeline");
      }
      default -> {
        // Holds of most, wherever they stand.
      }
    }
  }

  private <T> void joined(StringBuilder sql, String word, List<T> parts, Consumer<T> append) {
    sql.append("(");
    for (int i = 0; i < parts.size(); i++) {
      sql.append(i == 0 ? "" : word);
      append.accept(parts.get(i));
    }
    sql.append(")");
  }

  /** Whether the resource has an index row of which a criterion holds. */
  private void probe(StringBuilder sql, Row row, Criterion criterion, boolean forced) {
    String alias = alias();
    IndexTable table = table(criterion);
    sql.append("exists (select from ")
        .append(table.table())
        .append(" ")
        .append(alias)
        .append(" where ")
        .append(alias)
        .append(".rid = ")
        .append(row.rid());
    if (row.index() && criterion instanceof Criterion.Tokens) {
      sql.append(" and ").append(alias).append(".at = ").append(row.timeline());
    }
    sql.append(" and ");
    of(sql, alias, criterion);
    sql.append(forced ? " offset 0)" : ")");
  }

  private static IndexTable table(Criterion criterion) {
    return switch (criterion) {
      case Criterion.Tokens tokens -> IndexTable.TOKEN;
      case Criterion.Strings strings -> IndexTable.STRING;
      case Criterion.Dates dates -> IndexTable.DATE;
      case Criterion.Numbers numbers -> IndexTable.NUMBER;
      case Criterion.Present present -> present.table();
      default -> throw new IllegalStateException("not read from index rows: " + criterion);
    };
  }

  /** Whether a criterion holds of an index row of its table. */
  void of(StringBuilder sql, String alias, Criterion criterion) {
    switch (criterion) {
      case Criterion.Tokens tokens -> tokens(sql, alias, tokens.params(), tokens.values());
      case Criterion.Strings strings -> {
        param(sql, alias, strings.param(), false);
        joined(sql, " or ", strings.values(), one -> string(sql, alias, one));
      }
      case Criterion.Dates dates -> {
        // Leaves only the index by rid: without statistics, as after a large load, the planner
        // takes one by date.
        param(sql, alias, dates.param(), true);
        ranges(sql, dates.ranges(), alias + ".low", alias + ".high");
      }
      case Criterion.Numbers numbers -> {
        params(sql, alias + ".param", numbers.params());
        sql.append(" and ");
        joined(sql, " or ", numbers.values(), one -> number(sql, alias, one));
      }
      case Criterion.Present present -> {
        params(sql, alias + ".param + 0", present.params());
      }
      default -> throw new IllegalStateException("not read from index rows: " + criterion);
    }
  }

  /** @param column of the parameter's number; an expression of it where only the index by rid shall serve */
  void params(StringBuilder sql, String column, List<Short> params) {
    joined(sql, " or ", params, param -> {
      sql.append(column).append(" = ?::smallint");
      parameters.add(param);
    });
  }

  /** @param byRid whether only the index by rid shall serve */
  private void param(StringBuilder sql, String alias, short param, boolean byRid) {
    sql.append(alias).append(byRid ? ".param + 0" : ".param").append(" = ?::smallint and ");
    parameters.add(param);
  }

  private void string(StringBuilder sql, String alias, StringValue value) {
    String column = alias + ".value";
    switch (value.match()) {
      case STARTS_WITH -> {
        sql.append("(%s >= ? and %s < ?)".formatted(column, column));
        parameters.add(value.folded());
        parameters.add(value.folded() + LAST_CHARACTER);
      }
      case CONTAINS -> {
        sql.append("position(? in ").append(column).append(") > 0");
        parameters.add(value.folded());
      }
      case EXACT -> {
        sql.append("(%s = ? and %s.exact = hashtext(?))".formatted(column, alias));
        parameters.add(value.folded());
        parameters.add(value.exact());
      }
    }
  }

  /** A number is meant as exactly as it is written: 5.4 is all from 5.35 to below 5.45 (R4 search.html#number). */
  private void number(StringBuilder sql, String alias, NumberValue value) {
    BigDecimal number = value.number();
    BigDecimal half = number.scale() >= 0
        ? number.ulp().divide(BigDecimal.TWO)
        : number.ulp().divide(BigDecimal.valueOf(20));
    BigDecimal from = number.subtract(half);
    BigDecimal to = number.add(half);
    BigDecimal tenth = number.abs().movePointLeft(1);
    switch (value.prefix()) {
      // What is implied of the low end is what an index can use.
      case EQ ->
        numbers(sql, "(%1$s.low >= ? and %1$s.low < ? and %1$s.high < ?", alias, from, to, to);
      case NE -> numbers(sql, "((%1$s.low < ? or %1$s.high >= ?)", alias, from, to);
      case GT -> numbers(sql, "(%1$s.high > ?", alias, number);
      case LT -> numbers(sql, "(%1$s.low < ?", alias, number);
      case GE -> numbers(sql, "(%1$s.high >= ?", alias, number);
      case LE -> numbers(sql, "(%1$s.low <= ?", alias, number);
      case SA -> numbers(sql, "(%1$s.low > ?", alias, number);
      case EB -> numbers(sql, "(%1$s.high < ?", alias, number);
      case AP ->
        numbers(
            sql,
            "(%1$s.high >= ? and %1$s.low <= ?",
            alias,
            number.subtract(tenth),
            number.add(tenth));
    }
    if (value.system() != null) {
      sql.append(" and ").append(alias).append(".system = hashtext(?)");
      parameters.add(value.system());
    }
    if (value.code() != null) {
      sql.append(" and ").append(alias).append(".code = hashtext(?)");
      parameters.add(value.code());
    }
    sql.append(")");
  }

  private void numbers(StringBuilder sql, String pattern, String alias, BigDecimal... numbers) {
    sql.append(pattern.formatted(alias));
    parameters.addAll(List.of(numbers));
  }

  private void inOneElement(StringBuilder sql, Row row, List<Criterion> criteria) {
    String first = alias();
    sql.append("exists (select from ")
        .append(table(criteria.getFirst()).table())
        .append(" ")
        .append(first)
        .append(" where ")
        .append(first)
        .append(".rid = ")
        .append(row.rid())
        .append(" and ");
    of(sql, first, criteria.getFirst());
    sameElement(sql, first, criteria.subList(1, criteria.size()));
    sql.append(" offset 0)");
  }

  /** Whether criteria hold of the same repetition of an element as an index row is about. */
  void sameElement(StringBuilder sql, String first, List<Criterion> criteria) {
    for (Criterion criterion : criteria) {
      String other = alias();
      sql.append(" and exists (select from ")
          .append(table(criterion).table())
          .append(" ")
          .append(other)
          .append(" where %1$s.rid = %2$s.rid and %1$s.occurrence = %2$s.occurrence and "
              .formatted(other, first));
      of(sql, other, criterion);
      sql.append(" offset 0)");
    }
  }

  private void words(StringBuilder sql, Row row, Criterion.Words words) {
    String alias = alias();
    // The JSON is read once, however many places are looked at.
    sql.append(
            "exists (select from (select x.content::jsonb as content from resource x where x.rid = ")
        .append(row.rid())
        .append(" offset 0) ")
        .append(alias)
        .append(" cross join lateral (");
    boolean first = true;
    for (String path : words.paths()) {
      for (String place : List.of(".text", ".coding.display", ".display", ".type.text")) {
        sql.append(first ? "" : " union all ");
        jsonValues(sql, alias, path + place);
        first = false;
      }
    }
    sql.append(") w where ");
    joined(sql, " or ", words.words(), word -> {
      sql.append("position(? in ").append(FOLDED).append(") > 0");
      parameters.add(word);
    });
    sql.append(" offset 0)");
  }

  private void refersTo(StringBuilder sql, Row row, Criterion.RefersTo refersTo) {
    joined(sql, " or ", refersTo.targets(), target -> {
      if (refersTo.toOwner() && target.type().equals("Patient")) {
        owner(sql, row, target);
      } else {
        target(sql, row, refersTo.param(), target);
      }
    });
  }

  /** Asked of each candidate's own patient. */
  private void owner(StringBuilder sql, Row row, Target owner) {
    String alias = alias();
    sql.append(
        "exists (select from resource %1$s where %1$s.type = ? and not %1$s.deleted and %1$s.id = "
            .formatted(alias));
    parameters.add(owner.type());
    column(sql, row, "patient");
    sql.append(" and ");
    holds(sql, new Row(alias, false, row.forced()), owner.criterion());
    sql.append(row.forced() ? " offset 0)" : ")");
  }

  /** The keys of all targets are computed once; each candidate's references are looked up among them. */
  private void target(StringBuilder sql, Row row, short param, Target target) {
    String reference = alias();
    String alias = alias();
    sql.append(
        "exists (select from token_index %1$s where %1$s.rid = %2$s and %1$s.key in (select hashtextextended(%3$s.type || '/' || %3$s.id, ?::bigint) from resource %3$s where %3$s.type = ? and not %3$s.deleted and "
            .formatted(reference, row.rid(), alias));
    parameters.add((long) param);
    parameters.add(target.type());
    holds(sql, new Row(alias, false, false), target.criterion());
    sql.append(") offset 0)");
  }

  private void referredToBy(StringBuilder sql, Row row, Criterion.ReferredToBy referredTo) {
    String alias = alias();
    sql.append("exists (select from token_index ")
        .append(alias)
        .append(" where ")
        .append(alias)
        .append(".key = hashtextextended('")
        .append(referredTo.type()) // a served type, not the caller's text
        .append("/' || ");
    column(sql, row, "id");
    sql.append(", ?::bigint) and ");
    parameters.add((long) referredTo.parameter().number());
    holds(sql, Row.ofTokens(alias), referredTo.criterion());
    sql.append(" offset 0)");
  }

  /** A column of the candidate's resource. */
  private void column(StringBuilder sql, Row row, String column) {
    if (row.index()) {
      String alias = alias();
      sql.append("(select %1$s.%2$s from resource %1$s where %1$s.rid = %3$s)"
          .formatted(alias, column, row.rid()));
    } else {
      sql.append(row.alias()).append(".").append(column);
    }
  }

  private String alias() {
    return "f" + aliases++;
  }

  /** The same as alternatives, each of which is one range of the index; where they would be many, one condition for all. */
  static List<Criterion.Tokens> ranges(Criterion.Tokens tokens) {
    return tokens.values().size() > MOST_BRANCHES
        ? List.of(tokens)
        : tokens.params().stream()
            .flatMap(param -> tokens.values().stream()
                .map(value -> new Criterion.Tokens(param, tokens.selectivity(), List.of(value))))
            .toList();
  }

  private void tokens(StringBuilder sql, String row, List<Short> params, List<TokenValue> values) {
    boolean many = values.size() > MOST_BRANCHES;
    if (values.isEmpty()) {
      sql.append("false");
    } else if (many && values.stream().allMatch(value -> value.system() == null)) {
      keys(sql, row, params, values);
    } else if (many
        && values.stream()
            .noneMatch(value -> value.system() == null || value.system().isEmpty())) {
      sql.append("(");
      keys(sql, row, params, values);
      sql.append(
          " and (%1$s.key, %1$s.system) in (select hashtextextended(v, p), hashtext(s) from unnest(?, ?) u(v, s), unnest(?) p))"
              .formatted(row));
      parameters.add(values.stream().map(TokenValue::value).toArray(String[]::new));
      parameters.add(values.stream().map(TokenValue::system).toArray(String[]::new));
      parameters.add(longs(params));
    } else {
      joined(
          sql,
          " or ",
          params,
          param -> joined(sql, " or ", values, value -> token(sql, row, param, value)));
    }
  }

  /** The keys are computed once. */
  private void keys(StringBuilder sql, String row, List<Short> params, List<TokenValue> values) {
    sql.append(row)
        .append(".key = any(array(select hashtextextended(v, p) from unnest(?) v, unnest(?) p))");
    parameters.add(values.stream().map(TokenValue::value).toArray(String[]::new));
    parameters.add(longs(params));
  }

  private static Long[] longs(List<Short> params) {
    return params.stream().map(Short::longValue).toArray(Long[]::new);
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

  void ranges(StringBuilder sql, List<Range> ranges, String low, String high) {
    joined(sql, " or ", ranges, range -> {
      Instant from = range.interval().low();
      Instant to = range.interval().high();
      switch (range.prefix()) {
        // What is implied of the low end is what an index can use.
        case EQ ->
          condition(sql, "(%1$s >= ? and %1$s <= ? and %2$s <= ?)", low, high, from, to, to);
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
    });
  }

  /**
   * What the ranges say of where a value starts, said of the timeline, which is that start: it bounds the walk along the timeline.
   * Says nothing, and is false, when one of the ranges leaves the start open, as those do that ask for values after a moment: a value may have
   * begun long before.
   */
  boolean timelineBounds(StringBuilder sql, List<Range> ranges, String timeline) {
    if (!boundStart(ranges)) {
      return false;
    }
    joined(sql, " or ", ranges, range -> {
      Instant from = range.interval().low();
      Instant to = range.interval().high();
      switch (range.prefix()) {
        case EQ -> condition(sql, "(%1$s >= ? and %1$s <= ?)", timeline, timeline, from, to);
        case LT, EB -> condition(sql, "(%s < ?)", timeline, timeline, from);
        case LE -> condition(sql, "(%s <= ?)", timeline, timeline, to);
        case SA -> condition(sql, "(%s > ?)", timeline, timeline, to);
        case NE, GT, GE, AP -> throw new IllegalStateException("unbounded: " + range.prefix());
      }
    });
    return true;
  }

  /** Whether ranges say where a value starts. */
  static boolean boundStart(List<Range> ranges) {
    return ranges.stream().allMatch(range -> switch (range.prefix()) {
      case EQ, LT, LE, SA, EB -> true;
      case NE, GT, GE, AP -> false;
    });
  }

  private void condition(
      StringBuilder sql, String pattern, String low, String high, Instant... instants) {
    sql.append(pattern.formatted(low, high).replace("?", "?::timestamptz"));
    for (Instant instant : instants) {
      parameters.add(PostgresLimits.timestamp(instant));
    }
  }

  /** The values at a path of the stored JSON, lax: through arrays, and nothing where the path leads nowhere. */
  void jsonValues(StringBuilder sql, String row, String path) {
    sql.append("select jsonb_path_query(")
        .append(row)
        .append(".content::jsonb, cast(? as jsonpath)) as v");
    parameters.add(path);
  }
}
