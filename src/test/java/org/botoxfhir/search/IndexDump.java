package org.botoxfhir.search;

import java.util.ArrayList;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Everything that resources on file are found by, and how a release with other definitions would have left it. */
final class IndexDump {
  private static final List<String> TABLES =
      List.of("token_index", "date_index", "string_index", "number_index");

  private final JdbcClient jdbc;

  IndexDump(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** All rows, in an order that does not depend on when they were written. */
  List<String> rows() {
    List<String> rows = new ArrayList<>();
    for (String table : TABLES) {
      rows.addAll(jdbc.sql("select '%1$s ' || t::text from %1$s t order by 1".formatted(table))
          .query(String.class)
          .list());
    }
    rows.addAll(jdbc.sql(
            "select type || '/' || id || ' ' || timeline || ' ' || coalesce(patient, '') from resource order by 1")
        .query(String.class)
        .list());
    return rows;
  }

  /** Versions, past versions and events: what the job must leave alone. */
  List<String> records() {
    List<String> records = new ArrayList<>();
    for (String sql : List.of(
        "select type || '/' || id || ' ' || version || ' ' || last_updated || ' ' || md5(content) from resource order by 1",
        "select rid || ' ' || version || ' ' || md5(content) from resource_history order by 1",
        "select 'sequence ' || sum(last_sequence) from outbox_shard")) {
      records.addAll(jdbc.sql(sql).query(String.class).list());
    }
    return records;
  }

  /**
   * Leaves rows as a release left them that knew other parameters: names with other definitions, one name that is no more, a part
   * of the rows missing, others wrong.
   */
  void asAnOtherReleaseLeftIt() {
    for (String table : TABLES) {
      jdbc.sql("delete from %s where rid %% 2 = 0".formatted(table)).update();
    }
    jdbc.sql("update token_index set key = key + 1, system = 0 where rid % 3 = 0")
        .update();
    jdbc.sql("update string_index set exact = 0").update();
    jdbc.sql("update resource set patient = null where type = 'Observation'").update();
    jdbc.sql(
            "insert into index_parameter (name, definition, complete) values ('Observation$former$part', 'token', true)")
        .update();
    jdbc.sql(
            "insert into date_index (low, high, rid, param, occurrence) select now(), now(), r.rid, p.param, 0"
                + " from resource r, index_parameter p where r.type = 'Observation' and p.name = 'Observation$former$part'")
        .update();
    jdbc.sql("delete from reindex").update();
    jdbc.sql(
            "update index_parameter set definition = 'of another release', complete = false where definition <> 'token'"
                + " or name <> 'Observation$former$part'")
        .update();
  }
}
