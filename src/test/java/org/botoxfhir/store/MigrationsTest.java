package org.botoxfhir.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.botoxfhir.testing.MadeUpEvents;
import org.botoxfhir.testing.Replica;
import org.botoxfhir.testing.TestDatabase;
import org.botoxfhir.testing.TestServers;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.callback.Callback;
import org.flywaydb.core.api.callback.Context;
import org.flywaydb.core.api.callback.Event;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** The rule of docs/upgrading.md: a release goes on over the schema of the next one. */
class MigrationsTest {
  /**
   * What was done before there was a release that could suffer from it: a column must have a value, which a trigger gives; and the audit
   * log became one of batches.
   */
  private static final Set<String> BEFORE_THE_FIRST_RELEASE = Set.of("6", "10");

  /** For what is taken back. */
  private static final TestDatabase MIGRATED = TestServers.newDatabase().migrated();

  private final TestDatabase database = TestServers.newDatabase();

  private FluentConfiguration flyway() {
    return Flyway.configure().dataSource(database.url(), database.user(), database.password());
  }

  @Test
  void noMigrationTakesAwayWhatTheReleaseBeforeItWorksWith() {
    Map<String, List<String>> broken = new TreeMap<>();
    try (HikariDataSource pool = database.connect()) {
      JdbcClient jdbc = JdbcClient.create(pool);
      Schema before = Schema.of(jdbc);
      List<String> versions = Arrays.stream(flyway().load().info().all())
          .map(MigrationInfo::getVersion)
          .map(Object::toString)
          .toList();
      assertThat(versions).startsWith("1", "2", "3");
      for (String version : versions) {
        flyway().target(version).load().migrate();
        Schema after = Schema.of(jdbc);
        List<String> found = before.brokenBy(after);
        if (!found.isEmpty() && !BEFORE_THE_FIRST_RELEASE.contains(version)) {
          broken.put(version, found);
        }
        before = after;
      }
    }
    assertThat(broken).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      drop table reindex | column reindex.done is gone
      alter table resource drop column derived | column resource.derived is gone
      alter table resource rename column derived to derivation | column resource.derived is gone
      alter table outbox_event alter column shard type bigint | column outbox_event.shard has another type
      alter table outbox_event alter column traceparent set not null | column outbox_event.traceparent must have a value
      alter table outbox_event add column tenant text not null | new column outbox_event.tenant must have a value
      alter table resource drop constraint resource_key | unique index resource_key is gone
      create unique index one_event on outbox_event (event_id) | new unique index one_event
      alter table resource add constraint dated check (version > 0) | new constraint resource.dated
      drop index resource_patient | index resource_patient is gone
      """)
  void whatAnEarlierReleaseWouldRunIntoIsFound(String migration, String problem) {
    assertThat(brokenBy(migration)).contains(problem);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      create table tenant (name text primary key)
      alter table resource add column tenant text
      alter table resource add column tenant text not null default ''
      create index resource_version on resource (version)
      alter table outbox_event alter column type drop not null
      """)
  void whatAnEarlierReleaseDoesNotNoticeIsNoProblem(String migration) {
    assertThat(brokenBy(migration)).isEmpty();
  }

  private List<String> brokenBy(String migration) {
    List<String> broken = new ArrayList<>();
    try (HikariDataSource pool = MIGRATED.connect()) {
      JdbcClient jdbc = JdbcClient.create(pool);
      new TransactionTemplate(new JdbcTransactionManager(pool)).executeWithoutResult(status -> {
        Schema before = Schema.of(jdbc);
        jdbc.sql(migration).update();
        broken.addAll(before.brokenBy(Schema.of(jdbc)));
        status.setRollbackOnly();
      });
    }
    return broken;
  }

  @Test
  void aReleaseStartsOverTheSchemaOfALaterOne(@TempDir Path folder) throws IOException {
    Files.writeString(folder.resolve("V999__later.sql"), "create table later (number int);");
    flyway().locations("classpath:db/migration", "filesystem:" + folder).load().migrate();

    try (Replica replica = Replica.appendingOnly(database, Map.of())) {
      replica.commit(MadeUpEvents.event(MadeUpEvents.newKey(), 1));
      assertThat(replica
              .jdbc()
              .sql("select count(*) from outbox_event")
              .query(Long.class)
              .single())
          .isEqualTo(1);
    }
  }

  @Test
  void aMigrationWaitsForItsAnswerThoughTheConnectionIsBounded(@TempDir Path folder)
      throws IOException {
    Files.writeString(folder.resolve("V999__later.sql"), "create table later (number int);");
    List<Integer> milliseconds = new ArrayList<>();
    try (HikariDataSource pool = database.connect()) {
      pool.addDataSourceProperty("socketTimeout", "75");
      Flyway.configure()
          .dataSource(pool)
          .locations("filesystem:" + folder)
          .callbacks(new UnhurriedMigrations(), new Witness(milliseconds))
          .load()
          .migrate();
    }
    assertThat(milliseconds).containsExactly(75_000, 0);
  }

  /** Notes how long the connection waits for an answer, before all migrations and after one. */
  private record Witness(List<Integer> milliseconds) implements Callback {
    @Override
    public boolean supports(Event event, Context context) {
      return event == Event.BEFORE_MIGRATE || event == Event.AFTER_EACH_MIGRATE;
    }

    @Override
    public boolean canHandleInTransaction(Event event, Context context) {
      return true;
    }

    @Override
    public void handle(Event event, Context context) {
      try {
        milliseconds.add(context.getConnection().getNetworkTimeout());
      } catch (java.sql.SQLException e) {
        throw new AssertionError(e);
      }
    }

    @Override
    public String getCallbackName() {
      return "witness";
    }
  }
}
