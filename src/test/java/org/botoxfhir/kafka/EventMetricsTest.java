package org.botoxfhir.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.botoxfhir.testing.MadeUpEvents.event;
import static org.botoxfhir.testing.MadeUpEvents.newKey;

import java.net.URI;
import java.util.List;
import org.botoxfhir.outbox.NewEvent;
import org.botoxfhir.outbox.Outbox;
import org.botoxfhir.testing.Events;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.ServiceTest;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalManagementPort;
import org.springframework.transaction.support.TransactionTemplate;

@ServiceTest
class EventMetricsTest {
  @Autowired
  private Outbox outbox;

  @Autowired
  private TransactionTemplate transaction;

  @Autowired
  private Events events;

  @LocalManagementPort
  private int managementPort;

  @Test
  void anOperatorSeesWhatWaitsWhatWasPublishedHowLongItTookAndWhoPublishes() {
    NewEvent event = event(newKey(), 1);
    transaction.executeWithoutResult(status -> outbox.append(List.of(event)));
    events.await(event.subject());

    await()
        .untilAsserted(
            () -> assertThat(management().get("prometheus", "Accept", "*/*").body())
                .contains("botox_outbox_rows 0.0")
                .contains("botox_outbox_oldest_age_seconds 0.0")
                .contains("botox_outbox_leader 1.0")
                .contains("botox_events_published_total{topic=\"botox.symptom-reports.v1\"")
                .contains("botox_events_publish_seconds_count{topic=\"botox.symptom-reports.v1\"}")
                .doesNotContain(event.key()));
  }

  @Test
  void theHealthNamesKafkaAndReadinessDoesNotDependOnIt() {
    await()
        .untilAsserted(() -> assertThat(management()
                .get("health", "Accept", "*/*")
                .json()
                .at("/components/kafka/status")
                .asString())
            .isEqualTo("UP"));
    assertThat(management()
            .get("health/readiness", "Accept", "*/*")
            .json()
            .at("/components/kafka")
            .isMissingNode())
        .isTrue();
  }

  private Fhir management() {
    return new Fhir(URI.create("http://127.0.0.1:" + managementPort + "/actuator"));
  }
}
