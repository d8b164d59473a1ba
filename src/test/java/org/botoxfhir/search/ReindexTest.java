package org.botoxfhir.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.sql.DataSource;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.Fhir.Answer;
import org.botoxfhir.testing.ServiceTest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalManagementPort;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** What a running service does about index rows that another release has left. */
@ServiceTest(
    ownDatabase = true,
    properties = {
      "botox.reindex.poll=100ms",
      "botox.reindex.pause=1ms",
      "botox.reindex.batch-size=3"
    })
class ReindexTest {
  private static final Path EXAMPLES = Path.of("src/test/resources/examples");

  /** What the replica holds that makes rows anew; and what every replica holds with the kind of its rows. */
  private static final String WORKING = "select pg_advisory_lock(7093015960241533545)";

  private static final String ANOTHER_KIND_IS_PRESENT =
      "select pg_advisory_lock_shared(1650882674, 1)";

  @Autowired
  Fhir fhir;

  @Autowired
  JdbcClient jdbc;

  @Autowired
  DataSource pool;

  @LocalManagementPort
  int port;

  private Fhir management;
  private IndexDump index;

  @BeforeEach
  void records() throws IOException {
    management = new Fhir(URI.create("http://127.0.0.1:%d/actuator".formatted(port)));
    index = new IndexDump(jdbc);
    for (String example : List.of("chronic-migraine", "cervical-dystonia")) {
      assertThat(fhir.post("", Files.readString(EXAMPLES.resolve(example + ".json")))
              .status())
          .isEqualTo(200);
      assertThat(fhir.post(
                  "QuestionnaireResponse",
                  Files.readString(EXAMPLES.resolve(example + "-report.json")))
              .status())
          .isIn(200, 201);
    }
    awaitComplete();
  }

  private JsonNode status() {
    Answer answer = management.get("reindex", "Accept", "application/json");
    assertThat(answer.status()).isEqualTo(200);
    return answer.json();
  }

  private void awaitComplete() {
    await().atMost(Duration.ofSeconds(60)).until(() -> status().get("complete").asBoolean());
  }

  /** Holds a lock as another process would; ends with the connection. */
  private Connection holding(String lock) throws SQLException {
    Connection connection = pool.getConnection();
    try (var statement = connection.createStatement()) {
      statement.execute(lock);
    }
    return connection;
  }

  private static void release(Connection connection) throws SQLException {
    try (connection;
        var statement = connection.createStatement()) {
      statement.execute("select pg_advisory_unlock_all()");
    }
  }

  @Test
  void searchesThatWouldMissResourcesAreRefusedWhileAllElseGoesOn() throws Exception {
    Connection other = holding(WORKING);
    try {
      index.asAnOtherReleaseLeftIt();
      await().until(() -> !status().get("complete").asBoolean());

      for (String query : List.of(
          "Procedure?code=http://snomed.info/sct%7C404684003",
          "Procedure?patient=Patient/example-migraine",
          "Procedure?code:missing=true",
          "Procedure?patient.birthdate=1990",
          "Patient?_has:Procedure:patient:code=x",
          "Patient?_revinclude=Procedure:patient",
          "Patient?_sort=birthdate",
          "Patient/example-migraine/Procedure",
          "Patient/example-migraine/$everything")) {
        Answer refused = fhir.get(query);
        assertThat(refused.status()).as(query + refused.body()).isEqualTo(503);
        assertThat(refused.header("Retry-After")).isEqualTo("30");
        assertThat(refused.body()).contains("would miss resources");
      }
      Answer conditional = fhir.post(
          "Practitioner",
          "{\"resourceType\":\"Practitioner\"}",
          "If-None-Exist",
          "identifier=urn:test%7C1");
      assertThat(conditional.status()).isEqualTo(503);

      assertThat(fhir.get("Patient/example-migraine").status()).isEqualTo(200);
      assertThat(fhir.get("Patient?_id=example-migraine").json().path("entry").size())
          .isOne();
      assertThat(fhir.get("Patient?_lastUpdated=gt2000").status()).isEqualTo(200);
      assertThat(
              fhir.post("Practitioner", "{\"resourceType\":\"Practitioner\"}").status())
          .isEqualTo(201);
    } finally {
      release(other);
    }
    awaitComplete();
    assertThat(fhir.get("Procedure?patient=Patient/example-migraine")
            .json()
            .path("entry")
            .size())
        .isPositive();
  }

