package org.botoxfhir.search;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import org.botoxfhir.search.SearchQuery.Criterion;
import org.botoxfhir.search.SearchQuery.IndexTable;
import org.botoxfhir.search.SearchQuery.Part;
import org.botoxfhir.search.SearchQuery.Prefix;
import org.botoxfhir.search.SearchQuery.Selectivity;
import org.botoxfhir.search.SearchQuery.StringMatch;

/**
 * The resources that a criterion may hold of, where one range of an index has them and no others: what a search goes on from when they
 * are few.
 */
final class CandidatesSql {
  private final List<Object> parameters;
  private final CriterionSql criteria;
  private final boolean byTimeline;
  private final Part part;
  private final int limit;

  /**
   * @param parameters of the statement: each condition adds its own, in the order of its text
   * @param byTimeline whether the answer is sorted by the timeline rather than by the last change
   * @param limit so many are few
   */
  CandidatesSql(
      List<Object> parameters, CriterionSql criteria, boolean byTimeline, Part part, int limit) {
    this.parameters = parameters;
    this.criteria = criteria;
    this.byTimeline = byTimeline;
    this.part = part;
    this.limit = limit;
  }

  /** Whether going along the order finds them without looking at others, or at few of them. */
  static boolean inOrder(Criterion criterion, boolean byTimeline) {
    return switch (criterion) {
      case Criterion.LastUpdated lastUpdated -> !byTimeline;
      case Criterion.Dates dates ->
        byTimeline && dates.timeline() && CriterionSql.boundStart(dates.ranges());
      case Criterion.Undenied undenied -> true;
      default -> false;
    };
  }

  /**
   * An array of the internal keys by the first criterion that gives few, some of them perhaps more than once; null when none does. Each
   * criterion is only asked when those before it gave too many. Empty when there is none to ask.
   */
  Optional<String> few() {
    List<String> each = new ArrayList<>();
    part.criteria().stream()
        .sorted(Comparator.comparingInt(CandidatesSql::breadth))
        .forEach(criterion -> few(criterion, each));
    return each.isEmpty()
        ? Optional.empty()
        : Optional.of(each.stream().collect(Collectors.joining(", ", "coalesce(", ")")));
  }

  /** How many resources share a value, as far as the kind of criterion tells: the fewer, the sooner it is asked. */
  private static int breadth(Criterion criterion) {
    return switch (criterion) {
      case Criterion.Tokens tokens -> 2 * tokens.selectivity().ordinal();
      case Criterion.Strings strings -> 2 * Selectivity.REFERENCE.ordinal() + 1;
      case Criterion.Dates dates -> 2 * Selectivity.REFERENCE.ordinal() + 1;
      default -> 2 * Selectivity.CODE.ordinal() + 1;
    };
  }

  private void few(Criterion criterion, List<String> each) {
    if (inOrder(criterion, byTimeline)) {
      return;
    }
    switch (criterion) {
      case Criterion.Tokens tokens ->
        few(
            each,
            IndexTable.TOKEN.table(),
            CriterionSql.ranges(tokens),
            (sql, one) -> criteria.of(sql, "c", one));
      case Criterion.Strings strings -> {
        if (strings.values().stream().noneMatch(one -> one.match() == StringMatch.CONTAINS)) {
          few(
              each,
              IndexTable.STRING.table(),
              strings.values(),
              (sql, one) ->
                  criteria.of(sql, "c", new Criterion.Strings(strings.param(), List.of(one))));
        }
      }
      case Criterion.Dates dates -> {
        if (dates.ranges().stream().allMatch(range -> isRange(range.prefix()))) {
          few(each, IndexTable.DATE.table(), dates.ranges(), (sql, one) -> {
            criteria.params(sql, "c.param", List.of(dates.param()));
            sql.append(" and ");
            criteria.ranges(sql, List.of(one), "c.low", "c.high");
          });
        }
      }
      case Criterion.Numbers numbers -> {
        if (numbers.values().stream().allMatch(value -> startsSomewhere(value.prefix()))) {
          few(
              each,
              IndexTable.NUMBER.table(),
              numbers.params().stream()
                  .flatMap(param -> numbers.values().stream()
                      .map(value -> new Criterion.Numbers(List.of(param), List.of(value))))
                  .toList(),
              (sql, one) -> criteria.of(sql, "c", one));
        }
      }
      case Criterion.LastUpdated lastUpdated -> {
        if (lastUpdated.ranges().stream().allMatch(range -> isRange(range.prefix()))) {
          few(each, "resource", lastUpdated.ranges(), (sql, one) -> {
            sql.append("c.type = ? and ");
            parameters.add(part.type());
            criteria.ranges(sql, List.of(one), "c.last_updated", "c.last_updated");
          });
        }
      }
      case Criterion.InOneElement(List<Criterion> all) -> all.forEach(one -> few(one, each));
      default -> {
        // No index has its resources side by side.
      }
    }
  }

  /** Whether the resources are one range of an index: by where values start, or by where they end. */
  private static boolean isRange(Prefix prefix) {
    return prefix != Prefix.NE && prefix != Prefix.AP;
  }

  /** The same of numbers, which are in order by where they start only. */
  private static boolean startsSomewhere(Prefix prefix) {
    return switch (prefix) {
      case EQ, LT, LE, SA -> true;
      case NE, GT, GE, EB, AP -> false;
    };
  }

  private <T> void few(
      List<String> each,
      String table,
      List<T> alternatives,
      BiConsumer<StringBuilder, T> condition) {
    StringBuilder sql = new StringBuilder("(select coalesce(array_agg(k.rid), '{}') from (");
    boolean first = true;
    for (T one : alternatives) {
      sql.append(first ? "" : " union all ")
          .append("select c.rid from ")
          .append(table)
          .append(" c where ");
      condition.accept(sql, one);
      first = false;
    }
    each.add(sql.append(" limit ")
        .append(limit + 1)
        .append(") k having count(*) <= ")
        .append(limit)
        .append(")")
        .toString());
  }
}
