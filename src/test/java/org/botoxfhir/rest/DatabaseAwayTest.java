package org.botoxfhir.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.Fhir.Answer;
import org.botoxfhir.testing.ServiceProcess;
import org.botoxfhir.testing.TestServers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A PostgreSQL of its own, stopped under a running service and started again. */
class DatabaseAwayTest {

  @Test
  void requestsAreAnsweredThatTheDatabaseIsAwayAndGoOnWhenItIsBack(@TempDir Path folder)
      throws IOException {
    Path data = folder.resolve("data");
    EmbeddedPostgres first = start(data, 0);
    int port = first.getPort();
    Map<String, String> settings = new HashMap<>();
    settings.put("spring.datasource.url", first.getJdbcUrl("postgres", "postgres"));
    settings.put("spring.datasource.username", "postgres");
    settings.put("spring.datasource.hikari.connection-timeout", "1000");
    settings.put("botox.kafka.bootstrap-servers", TestServers.bootstrapServers());
    settings.put("botox.kafka.create-topics", "true");
    settings.put("botox.events.pseudonym-key", "key-of-the-tests-that-protects-nobody");
    try (ServiceProcess service = ServiceProcess.start(settings)) {
      Fhir fhir = service.fhir();
      Answer stored = fhir.post(
          "Patient", "{\"resourceType\":\"Patient\",\"name\":[{\"family\":\"Keptson\"}]}");
      assertThat(stored.status()).isEqualTo(201);
      String path = "Patient/" + stored.json().path("id").asString();

      first.close();
      for (Answer away : new Answer[] {
        fhir.get(path),
        fhir.get("Patient?family=kept"),
        fhir.post("Patient", "{\"resourceType\":\"Patient\"}")
      }) {
        assertThat(away.status()).as(away.body()).isEqualTo(503);
        assertThat(away.header("Retry-After")).isNotEmpty();
        assertThat(away.json().at("/issue/0/code").asString()).isEqualTo("transient");
      }
      assertThat(service.management("health/readiness").status()).isEqualTo(503);
      assertThat(service.management("health/liveness").status()).isEqualTo(200);

      try (EmbeddedPostgres again = start(data, port)) {
        await("the database to be back")
            .atMost(Duration.ofSeconds(30))
            .until(() -> fhir.get(path).status() == 200);
        assertThat(fhir.get(path).body()).isEqualTo(stored.body());
        assertThat(again.getPort()).isEqualTo(port);
      }
    }
  }

  private static EmbeddedPostgres start(Path data, int port) throws IOException {
    return EmbeddedPostgres.builder()
        .setPort(port)
        .setDataDirectory(data)
        .setCleanDataDirectory(false)
        .setLocaleConfig("locale", "C")
        .setServerConfig("unix_socket_directories", "")
        .setServerConfig("fsync", "on")
        .start();
  }
}
