package org.botoxfhir.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.botoxfhir.outbox.NewEvent;
import org.botoxfhir.outbox.Outbox;
import org.botoxfhir.outbox.ParkedEvents;
import org.botoxfhir.testing.Events;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.Fhir.Answer;
import org.botoxfhir.testing.MadeUpEvents;
import org.botoxfhir.testing.ServiceTest;
import org.botoxfhir.testing.TestServers;
import org.botoxfhir.testing.Topics;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.test.web.server.LocalManagementPort;
import org.springframework.context.SmartLifecycle;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;

/** What an operator meets on the management port, and what docs/operations.md says of it. */
@ServiceTest(
    ownDatabase = true,
    properties = {
      "botox.kafka.partitions=3",
      "botox.kafka.properties.request.timeout.ms=2000",
      "botox.kafka.properties.default.api.timeout.ms=4000"
    })
class OperatorEndpointsTest {
  private static final String JSON = "application/json";
  private static final String REPORTS = "botox.symptom-reports.v1";

  /** Its own: the comparison sees all events of a topic, other tests' too. */
  private static final TestServers.Broker BROKER = TestServers.newBroker();

  @Autowired
  Fhir fhir;

  @Autowired
  Events events;

  @Autowired
  Outbox outbox;

  @Autowired
  ParkedEvents parked;

  @Autowired
  TransactionTemplate transaction;

  @Autowired
  JdbcClient jdbc;

  @Autowired
  @Qualifier("relay")
  SmartLifecycle relay;

  @LocalManagementPort
  int port;

  private Fhir management;

  @DynamicPropertySource
  static void kafka(DynamicPropertyRegistry properties) {
    properties.add("botox.kafka.bootstrap-servers", BROKER::bootstrapServers);
  }

  @AfterAll
  static void stop() {
    BROKER.close();
  }

  @BeforeEach
  void connect() {
    management = new Fhir(URI.create("http://127.0.0.1:%d/actuator".formatted(port)));
  }

  @AfterEach
  void nothingIsParked() {
    parked.list(null, 0, 1000).forEach(one -> parked.drop(one.id()));
  }

