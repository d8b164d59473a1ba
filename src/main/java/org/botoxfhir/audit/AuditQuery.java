package org.botoxfhir.audit;

import java.util.ArrayList;
import java.util.List;
import org.botoxfhir.search.SearchQuery.Used;

/**
 * A search of the audit log that was understood.
 *
 * @param conditions all of them must hold
 * @param count events in a page; 0 asks for their number only
 * @param total whether their number is wanted
 * @param used the parameters that were used, in their given order, for the links
 */
record AuditQuery(List<Condition> conditions, int count, boolean total, List<Used> used) {

  /**
   * SQL that holds of a row.
   *
   * @param parameters each a String or an array of String
   */
  record Condition(String sql, List<Object> parameters) {}

  /** What follows the name of the table. */
  record Where(String text, List<Object> parameters) {
    Where and(Condition condition) {
      List<Object> all = new ArrayList<>(parameters);
      all.addAll(condition.parameters());
      return new Where(
          text + (text.isEmpty() ? " where " : " and ") + condition.sql(), List.copyOf(all));
    }
  }

  Where where() {
    Where where = new Where("", List.of());
    for (Condition condition : conditions) {
      where = where.and(condition);
    }
    return where;
  }
}
