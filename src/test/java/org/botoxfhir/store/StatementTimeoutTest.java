package org.botoxfhir.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.botoxfhir.testing.TestDatabase;
import org.botoxfhir.testing.TestServers;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;

class StatementTimeoutTest {
  @Test
  void aMigrationTakesTheTimeThatItNeedsOnAConnectionThatIsBounded(@TempDir Path folder)
      throws IOException {
    Files.writeString(
        folder.resolve("V999__probe.sql"),
        "create table probe as select current_setting('statement_timeout') as timeout;");
    TestDatabase database = TestServers.newDatabase();

    Flyway.configure()
        .dataSource(database.url(), database.user(), database.password())
        .initSql("set statement_timeout = '1min'")
        .locations("classpath:db/migration", "filesystem:" + folder)
        .load()
        .migrate();

    try (HikariDataSource pool = database.connect()) {
      assertThat(JdbcClient.create(pool)
              .sql("select timeout from probe")
              .query(String.class)
              .single())
          .isEqualTo("0");
    }
  }
}