  // ---- what is refused

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      {} | into is missing
      {"of": "Patient/1"} | into is missing
      {"into": "original"} | of must be
      {"of": "", "into": "original"} | of must be
      {"of": "Patient", "into": "original"} | of must be
      {"of": "Jane Doe", "into": "original"} | of must be
      {"of": "Patient/1/_history/1", "into": "original"} | of must be
      {"of": "https://example.org/Patient/1", "into": "original"} | of must be
      {"of": "*", "into": "original"} | everything needs a period
      {"of": "*", "into": "original", "from": "2026-11-22T00:00:00Z"} | from and to go together
      {"of": "*", "into": "original", "to": "2026-11-22T00:00:00Z"} | from and to go together
      {"of": "*", "into": "original", "from": "2026-11-22T00:00:00Z", "to": "2026-11-22T00:00:00Z"} | from must be before to
      {"of": "*", "into": "original", "from": "2026-11-23T00:00:00Z", "to": "2026-11-22T00:00:00Z"} | from must be before to
      {"of": "*", "into": "original", "from": "yesterday", "to": "2026-11-22T00:00:00Z"} | from must be a date and time
      {"of": "*", "into": "original", "from": "2026-11-22T00:00:00", "to": "2026-11-22T01:00:00Z"} | from must be a date and time
      {"of": "*", "into": "original", "from": "2026-11-22T00:00:00Z", "to": "+999999999-12-31T00:00:00Z"} | to must be a date and time
      {"of": "Patient/1", "into": "original", "limit": "0"} | limit must be a number from 1
      {"of": "Patient/1", "into": "original", "limit": 1000000} | limit must be a number from 1
      {"of": "Patient/1", "into": "original", "after": "-1"} | after must be a number from 0
      {"of": "Patient/1", "into": "original", "after": "99999999999999999999"} | after must be a number from 0
      """)
  void aReplayThatDoesNotSayWhatAndWhereIsRefusedInWords(String request, String words) {
    Answer answer = replay(request);
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json().get("problem").asString())
        .contains(words)
        .doesNotContain("Jane", "yesterday");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "nonsense",
        "{\"of\": {\"a\": 1}, \"into\": \"original\"}",
        "{\"of\": [1], \"into\": \"original\"}"
      })
  void aReplayThatIsNoObjectOfTextsIsRefused(String request) {
    assertThat(replay(request).status()).isEqualTo(400);
  }

  @ParameterizedTest
  @ValueSource(strings = {"botox.outbox-positions.v1", "__consumer_offsets", "a topic", "../x"})
  void aReplayIntoWhatIsNoTopicForEventsIsRefused(String topic) {
    Answer answer = replay("{\"of\": \"Patient/1\", \"into\": \"%s\"}".formatted(topic));
    assertThat(answer.status()).isEqualTo(422);
    assertThat(answer.json().get("problem").asString()).contains("topic");
  }

  @ParameterizedTest
  @CsvSource({
    "4711, 404",
    "0, 400",
    "-1, 400",
    "x, 400",
    "99999999999999999999, 400",
    "1%20or%201=1, 400"
  })
  void aParkedEventThatIsNotThereIsSaidSo(String id, int status) {
    for (String method : new String[] {"POST", "DELETE"}) {
      Answer answer =
          management.send(method, "parked/" + id, BodyPublishers.noBody(), "Accept", JSON);
      assertThat(answer.status()).isEqualTo(status);
      assertThat(answer.json().get("problem").asString()).isNotBlank();
    }
  }

  @Test
  void sendingParkedEventsBackNeedsTheNameOfATopicOrTheWordForAll() {
    Answer answer = management.post("parked", "{}", "Content-Type", JSON, "Accept", JSON);
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json().get("problem").asString()).contains("topic is missing");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      '' | from and to are missing
      ?from=2026-11-22T00:00:00Z | from and to go together
      ?from=2026-11-23T00:00:00Z&to=2026-11-22T00:00:00Z | from must be before to
      ?from=1&to=2 | from must be a date and time
      ?from=2026-11-22T00:00:00Z&from=2026-11-22T00:00:00Z&to=2026-11-23T00:00:00Z | from must be a date and time
      """)
  void aComparisonWithoutAProperPeriodIsRefusedInWords(String query, String words) {
    Answer answer = management.get("reconciliation" + query, "Accept", JSON);
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json().get("problem").asString()).contains(words);
  }

  @Test
  void whileKafkaIsAwayAReplayAndAComparisonSaySo() {
    BROKER.interrupt();
    try {
      Answer replay = replay("{\"of\": \"Patient/1\", \"into\": \"botox.other\"}");
      Answer comparison = reconciliation(Instant.now().minusSeconds(60), Instant.now());
      assertThat(replay.status()).isEqualTo(503);
      assertThat(replay.json().get("problem").asString()).contains(BROKER.bootstrapServers());
      assertThat(comparison.status()).isEqualTo(503);
      assertThat(comparison.json().get("problem").asString()).contains(BROKER.bootstrapServers());
    } finally {
      BROKER.resume();
    }
  }

  // ---- what is done

  @Test
  void everyCommandOfTheOperationsPageDoesWhatItIsSaidToDo() throws IOException {
    load();
    String page = Files.readString(Path.of("docs/operations.md"));
    Matcher command = Pattern.compile(
            "(?m)^curl -s(?: -X (\\w+))?(?: -H 'Content-Type: application/json' -d '([^']*)')? '?http://localhost:8081/actuator/([^'\\s]*)'?$")
        .matcher(page);
    int commands = 0;
    while (command.find()) {
      commands++;
      String path = command.group(3);
      if (path.equals("parked/7")) {
        path = "parked/" + park();
      }
      Answer answer = command.group(2) != null
          ? management.post(path, command.group(2), "Content-Type", JSON, "Accept", JSON)
          : management.send(
              command.group(1) == null ? "GET" : command.group(1),
              path,
              BodyPublishers.noBody(),
              "Accept",
              JSON);
      assertThat(answer.status()).as(command.group() + "\n" + answer.body()).isEqualTo(200);
    }
    assertThat(commands)
        .isEqualTo((int) page.lines().filter(line -> line.startsWith("curl -")).count());
  }

  @Test
  void theListShowsNeitherKeyNorData() throws IOException {
    load();
    long id = park();
    Answer answer = management.get("parked", "Accept", JSON);
    assertThat(answer.json().get("total").asLong()).isPositive();
    JsonNode listed = answer.json().get("events");
    JsonNode event = listed.get(listed.size() - 1);
    assertThat(event.propertyNames())
        .containsExactly(
            "id", "topic", "type", "eventId", "reason", "parkedAt", "replay", "deadLettered");
    assertThat(event.get("id").asLong()).isEqualTo(id);
    assertThat(event.get("parkedAt").asString()).startsWith("2");
    assertThat(management
            .send("DELETE", "parked/" + id, BodyPublishers.noBody(), "Accept", JSON)
            .json())
        .isEqualTo(management
            .send("DELETE", "parked/" + park(), BodyPublishers.noBody(), "Accept", JSON)
            .json());
    assertThat(management
            .send("POST", "parked/" + id, BodyPublishers.noBody(), "Accept", JSON)
            .status())
        .isEqualTo(404);
  }

  @Test
  void aPatientsReportsAreReplayedByThePatientsReferenceAndAReportByItsOwn() throws IOException {
    String report = load();
    String id = events.await(report + "/_history/1").header("ce_id").orElseThrow();
    String ofPatient = "botox.replayed-" + UUID.randomUUID();
    String ofReport = "botox.replayed-" + UUID.randomUUID();

    assertThat(
            replay("{\"of\": \"Patient/example-migraine\", \"into\": \"%s\"}".formatted(ofPatient))
                .json()
                .get("replayed")
                .asLong())
        .isPositive();
    assertThat(replay("{\"of\": \"%s\", \"into\": \"%s\"}".formatted(report, ofReport))
            .json())
        .isEqualTo(replay("{\"of\": \"%s\", \"into\": \"%s\"}".formatted(report, ofReport))
            .json());
    assertThat(replay("{\"of\": \"Patient/nobody\", \"into\": \"original\"}")
            .json()
            .toString())
        .startsWith("{\"replayed\":0,\"more\":false,");
    for (String topic : new String[] {ofPatient, ofReport}) {
      Events.Event again = events.await(
          "the replay",
          event -> event.record().topic().equals(topic)
              && event.header("ce_id").filter(id::equals).isPresent());
      assertThat(again.header("ce_replay")).contains("true");
    }
  }

  // ---- store and topics

  @Test
  void storeAndTopicsAgreeAfterReportsAmendmentsRetractionsDeletionsAndReplays()
      throws IOException {
    published();
    Instant from = Instant.now();
    String report = load();
    String body = fhir.get(report).body();
    assertThat(fhir.put(report, body.replace("\"completed\"", "\"amended\"")).status())
        .isEqualTo(200);
    assertThat(fhir.put(report, body.replace("\"completed\"", "\"entered-in-error\""))
            .status())
        .isEqualTo(200);
    assertThat(fhir.delete(report).status()).isIn(200, 204);
    load();
    published();
    replay("{\"of\": \"%s\", \"into\": \"original\"}".formatted(report));
    published();

    JsonNode result = reconciliation(from, Instant.now()).json();
    assertThat(result.get("agrees").asBoolean()).as(result.toPrettyString()).isTrue();
    assertThat(result.get("expected").asLong()).isGreaterThanOrEqualTo(6);
    assertThat(result.get("published").asLong())
        .isEqualTo(result.get("expected").asLong());
    assertThat(result.get("notes").size()).isZero();
  }

  @Test
  void whatIsMissingUnexpectedOrDoubledIsNamedAndWhatWaitsOrIsParkedIsNotMissing()
      throws IOException {
    published();
    Instant from = Instant.now();
    String report = load();
    String id = events.await(report + "/_history/1").header("ce_id").orElseThrow();
    published();
    JsonNode before = reconciliation(from, Instant.now()).json();
    assertThat(before.get("agrees").asBoolean()).as(before.toPrettyString()).isTrue();

    // In the store, with nothing published about them.
    String lost = copy(report);
    String refused = copy(report);
    jdbc.sql("""
            insert into outbox_parked (shard, sequence, topic, type, event_id, subject, time, key, data, replay, created_at, reason, dead_lettered_at)
            select shard, 1, topic, type, ?, subject, time, key, data, false, created_at, 'made up', now()
            from outbox_published where event_id = ?
            """).params(refused + "/_history/1/submitted", id).update();
    // Published without a version, and published twice.
    NewEvent nobodys = MadeUpEvents.event(MadeUpEvents.newKey(), 1);
    NewEvent twice = new NewEvent(
        REPORTS,
        nobodys.type(),
        id,
        report + "/_history/1",
        nobodys.time(),
        nobodys.key(),
        "{}",
        null);
    append(nobodys, twice);
    published();
    relay.stop();
    try {
      String waiting = load();
      JsonNode result = reconciliation(from, Instant.now()).json();

      assertThat(result.get("agrees").asBoolean()).isFalse();
      assertThat(result.get("missing").toString())
          .isEqualTo(
              "{\"count\":1,\"events\":[{\"topic\":\"%s\",\"id\":\"%s/_history/1/submitted\"}]}"
                  .formatted(REPORTS, lost));
      assertThat(result.get("unexpected").toString())
          .isEqualTo("{\"count\":1,\"events\":[{\"topic\":\"%s\",\"id\":\"%s\"}]}"
              .formatted(REPORTS, nobodys.id()));
      assertThat(result.get("doubled").toString())
          .isEqualTo(
              "{\"count\":1,\"events\":[{\"topic\":\"%s\",\"id\":\"%s\"}]}".formatted(REPORTS, id));
      assertThat(result.get("parked").asLong()).isEqualTo(1);
      assertThat(result.get("waiting").asLong()).as(waiting).isPositive();
    } finally {
      relay.start();
    }
  }

  @Test
  void anEventThatWasPublishedInThePeriodForAnEarlierVersionIsNotUnexpected() throws IOException {
    published();
    Instant from = Instant.now();
    String report = load();
    events.await(report + "/_history/1");
    published();
    jdbc.sql("update resource set last_updated = last_updated - interval '2 hours' where id = ?")
        .param(report.substring(report.indexOf('/') + 1))
        .update();
    JsonNode result = reconciliation(from, Instant.now()).json();
    assertThat(result.get("agrees").asBoolean()).as(result.toPrettyString()).isTrue();
  }

  @Test
  void whatTheTopicsHoldOfAnErasedRecordIsNotUnexpected() throws IOException {
    published();
    Instant from = Instant.now();
    String id = UUID.randomUUID().toString();
    Answer report = fhir.post(
        "QuestionnaireResponse",
        Files.readString(Path.of("src/test/resources/examples/chronic-migraine-report.json"))
            .replace("example-migraine", id));
    assertThat(report.status()).isEqualTo(201);
    published();
    String patient = "Patient/" + id;
    String confirmation =
        fhir.get(patient + "/$purge-export").json().at("/identifier/value").asString();
    assertThat(fhir.post(patient + "/$purge?confirmation=" + confirmation, "").status())
        .isEqualTo(200);

    JsonNode result = reconciliation(from, Instant.now()).json();

    assertThat(result.get("agrees").asBoolean()).as(result.toPrettyString()).isTrue();
    assertThat(result.get("erased").asLong()).as(result.toPrettyString()).isEqualTo(2);
    assertThat(result.get("expected").asLong()).isZero();
  }

  // ---- what the tests stand on

  private Answer replay(String request) {
    return management.post("replay", request, "Content-Type", JSON, "Accept", JSON);
  }

  private Answer reconciliation(Instant from, Instant to) {
    return management.get("reconciliation?from=%s&to=%s".formatted(from, to), "Accept", JSON);
  }

  /** Loads the example patient and a new report. @return reference of the report */
  private String load() throws IOException {
    Path examples = Path.of("src/test/resources/examples");
    assertThat(fhir.post("", Files.readString(examples.resolve("chronic-migraine.json")))
            .status())
        .isEqualTo(200);
    Answer report = fhir.post(
        "QuestionnaireResponse",
        Files.readString(examples.resolve("chronic-migraine-report.json"))
            .replace("example-migraine-1", UUID.randomUUID().toString()));
    assertThat(report.status()).isEqualTo(201);
    return "QuestionnaireResponse/" + report.json().get("id").asString();
  }

  /** Waits until nothing waits. */
  private void published() {
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> jdbc.sql("select count(*) from outbox_event")
            .query(Long.class)
            .single()
            .equals(0L));
  }

  private void append(NewEvent... some) {
    transaction.executeWithoutResult(status -> outbox.append(List.of(some)));
  }

  /** A report of the same content under another id, as if it had been stored without its event. */
  private String copy(String report) {
    String id = UUID.randomUUID().toString();
    assertThat(
            jdbc.sql("""
            insert into resource (rid, type, id, version, last_updated, timeline, deleted, patient, content)
            select -nextval('resource_rid'), type, ?, version, last_updated, timeline, deleted, patient, content
            from resource where id = ? and type = 'QuestionnaireResponse'
            """).params(id, report.substring(report.indexOf('/') + 1)).update())
        .isEqualTo(1);
    return "QuestionnaireResponse/" + id;
  }

  /** Has an event refused. @return by which an operator names it */
  private long park() {
    String topic = "botox.small-" + UUID.randomUUID();
    Topics.create(BROKER.bootstrapServers(), topic, 1000);
    append(MadeUpEvents.large(topic, MadeUpEvents.newKey(), 1));
    await().until(() -> parked.count(topic) == 1);
    return parked.list(topic, 0, 1).getFirst().id();
  }
}
