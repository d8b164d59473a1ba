package org.botoxfhir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.networknt.schema.InputFormat;
import io.opentelemetry.proto.trace.v1.Span.SpanKind;
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
import org.botoxfhir.testing.SpanReceiver;
import org.botoxfhir.testing.SpanReceiver.Received;
import org.botoxfhir.testing.TestServers;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The main job from outside: the service as a process of its own, HTTP in, Kafka out, and a kill where it hurts most. */
class EndToEndTest {
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String LATER_TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String CLIENT = "00f067aa0ba902b7";

  private static String example(String name) throws IOException {
    return Files.readString(Path.of("src/test/resources/examples", name));
  }

  @Test
  void aReportReachesTheAlertingTeamAlsoWhenTheServiceIsKilledBetweenCommitAndSend()
      throws IOException {
    try (TestServers.Broker broker = TestServers.newBroker();
        SpanReceiver spans = SpanReceiver.start()) {
      Map<String, String> settings = new HashMap<>(TestServers.newDatabase().settings());
      settings.put("botox.kafka.bootstrap-servers", broker.bootstrapServers());
      settings.put("botox.kafka.create-topics", "true");
      settings.put("botox.events.pseudonym-key", "key-of-the-tests-that-protects-nobody");
      // Gives up sooner what a broker that is away does not answer.
      settings.put("botox.kafka.properties.delivery.timeout.ms", "2000");
      settings.put("botox.kafka.properties.request.timeout.ms", "1000");
      settings.put("botox.kafka.properties.max.block.ms", "1000");
      settings.putAll(spans.settings());
      settings.put("logging.level.org.springframework.jdbc.core.JdbcTemplate", "DEBUG");

      Answer report;
      try (ServiceProcess service = ServiceProcess.start(settings);
          Events events = new Events(broker.bootstrapServers())) {
        Fhir fhir = service.fhir();
        assertThat(fhir.post("", example("chronic-migraine.json")).status()).isEqualTo(200);
        Answer drooping = fhir.post(
            "QuestionnaireResponse",
            example("chronic-migraine-report.json"),
            "traceparent",
            fromClient(TRACE),
            "X-Request-Id",
            "made-up-request");
        assertThat(drooping.status()).isEqualTo(201);
        assertThat(drooping.body()).contains("call your emergency number now");
        Event event = events.await(subject(drooping));
        assertDroopingEyelid(fhir, drooping, event);
        assertTraced(TRACE, spans, event);
        assertThat(service.output().lines().filter(line -> line.contains("made-up-request")))
            .as("log lines of the request")
            .isNotEmpty()
            .allMatch(
                line -> line.startsWith("{") && line.contains("\"trace\":{\"id\":\"" + TRACE));
        assertExemplar("botox_fhir_requests_seconds_bucket", service);
        assertExemplar("botox_events_publish_seconds_bucket", service);

        broker.interrupt();
        assertThat(fhir.post("", example("cervical-dystonia.json")).status()).isEqualTo(200);
        report = fhir.post(
            "QuestionnaireResponse",
            example("cervical-dystonia-report.json"),
            "traceparent",
            fromClient(LATER_TRACE));
        assertThat(report.status()).as("records are taken while Kafka is away").isEqualTo(201);
        await("attempt to send")
            .atMost(Duration.ofSeconds(60))
            .until(() -> service.output().contains("are not published (attempt 1)"));
        assertThat(service.management("health/readiness").status()).isEqualTo(200);
        assertThat(fhir.get("Patient/made-up-number-4711").status()).isEqualTo(404);
        assertThat(fhir.get("Patient?identifier=made-up-number-4711").status()).isEqualTo(200);
        spans.await("the span of a search", span -> span.name().equals("search-type Patient"));
        assertThat(service.output())
            .doesNotContain("Patient/", "example-dystonia", "made-up-number");
        service.kill();
      }

      broker.resume();
      try (ServiceProcess service = ServiceProcess.start(settings);
          Events events = new Events(broker.bootstrapServers())) {
        Event event = events.await(subject(report));
        assertThat(event.json().at("/triage/urgency").asString()).isEqualTo("emergency");
        assertThat(schemaErrors(event)).isEmpty();
        assertTraced(LATER_TRACE, spans, event);
        assertThat(spans.raw())
            .as("spans name no record and no patient")
            .contains("create QuestionnaireResponse")
            .doesNotContain(
                "Patient/",
                "example-",
                "made-up-number",
                id(report),
                event.record().key());
        Answer kept = service.fhir().get("QuestionnaireResponse/" + id(report));
        assertThat(kept.body()).as("what was answered 201 survives").isEqualTo(report.body());
      }
    }
  }

