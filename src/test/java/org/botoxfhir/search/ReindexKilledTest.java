package org.botoxfhir.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.ServiceProcess;
import org.botoxfhir.testing.TestDatabase;
import org.botoxfhir.testing.TestServers;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** The job over the death of the replica at work, with two replicas, while clients write. */
class ReindexKilledTest {
  private static final Path EXAMPLES = Path.of("src/test/resources/examples");

  @Test
  void aReplicaThatIsKilledIsFollowedByOneThatGoesOnAndWritesMeanwhileAreFoundToo()
      throws IOException {
    TestDatabase database = TestServers.newDatabase();
    try (HikariDataSource pool = database.connect()) {
      JdbcClient jdbc = JdbcClient.create(pool);
      IndexDump index = new IndexDump(jdbc);
      String startedAt;
      long doneByTheFirst;
      try (ServiceProcess first = ServiceProcess.start(settings(database, "300ms"))) {
        for (String example : List.of("chronic-migraine", "cervical-dystonia", "blepharospasm")) {
          assertThat(first
                  .fhir()
                  .post("", Files.readString(EXAMPLES.resolve(example + ".json")))
                  .status())
              .isEqualTo(200);
        }
        assertThat(status(first).get("complete").asBoolean()).isTrue();
        index.asAnOtherReleaseLeftIt();
        await()
            .atMost(Duration.ofSeconds(60))
            .until(() -> status(first).get("done").asLong() > 4);
        write(first.fhir(), "during-the-first");
        startedAt = status(first).get("startedAt").asString();
        doneByTheFirst = status(first).get("done").asLong();
        first.kill();
      }
      assertThat(doneByTheFirst)
          .isLessThan(jdbc.sql("select total from reindex").query(Long.class).single());

      var starting =
          CompletableFuture.supplyAsync(() -> ServiceProcess.start(settings(database, "20ms")));
      try (ServiceProcess second = ServiceProcess.start(settings(database, "20ms"));
          ServiceProcess third = starting.join()) {
        write(third.fhir(), "during-the-second");
        await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
          assertThat(status(second).get("complete").asBoolean()).isTrue();
          assertThat(status(third).get("complete").asBoolean()).isTrue();
        });
        JsonNode end = status(third);
        assertThat(end.get("startedAt").asString()).isEqualTo(startedAt);
        assertThat(end.get("done").asLong()).isEqualTo(end.get("total").asLong());
        for (Fhir fhir : List.of(second.fhir(), third.fhir())) {
          assertThat(fhir.get("Practitioner?name=during").json().get("entry").size())
              .isEqualTo(2);
          assertThat(fhir.get("Patient?address-city=during-the-second")
                  .json()
                  .get("entry")
                  .size())
              .isOne();
          assertThat(fhir.get("Patient?address-city=during-the-first").json().has("entry"))
              .isFalse();
        }
        assertThat(second.management("prometheus").body())
            .contains("botox_reindex_incomplete 0.0", "botox_reindex_remaining 0.0");

        // Once more with nobody writing: there is nothing that the first time left to be made.
        List<String> rows = index.rows();
        index.asAnOtherReleaseLeftIt();
        await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
          JsonNode again = status(second);
          assertThat(again.get("complete").asBoolean()).isTrue();
          assertThat(again.path("startedAt").asString("")).isNotEmpty().isNotEqualTo(startedAt);
        });
        assertThat(index.rows()).isEqualTo(rows);
      }
    }
  }

  private static void write(Fhir fhir, String name) {
    assertThat(fhir.post(
                "Practitioner",
                "{\"resourceType\":\"Practitioner\",\"name\":[{\"family\":\"%s\"}]}"
                    .formatted(name))
            .status())
        .isEqualTo(201);
    assertThat(fhir.put(
                "Patient/example-migraine",
                "{\"resourceType\":\"Patient\",\"id\":\"example-migraine\",\"address\":[{\"city\":\"%s\"}]}"
                    .formatted(name))
            .status())
        .isEqualTo(200);
  }

  private static JsonNode status(ServiceProcess service) {
    return service.management("reindex").json();
  }

  private static Map<String, String> settings(TestDatabase database, String pause) {
    Map<String, String> settings = new HashMap<>(database.settings());
    settings.put("botox.kafka.bootstrap-servers", TestServers.bootstrapServers());
    settings.put("botox.kafka.create-topics", "true");
    settings.put("botox.events.pseudonym-key", "key-of-the-tests-that-protects-nobody");
    settings.put("botox.reindex.batch-size", "2");
    settings.put("botox.reindex.poll", "100ms");
    settings.put("botox.reindex.pause", pause);
    return settings;
  }
}
