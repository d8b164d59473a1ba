package org.botoxfhir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.networknt.schema.InputFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.botoxfhir.contract.ClosedSchema;
import org.botoxfhir.testing.Events;
import org.botoxfhir.testing.Events.Event;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.Fhir.Answer;
import org.botoxfhir.testing.ServiceProcess;
import org.botoxfhir.testing.TestServers;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The main job from outside: the service as a process of its own, HTTP in, Kafka out, and a kill where it hurts most. */
class EndToEndTest {
  private static final String TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

  private static String example(String name) throws IOException {
    return Files.readString(Path.of("src/test/resources/examples", name));
  }

  @Test
  void aReportReachesTheAlertingTeamAlsoWhenTheServiceIsKilledBetweenCommitAndSend()
      throws IOException {
    try (TestServers.Broker broker = TestServers.newBroker()) {
      Map<String, String> settings = new HashMap<>(TestServers.newDatabase().settings());
      settings.put("botox.kafka.bootstrap-servers", broker.bootstrapServers());
      settings.put("botox.kafka.create-topics", "true");
      settings.put("botox.events.pseudonym-key", "key-of-the-tests-that-protects-nobody");

      Answer report;
      try (ServiceProcess service = ServiceProcess.start(settings);
          Events events = new Events(broker.bootstrapServers())) {
        Fhir fhir = service.fhir();
        assertThat(fhir.post("", example("chronic-migraine.json")).status()).isEqualTo(200);
        Answer drooping = fhir.post(
            "QuestionnaireResponse", example("chronic-migraine-report.json"), "traceparent", TRACE);
        assertThat(drooping.status()).isEqualTo(201);
        assertThat(drooping.body()).contains("call your emergency number now");
        assertDroopingEyelid(fhir, drooping, events.await(subject(drooping)));

        broker.interrupt();
        assertThat(fhir.post("", example("cervical-dystonia.json")).status()).isEqualTo(200);
        report = fhir.post("QuestionnaireResponse", example("cervical-dystonia-report.json"));
        assertThat(report.status()).as("records are taken while Kafka is away").isEqualTo(201);
        await("attempt to send")
            .atMost(Duration.ofSeconds(60))
            .until(() -> service.output().contains("are not published (attempt 1)"));
        assertThat(service.management("health/readiness").status()).isEqualTo(200);
        assertThat(service.output()).doesNotContain("Patient/", "example-dystonia", TRACE);
        service.kill();
      }

      broker.resume();
      try (ServiceProcess service = ServiceProcess.start(settings);
          Events events = new Events(broker.bootstrapServers())) {
        Event event = events.await(subject(report));
        assertThat(event.json().at("/triage/urgency").asString()).isEqualTo("emergency");
        assertThat(schemaErrors(event)).isEmpty();
        Answer kept = service
            .fhir()
            .get("QuestionnaireResponse/" + report.json().path("id").asString());
        assertThat(kept.body()).as("what was answered 201 survives").isEqualTo(report.body());
      }
    }
  }

  private static String subject(Answer created) {
    return "QuestionnaireResponse/%s/_history/1"
        .formatted(created.json().path("id").asString());
  }

  /** Section F of the clinical table: a drooping eyelid is in the boxed warning, and urgent by itself. */
  private static void assertDroopingEyelid(Fhir fhir, Answer report, Event event)
      throws IOException {
    assertThat(schemaErrors(event)).isEmpty();
    assertThat(event.header("ce_specversion")).contains("1.0");
    assertThat(event.header("ce_type")).contains("org.botoxfhir.symptom-report.submitted.v1");
    assertThat(event.header("ce_id")).contains(subject(report) + "/submitted");
    assertThat(event.header("ce_time")).contains("2026-11-16T13:30:00Z");
    assertThat(event.header("ce_traceparent")).contains(TRACE);
    assertThat(event.header("content-type")).contains("application/json");
    assertThat(event.record().key()).hasSize(43).doesNotContain("example");

    JsonNode data = event.json();
    assertThat(data.path("report").asString())
        .isEqualTo("QuestionnaireResponse/" + report.json().path("id").asString());
    assertThat(data.path("patient").asString()).isEqualTo("Patient/example-migraine");
    assertThat(data.path("patientOnFile").asBoolean()).isTrue();
    assertThat(data.path("symptoms")).hasSize(1);
    assertThat(data.at("/symptoms/0/code/code").asString()).isEqualTo("11934000");
    assertThat(data.at("/symptoms/0/severity").asString()).isEqualTo("moderate");
    assertThat(data.at("/symptoms/0/boxedWarning").asBoolean()).isTrue();
    assertThat(data.at("/injections/0/procedure").asString())
        .isEqualTo("Procedure/example-migraine-injection");
    assertThat(data.at("/injections/0/units").asInt()).isEqualTo(155);
    assertThat(data.at("/injections/0/daysSince").asInt()).isEqualTo(7);
    assertThat(data.at("/triage/urgency").asString()).isEqualTo("urgent");
    assertThat(data.at("/triage/rules/0").asString()).isEqualTo("drooping-eyelid");
    assertThat(data.at("/triage/withinWindow").asBoolean()).isTrue();

    JsonNode observation =
        fhir.get(data.at("/symptoms/0/observation").asString()).json();
    assertThat(observation.at("/derivedFrom/0/reference").asString())
        .isEqualTo(data.path("report").asString());
    JsonNode candidate = fhir.get(data.path("adverseEvent").asString()).json();
    assertThat(candidate.at("/recorder/reference").asString())
        .isEqualTo("Patient/example-migraine");
    assertThat(candidate.at("/suspectEntity/0/instance/reference").asString())
        .isEqualTo("Procedure/example-migraine-injection");
  }

  private static Set<?> schemaErrors(Event event) {
    return ClosedSchema.shipped("symptom-report.v1.schema.json")
        .validate(event.record().value(), InputFormat.JSON);
  }
}