  private static String fromClient(String trace) {
    return "00-" + trace + "-" + CLIENT + "-01";
  }

  private static String id(Answer created) {
    return created.json().path("id").asString();
  }

  private static String subject(Answer created) {
    return "QuestionnaireResponse/%s/_history/1".formatted(id(created));
  }

  /** From the client's request through the database transaction and the outbox to the record in Kafka. */
  private static void assertTraced(String trace, SpanReceiver spans, Event event) {
    Received request = step(spans, trace, CLIENT, "create QuestionnaireResponse");
    assertThat(request.kind()).isEqualTo(SpanKind.SPAN_KIND_SERVER);
    assertThat(request.failed()).isFalse();
    Map<String, String> attributes = new HashMap<>(request.attributes());
    // HAPI's own: class and method of ours that it called last
    attributes.keySet().removeIf(name -> name.startsWith("hapifhir.interceptor."));
    assertThat(attributes)
        .isEqualTo(Map.of(
            "http.request.method", "POST",
            "http.response.status_code", "201",
            "fhir.interaction", "create",
            "fhir.type", "QuestionnaireResponse"));
    Received transaction = step(spans, trace, request.id(), "transaction");
    step(spans, trace, transaction.id(), "triage");
    step(spans, trace, transaction.id(), "store insert");
    Received append = step(spans, trace, transaction.id(), "store append");
    assertThat(append.attributes()).containsEntry("db.system.name", "postgresql");
    Received send = step(spans, trace, append.id(), "send botox.symptom-reports.v1");
    assertThat(send.kind()).isEqualTo(SpanKind.SPAN_KIND_PRODUCER);
    assertThat(send.attributes()).containsEntry("messaging.system", "kafka");
    assertThat(event.header("ce_traceparent")).contains(append.traceparent());
    assertThat(event.header("traceparent")).contains(send.traceparent());
  }

  private static Received step(SpanReceiver spans, String trace, String parent, String name) {
    return spans.await(
        "'%s' of trace %s below %s".formatted(name, trace, parent),
        span -> span.trace().equals(trace)
            && span.parent().equals(parent)
            && span.name().equals(name)
            && !span.failed());
  }

  /** A measurement leads to the trace that it comes of. */
  private static void assertExemplar(String metric, ServiceProcess service) {
    await(metric + " with trace " + TRACE)
        .atMost(Duration.ofSeconds(60))
        .until(() -> service
            .metrics()
            .body()
            .lines()
            .anyMatch(line -> line.startsWith(metric) && line.contains("trace_id=\"" + TRACE)));
  }

  /** Section F of the clinical table: a drooping eyelid is in the boxed warning, and urgent by itself. */
  private static void assertDroopingEyelid(Fhir fhir, Answer report, Event event)
      throws IOException {
    assertThat(schemaErrors(event)).isEmpty();
    assertThat(event.header("ce_specversion")).contains("1.0");
    assertThat(event.header("ce_type")).contains("org.botoxfhir.symptom-report.submitted.v1");
    assertThat(event.header("ce_id")).contains(subject(report) + "/submitted");
    assertThat(event.header("ce_time")).contains("2026-11-16T13:30:00Z");
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
