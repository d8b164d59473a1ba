package org.botoxfhir.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import javax.sql.DataSource;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.Fhir.Answer;
import org.botoxfhir.testing.ServiceTest;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;

/** An update leaves the index rows that both versions have; what it leaves must be what a fresh load would make. */
@ServiceTest
class UpdatedIndexTest {
  private static final String FIRST = """
      {"resourceType": "Observation", "id": "%s", "status": "preliminary", "effectiveDateTime": "2026-01-01",
       "code": {"coding": [{"system": "urn:test", "code": "a"}, {"system": "urn:test", "code": "b"}]},
       "identifier": [{"system": "urn:test", "value": "one"}], "valueQuantity": {"value": 1, "code": "mg"}}
      """;
  private static final String SECOND = """
      {"resourceType": "Observation", "id": "%s", "status": "final", "effectiveDateTime": "2026-01-02",
       "code": {"coding": [{"system": "urn:test", "code": "b"}, {"system": "urn:test", "code": "c"}]},
       "identifier": [{"system": "urn:test", "value": "one"}, {"value": "two"}], "valueString": "Faint"}
      """;

  @Autowired
  Fhir fhir;

  @Autowired
  JdbcClient jdbc;

  @Autowired
  DataSource pool;

  private void put(String id, String observation) {
    Answer answer = fhir.put("Observation/" + id, observation.formatted(id));
    assertThat(answer.status()).as(answer.body()).isIn(200, 201);
  }

  private List<@Nullable String> rows(String id) {
    return jdbc.sql("""
        with r as (select rid from resource where type = 'Observation' and id = ?)
        select 'token ' || (t::text) from token_index t, r where t.rid = r.rid
        union all select 'date ' || (d::text) from date_index d, r where d.rid = r.rid
        union all select 'string ' || (s::text) from string_index s, r where s.rid = r.rid
        union all select 'number ' || (n::text) from number_index n, r where n.rid = r.rid
        order by 1
        """).param(id).query(String.class).list();
  }

  private List<@Nullable String> freshRows(String id, String observation) {
    assertThat(fhir.delete("Observation/" + id).status()).isIn(200, 204);
    assertThat(rows(id)).isEmpty();
    put(id, observation);
    return rows(id);
  }

  @Test
  void anUpdateLeavesTheRowsThatAFreshLoadMakes() {
    put("updated-index", FIRST);
    List<@Nullable String> first = rows("updated-index");
    put("updated-index", SECOND);
    List<@Nullable String> second = rows("updated-index");

    assertThat(second).isNotEqualTo(first).isEqualTo(freshRows("updated-index", SECOND));
    put("updated-index", FIRST);
    assertThat(rows("updated-index")).isEqualTo(first);
  }

  @Test
  void whatItDoesNotChangeStaysWhereItIs() {
    put("unmoved-index", FIRST);
    List<@Nullable String> places = places("unmoved-index");

    put("unmoved-index", FIRST.replace("preliminary", "final"));

    assertThat(places("unmoved-index")).hasSameSizeAs(places);
    assertThat(places("unmoved-index").stream().filter(place -> !places.contains(place)))
        .as("the rows of the status")
        .hasSizeBetween(1, 2);
  }

  private List<@Nullable String> places(String id) {
    return jdbc.sql(
            "select t.ctid::text from token_index t join resource r using (rid) where r.type = 'Observation' and r.id = ?")
        .param(id)
        .query(String.class)
        .list();
  }

  @Test
  void anUpdateThatWaitedForAnotherChangeOfTheRowsLeavesNoneOfThose() throws Exception {
    put("contended-index", FIRST);
    CompletableFuture<Void> update;
    try (Connection other = pool.getConnection()) {
      other.setAutoCommit(false);
      try (Statement statement = other.createStatement()) {
        // As under $meta-add or a reindex: other rows, the same version.
        statement.execute(
            "update resource set timeline = timeline where type = 'Observation' and id = 'contended-index'");
        statement.execute("""
            insert into token_index select key + 1, at, rid, system, param, occurrence from token_index
            where rid = (select rid from resource where type = 'Observation' and id = 'contended-index') limit 1
            """);
        update = CompletableFuture.runAsync(() -> put("contended-index", SECOND));
        await().until(() -> waits(other));
        other.commit();
      }
    }
    update.join();

    assertThat(rows("contended-index")).isEqualTo(freshRows("contended-index", SECOND));
  }

  private boolean waits(Connection holder) throws SQLException {
    try (Statement statement = holder.createStatement();
        var row = statement.executeQuery(
            "select exists (select from pg_stat_activity where pg_backend_pid() = any(pg_blocking_pids(pid)))")) {
      row.next();
      return row.getBoolean(1);
    }
  }
}
