package org.botoxfhir.store;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import com.zaxxer.hikari.HikariDataSource;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.sql.DataSource;
import org.botoxfhir.dev.DevelopmentPostgres;
import org.botoxfhir.dev.EmbeddedKafka;
import org.botoxfhir.testing.StandbyServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.support.StaticListableBeanFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Over a real standby whose replay is held up and let go. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FreshReadsTest {
  private static final String WHERE = "select pg_is_in_recovery()";

  private DevelopmentPostgres primary;
  private StandbyServer standby;
  private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
  private ReplicaRouting routing;
  private HikariDataSource pool;
  private DataSource database;
  private JdbcClient jdbc;
  private FreshReads reads;

  @BeforeAll
  void startServers(@TempDir Path folder) throws Exception {
    ((Logger) LoggerFactory.getLogger("io.zonky.test")).setLevel(Level.OFF);
    primary = DevelopmentPostgres.start(folder.resolve("primary"), EmbeddedKafka.freePort());
    standby = new StandbyServer(primary, folder.resolve("standby"));
  }

  @AfterAll
  void stopServers() throws Exception {
    standby.close();
    primary.close();
  }

  @BeforeEach
  void connect() throws Exception {
    connect(primary.url(), standby.url(), Duration.ofSeconds(10));
    jdbc.sql("create table if not exists note (number int)").update();
    jdbc.sql("truncate note").update();
  }

  private void connect(String primaryUrl, String standbyUrl, Duration maxWait) throws Exception {
    var settings = new ReplicaSettings(standbyUrl, 8, maxWait, Duration.ZERO);
    var factory = new StaticListableBeanFactory(Map.of("settings", settings));
    routing = new ReplicaRouting(factory.getBeanProvider(ReplicaSettings.class));
    pool = new HikariDataSource();
    pool.setJdbcUrl(primaryUrl);
    pool.setMaximumPoolSize(8);
    pool.setMinimumIdle(0);
    database = (DataSource) routing.postProcessAfterInitialization(pool, "dataSource");
    jdbc = JdbcClient.create(database);
    reads = new FreshReads(database, settings, metrics);
  }

  private void reconnect(String primaryUrl, String standbyUrl, Duration maxWait) throws Exception {
    disconnect();
    connect(primaryUrl, standbyUrl, maxWait);
  }

  @AfterEach
  void disconnect() {
    routing.destroy();
    pool.close();
  }

  private boolean fromStandby() {
    return reads.read(() -> jdbc.sql(WHERE).query(Boolean.class).single());
  }

  private double answeredByPrimary() {
    return metrics.get("botox.replica.reads").tag("server", "primary").counter().count();
  }

  private int notes() {
    return jdbc.sql("select count(*) from note").query(Integer.class).single();
  }

  @Test
  void aReadThatTheStandbyIsTooFarBehindForIsAnsweredByThePrimary() throws Exception {
    reconnect(primary.url(), standby.url(), Duration.ofMillis(50));
    standby.jdbc().sql("select pg_wal_replay_pause()").query(rows -> {});
    try {
      jdbc.sql("insert into note values (1)").update();

      assertThat(reads.read(this::notes)).isEqualTo(1);
      assertThat(fromStandby()).isFalse();
    } finally {
      standby.jdbc().sql("select pg_wal_replay_resume()").query(rows -> {});
    }
  }

  @Test
  void aReadIsAnsweredByThePrimaryWhenThereIsNoStandbyAtTheAddress() throws Exception {
    reconnect(
        primary.url(),
        "jdbc:postgresql://127.0.0.1:%d/postgres?user=postgres".formatted(EmbeddedKafka.freePort()),
        Duration.ofMillis(50));
    assertThat(fromStandby()).isFalse();
  }

  @Test
  void aServerThatIsNoStandbyIsNotReadFromEvenIfItAnswers() throws Exception {
    reconnect(primary.url(), primary.url(), Duration.ofMillis(50));
    double before = answeredByPrimary();

    assertThat(fromStandby()).isFalse();
    assertThat(answeredByPrimary()).isEqualTo(before + 1);
  }

  @Test
  void aReadWithinATransactionSeesWhatTheTransactionHasWritten() {
    var transactions = new TransactionTemplate(new JdbcTransactionManager(database));
    transactions.executeWithoutResult(status -> {
      jdbc.sql("insert into note values (1)").update();
      assertThat(reads.read(this::notes)).isEqualTo(1);
    });
  }

  @Test
  void aReadSeesEveryCommitThatWasConfirmedBeforeItWhoeverMadeIt() throws Exception {
    List<Future<?>> clients = new ArrayList<>();
    try (var threads = Executors.newFixedThreadPool(4)) {
      for (int client = 0; client < 4; client++) {
        int first = client * 1_000;
        clients.add(threads.submit(() -> {
          for (int number = first; number < first + 100; number++) {
            jdbc.sql("insert into note values (?)").param(number).update();
            int written = number;
            assertThat(reads.read(
                    () -> jdbc.sql("select pg_is_in_recovery() from note where number = ?")
                        .param(written)
                        .query(Boolean.class)
                        .list()))
                .as("found, and by the standby")
                .containsExactly(true);
          }
        }));
      }
      for (Future<?> client : clients) {
        client.get();
      }
    }
  }

  @Test
  void whatIsNotReadThroughItGoesToThePrimary() {
    assertThat(jdbc.sql(WHERE).query(Boolean.class).single()).isFalse();
    assertThat(fromStandby()).isTrue();
  }

  @Test
  void aUserWithoutRightsBeyondTheTablesIsEnough() throws Exception {
    jdbc.sql("drop role if exists plain").update();
    jdbc.sql("create role plain login").update();
    reconnect(
        primary.url().replace("user=postgres", "user=plain"),
        standby.url().replace("user=postgres", "user=plain"),
        Duration.ofSeconds(10));

    assertThat(fromStandby()).isTrue();
    assertThat(
            reads.read(() -> jdbc.sql("select current_user").query(String.class).single()))
        .isEqualTo("plain");
  }
}
