package org.botoxfhir.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.ServiceProcess;
import org.botoxfhir.testing.TestDatabase;
import org.botoxfhir.testing.TestServers;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The log over the death of the service while clients read and write. */
class AuditKilledTest {
  private static final int CLIENTS = 8;

  @Test
  void whateverWasAnsweredBeforeAKillIsOnRecordOnceAndWithTheAddressThatAProxyTold() {
    TestDatabase database = TestServers.newDatabase();
    Map<String, String> settings = new HashMap<>(database.settings());
    settings.put("botox.kafka.bootstrap-servers", TestServers.bootstrapServers());
    settings.put("botox.kafka.create-topics", "true");
    settings.put("botox.events.pseudonym-key", "key-of-the-tests-that-protects-nobody");
    settings.put("server.forward-headers-strategy", "framework");
    Queue<String> answered = new ConcurrentLinkedQueue<>();
    try (HikariDataSource pool = database.connect();
        ServiceProcess service = ServiceProcess.start(settings)) {
      Fhir fhir = service.fhir();
      var clients = IntStream.range(0, CLIENTS)
          .mapToObj(i -> Thread.ofVirtual().start(() -> useUntilGone(fhir, i, answered)))
          .toList();
      await().atMost(Duration.ofSeconds(60)).until(() -> answered.size() > 600);
      service.kill();
      clients.forEach(client -> await().until(() -> !client.isAlive()));

      var recorded = JdbcClient.create(pool)
          .sql("select request_id from audit_event where address = '192.0.2.7'")
          .query((row, n) -> row.getString(1))
          .list();
      Set<String> missing = new HashSet<>(answered);
      recorded.forEach(missing::remove);
      assertThat(missing).isEmpty();
      assertThat(recorded).doesNotHaveDuplicates();
    }
  }

  private static void useUntilGone(Fhir fhir, int client, Queue<String> answered) {
    String path = "Patient/client-" + client;
    String body = "{\"resourceType\":\"Patient\",\"id\":\"client-%d\"}".formatted(client);
    try {
      for (int i = 0; ; i++) {
        String id = UUID.randomUUID().toString();
        String[] headers = {"X-Request-Id", id, "X-Forwarded-For", "192.0.2.7"};
        if (i % 4 == 0) {
          fhir.put(path, body.replace("}", ",\"multipleBirthInteger\":%d}".formatted(i)), headers);
        } else if (i % 4 == 1) {
          fhir.get("Patient/none", headers);
        } else {
          fhir.get(path, headers);
        }
        answered.add(id);
      }
    } catch (UncheckedIOException gone) {
      // what was not answered need not be on record
    }
  }
}
