package org.botoxfhir.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import org.botoxfhir.testing.TestServers;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;

/** How PostgreSQL reads histories of 50,000 resources with 100,000 past versions. */
class HistoryPlansTest {
  private static final HikariDataSource POOL =
      TestServers.newDatabase().migrated().connect();
  private static final JdbcTemplate JDBC = new JdbcTemplate(POOL);
  private static final String FIRST = "-infinity";
  private static final String LAST = "infinity";

  @BeforeAll
  static void manyVersions() {
    JDBC.execute("""
        insert into resource (rid, type, id, version, last_updated, timeline, deleted, content)
        select n, case when n % 50 = 0 then 'Patient' else 'Observation' end, n::text, 3,
          timestamptz '2026-01-01' + n * interval '1 minute', '-infinity', false, '{}'
        from generate_series(1, 50000) n
        """);
    JDBC.execute("""
        insert into resource_history (rid, type, version, last_updated, deleted, content)
        select r.rid, r.type, v, r.last_updated - (3 - v) * interval '1 second', false, '{}'
        from resource r cross join generate_series(1, 2) v
        """);
    JDBC.execute("analyze");
  }

  @AfterAll
  static void close() {
    POOL.close();
  }

  private static String plan(String sql, Object... parameters) {
    return String.join("\n", JDBC.queryForList("explain " + sql, String.class, parameters));
  }

  @Test
  void aHistoryOfATypeOrOfAllTypesReadsRangesOfIndexesInTheOrderOfTheAnswer() {
    for (String[] types : new String[][] {{"Patient"}, {"Observation", "Patient", "Procedure"}}) {
      String plan = plan(
          HistoryTables.OF_TYPES,
          types,
          "2026-01-20T00:00:00Z",
          17L,
          FIRST,
          LAST,
          FIRST,
          51,
          "2026-01-20T00:00:00Z",
          17L,
          FIRST,
          LAST,
          FIRST,
          FIRST,
          51,
          51);
      assertThat(plan)
          .contains("Index Scan Backward using resource_last_updated")
          .contains("Index Scan Backward using resource_history_written")
          .doesNotContain("Seq Scan");
    }
  }

  @Test
  void aHistoryOfAResourceReadsItsVersionsAlone() {
    String plan = plan(
        HistoryTables.OF_RESOURCE,
        Long.MAX_VALUE,
        FIRST,
        LAST,
        FIRST,
        Long.MAX_VALUE,
        FIRST,
        LAST,
        FIRST,
        FIRST,
        51,
        "50",
        "Patient",
        51);

    assertThat(plan)
        .contains("using resource_key")
        .contains("resource_history_pkey")
        .doesNotContain("Seq Scan");
  }
}
