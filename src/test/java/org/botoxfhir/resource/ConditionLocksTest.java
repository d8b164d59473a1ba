package org.botoxfhir.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.sql.DataSource;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.Fhir.Answer;
import org.botoxfhir.testing.ServiceTest;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Writes with the same condition wait for each other. */
@ServiceTest(properties = "botox.fhir.search-timeout=1s")
class ConditionLocksTest {
  private final Fhir fhir;
  private final DataSource database;

  @Autowired
  ConditionLocksTest(Fhir fhir, DataSource database) {
    this.fhir = fhir;
    this.database = database;
  }

  @Test
  void aWriteThatWaitsLongerForAnotherThanASearchMayTakeIsStoredInTheEnd() throws Exception {
    String condition = "identifier=urn:test:locks|" + UUID.randomUUID();
    try (var requests = Executors.newVirtualThreadPerTaskExecutor();
        Connection other = database.getConnection()) {
      other.setAutoCommit(false);
      try (var lock =
          other.prepareStatement("select pg_advisory_xact_lock(hashtextextended(?, 0))")) {
        lock.setString(1, "Patient?" + condition);
        lock.execute();
      }
      Future<Answer> create = requests.submit(
          () -> fhir.post("Patient", "{\"resourceType\":\"Patient\"}", "If-None-Exist", condition));
      await("a wait beyond the time of a search")
          .atMost(Duration.ofSeconds(20))
          .until(() -> create.isDone() || waitsLong());
      other.rollback();

      assertThat(create.get().status()).isEqualTo(201);
    }
  }

  private boolean waitsLong() {
    return JdbcClient.create(database).sql("""
            select exists (select from pg_stat_activity
              where wait_event = 'advisory' and clock_timestamp() - query_start > interval '1500 ms')
            """).query(Boolean.class).single();
  }
}
