package org.botoxfhir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.ConnectException;
import java.util.Map;
import java.util.stream.Stream;
import org.botoxfhir.testing.TestDatabase;
import org.botoxfhir.testing.TestServers;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Profile {@code migration}: what a job of the chart runs before the pods of a release. */
class MigrationRunTest {

  @Test
  void aDatabaseThatIsAwayIsAFailure() {
    var settings = Map.of(
        "spring.datasource.url", "jdbc:postgresql://127.0.0.1:1/nowhere",
        "spring.datasource.hikari.connection-timeout", "300");
    assertThatThrownBy(() -> run(settings).close()).hasRootCauseInstanceOf(ConnectException.class);
  }

  @Test
  void theSchemaIsMadeAndNothingElseIsStarted() {
    TestDatabase database = TestServers.newDatabase();
    try (var run = run(database.settings());
        var pool = database.connect()) {
      assertThat(JdbcClient.create(pool)
              .sql("select count(*) from flyway_schema_history where success")
              .query(Long.class)
              .single())
          .isPositive();
      assertThat(JdbcClient.create(pool)
              .sql("select count(*) from resource")
              .query(Long.class)
              .single())
          .isZero();
      assertThat(run.getBean(Environment.class).getProperty("local.server.port"))
          .isNull();
      assertThat(Stream.of(run.getBeanDefinitionNames())
              .map(run::getType)
              .filter(type -> type != null && type.getName().startsWith("org.botoxfhir.")))
          .containsExactly(MigrationRun.class);
    }
    // The next release's job, and every pod, find it done.
    run(database.settings()).close();
  }

  /** As main does it, and on any address: who may ask is nobody's question here, nor is a key or Kafka. */
  private static ConfigurableApplicationContext run(Map<String, String> settings) {
    return SpringApplication.run(
        BotoxFhirApplication.class,
        Stream.concat(
                Stream.of("--spring.profiles.active=migration", "--server.address=0.0.0.0"),
                settings.entrySet().stream()
                    .map(setting -> "--" + setting.getKey() + "=" + setting.getValue()))
            .toArray(String[]::new));
  }
}
