package org.botoxfhir.rest;

import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.springframework.jdbc.core.JdbcTemplate;

/** Tells whether anything was written. */
final class WrittenRows {
  private static final List<String> TABLES = List.of(
      "resource",
      "resource_history",
      "token_index",
      "string_index",
      "date_index",
      "number_index",
      "outbox_shard");

  private final JdbcTemplate jdbc;

  WrittenRows(JdbcTemplate jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * Changes with every row that is written: how many rows there are of each table, and which transaction was the last to write one that
   * is there. Events that wait are left out, as the relay takes them away; their numbers are not.
   */
  String fingerprint() {
    return Objects.requireNonNull(jdbc.queryForObject(
        TABLES.stream()
            .map(table -> "(select count(*) || '@' || coalesce(max(xmin::text::bigint), 0) from %s)"
                .formatted(table))
            .collect(Collectors.joining(" || ' ' || ", "select ", "")),
        String.class));
  }

  /** Of all columns of all rows. */
  String contents() {
    return Objects.requireNonNull(jdbc.queryForObject(
        TABLES.stream()
            .map(table ->
                "(select md5(string_agg(md5(t::text), '' order by md5(t::text))) from %s t)"
                    .formatted(table))
            .collect(Collectors.joining(" || ' ' || ", "select concat(", ")")),
        String.class));
  }
}