  @Test
  void aSymptomReportIsTakenWhileTheIndexIsMade() throws Exception {
    Connection other = holding(WORKING);
    try {
      index.asAnOtherReleaseLeftIt();
      await().until(() -> !status().get("complete").asBoolean());
      String report = Files.readString(EXAMPLES.resolve("chronic-migraine-report.json"))
          .replaceFirst(
              "(\"identifier\"\\s*:\\s*\\{[^}]*\"value\"\\s*:\\s*\")[^\"]*", "$1while-indexing");
      Answer answer = fhir.post("QuestionnaireResponse", report);
      assertThat(answer.status()).as(answer.body()).isIn(200, 201);
      assertThat(answer.body()).contains("\"instruction\"");
    } finally {
      release(other);
    }
    awaitComplete();
  }

  @Test
  void afterwardsTheRowsAreThoseOfAFreshLoadAndNothingElseHasChanged() {
    List<String> rows = index.rows();
    List<String> records = index.records();

    index.asAnOtherReleaseLeftIt();
    assertThat(index.rows()).isNotEqualTo(rows);
    await()
        .until(() ->
            !status().get("complete").asBoolean() || status().path("finishedAt").isString());
    awaitComplete();

    assertThat(index.rows()).isEqualTo(rows);
    assertThat(index.records()).isEqualTo(records);
    assertThat(
            jdbc.sql("select count(*) from index_parameter where name = 'Observation$former$part'")
                .query(Long.class)
                .single())
        .isZero();
    assertThat(status().get("done").asLong())
        .isEqualTo(status().get("total").asLong())
        .isPositive();
  }

  @Test
  void itWaitsForReplicasThatMakeOtherRows() throws Exception {
    Connection other = holding(ANOTHER_KIND_IS_PRESENT);
    List<String> damaged;
    try {
      index.asAnOtherReleaseLeftIt();
      damaged = index.rows();
      await().until(() -> status().path("problem").asString("").contains("waits until 1 replicas"));
      assertThat(index.rows()).isEqualTo(damaged);
    } finally {
      release(other);
    }
    awaitComplete();
    assertThat(index.rows()).isNotEqualTo(damaged);
  }

  @Test
  void whereAClientsWriteIsInItsWayItGivesWayAndTriesAgainWithoutTakingTheDatabaseForAway()
      throws Exception {
    String session = "select pid from pg_stat_activity"
        + " where application_name = 'botox-reindex' and datname = current_database()";
    int before = jdbc.sql(session).query(Integer.class).single();
    Set<String> attempts = new HashSet<>();
    try (Connection client = pool.getConnection();
        var statement = client.createStatement()) {
      client.setAutoCommit(false);
      statement.execute("lock table resource in row exclusive mode");
      index.asAnOtherReleaseLeftIt();
      await().until(() -> {
        attempts.addAll(jdbc.sql("""
                select xact_start::text from pg_stat_activity
                where datname = current_database() and cardinality(pg_blocking_pids(pid)) > 0
                """).query(String.class).list());
        return attempts.size() > 2;
      });
      client.rollback();
    }
    awaitComplete();
    assertThat(jdbc.sql(session).query(Integer.class).single()).isEqualTo(before);
  }

  /** The migration cannot read a Consent; it takes each that may deny anything for one that denies all. */
  @Test
  void aConsentFromBeforeDeniesAllUntilItIsReadAnew() throws Exception {
    String consent = """
        {"resourceType":"Consent","id":"from-before","status":"active","patient":{"reference":"Patient/example-migraine"},
         "scope":{"text":"made up"},"category":[{"text":"made up"}],"policyRule":{"text":"made up"},
         "provision":{"type":"deny","class":[{"system":"http://hl7.org/fhir/resource-types","code":"Procedure"}]}}
        """;
    assertThat(fhir.put("Consent/from-before", consent).status()).isIn(200, 201);
    assertThat(fhir.put("Consent/withdrawn", consent.replace("from-before", "withdrawn"))
            .status())
        .isIn(200, 201);
    String migration =
        Files.readString(Path.of("src/main/resources/db/migration/V12__consent.sql"));
    int insert = migration.indexOf("insert into consent_denial");
    String types = "select array_to_string(types, ',') from consent_denial";
    Connection other = holding(WORKING);
    try {
      jdbc.sql("delete from consent_denial").update();
      jdbc.sql(migration.substring(insert, migration.indexOf(';', insert))).update();
      assertThat(jdbc.sql(types).query(String.class).list()).containsExactly("", "");
      // as a replica of the former release deletes
      jdbc.sql("update resource set deleted = true where type = 'Consent' and id = 'withdrawn'")
          .update();
      jdbc.sql("update index_parameter set complete = false where name = 'Consent$denials'")
          .update();
      jdbc.sql("delete from reindex").update();
      await().until(() -> !status().get("complete").asBoolean());
      assertThat(fhir.get("Consent?patient=Patient/example-migraine").status()).isEqualTo(200);
    } finally {
      release(other);
    }
    awaitComplete();

    assertThat(jdbc.sql(types).query(String.class).list()).containsExactly("Procedure");
  }
}
