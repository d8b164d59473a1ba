package org.botoxfhir.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.botoxfhir.testing.MadeUpEvents.event;
import static org.botoxfhir.testing.MadeUpEvents.newKey;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.botoxfhir.testing.Events;
import org.botoxfhir.testing.Replica;
import org.botoxfhir.testing.ServiceProcess;
import org.botoxfhir.testing.TestDatabase;
import org.botoxfhir.testing.TestServers;
import org.junit.jupiter.api.Test;

class KilledServiceTest {

  @Test
  void anEventThatWasCommittedButNotSentArrivesAfterTheServiceWasKilledAndStartedAgain() {
    TestDatabase database = TestServers.newDatabase();
    try (TestServers.Broker broker = TestServers.newBroker()) {
      Map<String, String> settings = new HashMap<>(database.settings());
      settings.put("botox.kafka.bootstrap-servers", broker.bootstrapServers());
      settings.put("botox.kafka.create-topics", "true");
      settings.put("botox.events.pseudonym-key", "key-of-the-tests-that-protects-nobody");
      // Gives up sooner what a broker that is away does not answer.
      settings.put("botox.kafka.properties.delivery.timeout.ms", "2000");
      settings.put("botox.kafka.properties.request.timeout.ms", "1000");
      settings.put("botox.kafka.properties.max.block.ms", "1000");
      broker.interrupt();

      String key = newKey();
      try (ServiceProcess service = ServiceProcess.start(settings);
          Replica writer = Replica.appendingOnly(database, Map.of())) {
        writer.commit(event(key, 1));
        await("attempt to send")
            .atMost(Duration.ofSeconds(60))
            .until(() -> service.output().contains("are not published (attempt 1)"));
        assertThat(service.management("health/readiness").status()).isEqualTo(200);
        assertThat(service.output()).doesNotContain(key);
        service.kill();
      }

      broker.resume();
      try (ServiceProcess service = ServiceProcess.start(settings);
          Events events = new Events(broker.bootstrapServers())) {
        assertThat(events.await(event(key, 1).subject()).record().key()).isEqualTo(key);
        await()
            .until(() -> service.management("prometheus").body().contains("botox_outbox_rows 0.0"));
      }
    }
  }
}
