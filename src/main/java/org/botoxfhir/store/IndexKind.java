package org.botoxfhir.store;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** The index tables: whatever a resource is found by is a row in one of them, under the resource's internal key. */
enum IndexKind {
  TOKEN("token_index", "key, at, rid, system, param, occurrence", """
      select hashtextextended(t.value, t.param) as key, g.timeline as at, t.rid, coalesce(hashtext(t.system), 0) as system, t.param,
        t.occurrence
      from unnest(?::bigint[], ?::smallint[], ?::text[], ?::text[], ?::smallint[]) as t(rid, param, value, system, occurrence)
        join given g on g.rid = t.rid"""),
  DATE("date_index", "low, high, rid, param, occurrence", """
      select d.low, d.high, d.rid, d.param, d.occurrence
      from unnest(?::bigint[], ?::smallint[], ?::timestamptz[], ?::timestamptz[], ?::smallint[])
        as d(rid, param, low, high, occurrence)"""),
  STRING("string_index", "rid, param, occurrence, value, exact", """
      select s.rid, s.param, s.occurrence, s.value, hashtext(s.exact) as exact
      from unnest(?::bigint[], ?::smallint[], ?::text[], ?::text[], ?::smallint[]) as s(rid, param, value, exact, occurrence)"""),
  NUMBER("number_index", "rid, system, code, param, occurrence, low, high", """
      select n.rid, coalesce(hashtext(n.system), 0) as system, coalesce(hashtext(n.code), 0) as code, n.param, n.occurrence, n.low,
        n.high
      from unnest(?::bigint[], ?::smallint[], ?::text[], ?::text[], ?::numeric[], ?::numeric[], ?::smallint[])
        as n(rid, param, system, code, low, high, occurrence)""");

  private final String table;
  private final String columns;
  private final String rows;

  IndexKind(String table, String columns, String rows) {
    this.table = table;
    this.columns = columns;
    this.rows = rows;
  }

  String table() {
    return table;
  }

  /** All columns, in one order. */
  String columns() {
    return columns;
  }

  /** A query for the rows to be written, out of arrays; {@code given} holds the versions that they belong to. */
  String rows() {
    return rows;
  }

  private List<?> of(IndexRows index) {
    return switch (this) {
      case TOKEN -> index.tokens();
      case DATE -> index.dates();
      case STRING -> index.strings();
      case NUMBER -> index.numbers();
    };
  }

  /** Those that any of these versions has rows of. */
  static Set<IndexKind> of(List<ResourceRow> versions) {
    Set<IndexKind> kinds = EnumSet.noneOf(IndexKind.class);
    for (IndexKind kind : values()) {
      if (versions.stream().anyMatch(version -> !kind.of(version.index()).isEmpty())) {
        kinds.add(kind);
      }
    }
    return kinds;
  }
}
