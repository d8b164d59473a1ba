package org.botoxfhir.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.botoxfhir.testing.Events;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.Fhir.Answer;
import org.botoxfhir.testing.ServiceTest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.context.SmartLifecycle;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;

/** The erasure of a patient's record, and what docs/erasure.md says of it. */
@ServiceTest
class ErasureTest {
  private static final String REPORT = "QuestionnaireResponse";

  @Autowired
  Fhir fhir;

  @Autowired
  Events events;

  @Autowired
  JdbcClient jdbc;

  @Autowired
  TransactionTemplate transaction;

  @Autowired
  DataSource database;

  @Autowired
  @Qualifier("relay")
  SmartLifecycle relay;

  /** Of the ids of this test. */
  private String run = "";

  private String patient = "";

  @BeforeEach
  void aPatientOfItsOwn() {
    run = UUID.randomUUID().toString().substring(0, 13);
    patient = "Patient/erased-" + run;
    put(patient, patient(patient));
  }

  // ---- what is refused

  @Test
  void nothingIsErasedWithoutTheConfirmationOfAnExport() {
    Answer none = fhir.post(patient + "/$purge", "");
    Answer wrong = purge(patient, "0".repeat(64));

    assertThat(none.status()).isEqualTo(400);
    assertThat(diagnostics(none)).contains("GET " + patient + "/$purge-export");
    assertThat(wrong.status()).isEqualTo(409);
    assertThat(diagnostics(wrong)).contains("export it again");
    assertThat(fhir.get(patient).status()).isEqualTo(200);
  }

  @Test
  void whatWasWrittenAfterTheExportIsNotErasedUnseen() {
    String confirmation = confirmation(export(patient));
    put("Observation/late-" + run, observation("late-" + run, patient));
    assertThat(purge(patient, confirmation).status()).isEqualTo(409);

    String next = confirmation(export(patient));
    assertThat(fhir.post(
                patient + "/$meta-add",
                "{\"resourceType\":\"Parameters\",\"parameter\":[{\"name\":\"meta\",\"valueMeta\":{\"tag\":[{\"code\":\"x\"}]}}]}")
            .status())
        .isEqualTo(200);
    assertThat(purge(patient, next).status()).as("a tag changes no number").isEqualTo(409);

    assertThat(fhir.get("Observation/late-" + run).status()).isEqualTo(200);
    assertThat(purge(patient, confirmation(export(patient))).status()).isEqualTo(200);
    assertThat(fhir.get("Observation/late-" + run).status()).isEqualTo(410);
  }

  @Test
  void anExportThatIsOvertakenByAWriteEndsWithoutAConfirmation() {
    put(patient, patient(patient).replace("male", "other"));
    JsonNode first = fhir.get(patient + "/$purge-export?_count=1").json();
    put("Observation/between-" + run, observation("between-" + run, patient));

    Answer last = fhir.get(Objects.requireNonNull(fhir.link(first, "next")));

    assertThat(first.has("identifier")).isFalse();
    assertThat(last.status()).isEqualTo(409);
    assertThat(diagnostics(last)).contains("begin with the first page again");
  }

  @Test
  void whatOthersKeepOfThePatientStandsAgainstItUntilItIsTakenOutOrLeft() {
    String other = "Patient/other-" + run;
    String group = "Group/study-" + run;
    put(other, """
        {"resourceType": "Patient", "id": "other-%s", "link": [{"type": "seealso", "other": {"reference": "%s"}}]}
        """.formatted(run, patient));
    put(group, """
        {"resourceType": "Group", "id": "study-%s", "type": "person", "actual": true,
         "member": [{"entity": {"reference": "%s"}}, {"entity": {"reference": "%s"}}]}
        """.formatted(run, patient, other));
    put("Observation/of-other-" + run, """
        {"resourceType": "Observation", "id": "of-other-%s", "status": "final", "code": {"text": "made up"},
         "subject": {"reference": "%s"}, "performer": [{"reference": "%s"}]}
        """.formatted(run, other, patient));
    String confirmation = confirmation(export(patient));

    Answer refused = purge(patient, confirmation);
    assertThat(refused.status()).isEqualTo(409);
    assertThat(diagnostics(refused))
        .contains(other, group, "Observation/of-other-" + run, "leaveReferences=true");
    assertThat(fhir.get(patient).status()).isEqualTo(200);

    Answer left =
        fhir.post(patient + "/$purge?leaveReferences=true&confirmation=" + confirmation, "");
    assertThat(left.status()).isEqualTo(200);
    assertThat(left.body()).contains("still refer to it: " + group);
    assertThat(Stream.of(other, group, "Observation/of-other-" + run)
            .map(fhir::get)
            .map(Answer::status))
        .containsOnly(200);
  }

  @Test
  void eventsThatWaitForPublicationAreNotLost() {
    relay.stop();
    String confirmation;
    try {
      report(patient, "");
      confirmation = confirmation(export(patient));
      Answer early = purge(patient, confirmation);
      assertThat(early.status()).isEqualTo(409);
      assertThat(early.header("Retry-After")).isNotEmpty();
      assertThat(diagnostics(early)).contains("still to be published");
      assertThat(fhir.get(patient).status()).isEqualTo(200);
    } finally {
      relay.start();
    }
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> purge(patient, confirmation).status() == 200);
    assertThat(events.await("the event", event -> event.record().value().contains(patient)))
        .isNotNull();
  }

  @Test
  void whereNothingWasThereIsNothingToErase() {
    assertThat(fhir.get("Patient/nobody-" + run + "/$purge-export").status()).isEqualTo(404);
    assertThat(purge("Patient/nobody-" + run, "x").status()).isEqualTo(404);
    assertThat(fhir.get(patient + "/$purge-export?_since=2026-01-01").status()).isEqualTo(400);
    assertThat(fhir.get(patient + "/$purge-export?_cursor=AAAA").status()).isEqualTo(400);
    assertThat(fhir.get(patient + "/$purge?confirmation=x").status()).isEqualTo(405);
  }

  @Test
  void aFailureAtTheLastStepLeavesTheRecordAsItWas() {
    put("Observation/kept-" + run, observation("kept-" + run, patient));
    List<JsonNode> before = export(patient);
    jdbc.sql("alter table erasure add constraint refused check (agent <> 'anonymous') not valid")
        .update();
    try {
      assertThat(purge(patient, confirmation(before)).status()).isEqualTo(500);
    } finally {
      jdbc.sql("alter table erasure drop constraint refused").update();
    }

    assertThat(entries(export(patient))).isEqualTo(entries(before));
    assertThat(fhir.get("Observation?subject=" + patient).json().path("total").asInt())
        .isEqualTo(1);
  }

  // ---- what is exported

  @Test
  void theExportHasEveryVersionOnceOverAllItsPagesAndDeletionsToo() {
    put(patient, patient(patient).replace("male", "other"));
    put("Observation/gone-" + run, observation("gone-" + run, patient));
    assertThat(fhir.delete("Observation/gone-" + run).status()).isEqualTo(204);

    List<JsonNode> pages = export(patient, 1);

    assertThat(pages).hasSize(4);
    assertThat(pages.getFirst().path("total").asInt()).isEqualTo(4);
    assertThat(pages.stream().limit(3)).noneMatch(page -> page.has("identifier"));
    assertThat(pages.getLast().at("/identifier/system").asString())
        .isEqualTo("https://botoxfhir.org/fhir/purge-confirmation");
    assertThat(entries(pages).stream()
            .map(entry -> entry.at("/request/method").asString() + " "
                + entry.path("fullUrl").asString().replaceFirst(".*/fhir/", "") + " "
                + entry.at("/response/etag").asString()))
        .containsExactlyInAnyOrder(
            "POST " + patient + " W/\"1\"",
            "PUT " + patient + " W/\"2\"",
            "POST Observation/gone-" + run + " W/\"1\"",
            "DELETE Observation/gone-" + run + " W/\"2\"");
    assertThat(confirmation(pages)).isEqualTo(confirmation(export(patient)));
  }

  // ---- what is left

  @Test
  void noColumnOfAnyTableHoldsAnythingOfAnErasedPatientButTheIdsThatAreNotGivenAgain() {
    Set<String> personal = Set.of(
        "Quendolyn" + run,
        "Erasmusson" + run,
        "Oldname" + run,
        "1907-02-13",
        "MRN" + run,
        "+99555" + run,
        "Vanishing Lane " + run);
    String other = "Patient/owner-" + run;
    put(other, patient(other));
    wholeRecord(other);
    List<JsonNode> exported = export(patient, 7);
    Set<String> keys = entries(exported).stream()
        .map(entry -> entry.path("fullUrl").asString().replaceFirst(".*/fhir/", ""))
        .filter(key -> !key.startsWith("Observation/moved"))
        .collect(Collectors.toCollection(TreeSet::new));
    assertThat(keys.stream().map(key -> key.substring(0, key.indexOf('/'))))
        .contains("Patient", "Observation", REPORT, "AdverseEvent", "Provenance", "Task");
    String pseudonym = events
        .await("the event", event -> event.record().value().contains(patient))
        .record()
        .key();
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> jdbc.sql("select count(*) from outbox_event where key = ?")
                .param(1, pseudonym)
                .query(Long.class)
                .single()
            == 0);
    park(pseudonym);
    Set<String> needles = new HashSet<>(personal);
    needles.add(pseudonym);
    keys.forEach(key -> needles.add(key.substring(key.indexOf('/') + 1)));
    Set<Long> rids = rids(keys);
    assertThat(hits(needles).stream().map(Hit::table))
        .as("where it is before")
        .contains("resource", "resource_history", "string_index", "date_index")
        .contains("outbox_published", "outbox_parked");
    assertThat(tablesWith(rids)).contains("token_index", "number_index", "resource_history");

    Answer erased = purge(patient, confirmation(exported));
    assertThat(erased.status()).as(erased.body()).isEqualTo(200);
    assertThat(erased.body()).contains(pseudonym, "1 events among them were never published");

    assertThat(tablesWith(rids)).containsExactlyInAnyOrder("resource", "erasure");
    assertThat(hits(personal)).filteredOn(hit -> !hit.isAudit()).isEmpty();
    List<Hit> left = hits(needles).stream().filter(hit -> !hit.isAudit()).toList();
    assertThat(left).hasSize(keys.size()).allSatisfy(hit -> {
      assertThat(hit.table()).isEqualTo("resource");
      // rid, type, id, version, times, deleted, patient, content, derived, erased
      assertThat(hit.row())
          .matches("\\(\\d+,[A-Za-z]+,[^,]+,\\d+,\"[^\"]+\",-infinity,t,,\"\",t,t\\)");
    });
    assertThat(fhir.get("Observation/moved-" + run).status()).isEqualTo(200);
    assertThat(fhir.get("Observation/moved-" + run + "/_history/1").status()).isEqualTo(404);
    JsonNode audit = fhir.get("AuditEvent?action=E&patient=" + patient).json();
    assertThat(audit.toString()).contains(
        Base64.getEncoder()
            .encodeToString(("POST %s/$purge?confirmation=%s"
                    .formatted(patient, confirmation(exported)))
                .getBytes(StandardCharsets.UTF_8)));
  }

  /** Everything that the service keeps of a patient, deleted, moved and superseded things too. */
  private void wholeRecord(String other) {
    put(patient, """
        {"resourceType": "Patient", "id": "%s", "birthDate": "1907-02-13", "gender": "female",
         "name": [{"family": "Oldname%2$s", "given": ["Quendolyn%2$s"]}]}
        """.formatted(patient.substring(8), run));
    put(patient, """
        {"resourceType": "Patient", "id": "%s", "birthDate": "1907-02-13", "gender": "female",
         "identifier": [{"system": "https://clinic.example/mrn", "value": "MRN%2$s"}],
         "name": [{"family": "Erasmusson%2$s", "given": ["Quendolyn%2$s"]}],
         "telecom": [{"system": "phone", "value": "+99555%2$s"}], "address": [{"line": ["Vanishing Lane %2$s"]}]}
        """.formatted(patient.substring(8), run));
    report(patient, "Erasmusson" + run);
    String measured = """
        {"resourceType": "Observation", "id": "measured-%s", "status": "final", "code": {"text": "Erasmusson%1$s"},
         "subject": {"reference": "%s", "display": "Quendolyn%1$s"}, "valueQuantity": {"value": 1.5, "unit": "MRN%1$s"}}
        """.formatted(run, patient);
    Answer put = fhir.put(
        "Observation/measured-" + run,
        measured,
        "X-Provenance",
        "{\"resourceType\":\"Provenance\",\"recorded\":\"2026-11-27T08:00:00Z\",\"agent\":[{\"who\":{\"display\":\"Quendolyn%s\"}}]}"
            .formatted(run));
    assertThat(put.status()).isEqualTo(201);
    put("Observation/deleted-" + run, measured.replace("measured", "deleted"));
    assertThat(fhir.delete("Observation/deleted-" + run).status()).isEqualTo(204);
    put("Observation/moved-" + run, measured.replace("measured", "moved"));
    put("Observation/moved-" + run, observation("moved-" + run, other));
    put("Task/call-" + run, """
        {"resourceType": "Task", "id": "call-%s", "status": "requested", "intent": "order",
         "description": "call Erasmusson%1$s", "focus": {"reference": "%s"}}
        """.formatted(run, patient));
  }

  /** As if Kafka had refused one of them for good. */
  private void park(String key) {
    transaction.executeWithoutResult(status -> jdbc.sql("""
            insert into outbox_parked (shard, sequence, topic, type, event_id, subject, time, key, data, replay, created_at, reason)
            select shard, 0, topic, type, event_id || '/parked', subject, time, key, data, false, created_at, 'made up'
            from outbox_published where key = ? limit 1
            """).param(1, key).update());
  }

  private record Hit(String table, String row) {
    boolean isAudit() {
      return table.startsWith("audit_event");
    }
  }

  private List<String> tables() {
    return jdbc.sql("""
            select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where c.relkind in ('r', 'm') and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg_toast%'
            """).query((row, n) -> row.getString(1)).list();
  }

  /** Rows of all tables that there are, whoever made them, in which one of the texts stands in any column. */
  private List<Hit> hits(Set<String> texts) {
    String pattern = texts.stream().map(Pattern::quote).collect(Collectors.joining("|", "(?i)", ""));
    Pattern any = Pattern.compile(pattern);
    List<Hit> hits = new ArrayList<>();
    String[] folded = texts.stream().map(text -> "%" + text + "%").toArray(String[]::new);
    for (String table : tables()) {
      jdbc.sql("select t::text from %s t where t::text ilike any(?)".formatted(table))
          .param(1, folded)
          .query((row, n) -> row.getString(1))
          .list()
          .forEach(row -> {
            assertThat(any.matcher(row).find()).isTrue();
            hits.add(new Hit(table, row));
          });
    }
    return hits;
  }

  private Set<Long> rids(Set<String> keys) {
    return new HashSet<>(jdbc.sql("select rid from resource where type || '/' || id = any(?)")
        .param(1, keys.toArray(String[]::new))
        .query(Long.class)
        .list());
  }

  /** Tables with a row about one of the resources, which they may name by internal key alone. */
  private Set<String> tablesWith(Set<Long> rids) {
    Set<String> found = new TreeSet<>();
    for (String table : jdbc.sql(
            "select attrelid::regclass::text from pg_attribute where attname = 'rid' and attrelid::regclass::text = any(?)")
        .param(1, tables().toArray(String[]::new))
        .query((row, n) -> row.getString(1))
        .list()) {
      if (jdbc.sql("select count(*) from %s where rid = any(?)".formatted(table))
              .param(1, rids.toArray(Long[]::new))
              .query(Long.class)
              .single()
          > 0) {
        found.add(table);
      }
    }
    return found;
  }

  @Test
  void readsOfAnErasedRecordSayThatItIsGoneAndItsIdsAreNotGivenAgain() {
    String id = "seen-" + run;
    put("Observation/" + id, observation(id, patient));
    put("Observation/" + id, observation(id, patient).replace("made up", "made up too"));
    String confirmation = confirmation(export(patient));
    assertThat(purge(patient, confirmation).status()).isEqualTo(200);

    for (String key : List.of(patient, "Observation/" + id)) {
      assertThat(fhir.get(key).status()).isEqualTo(410);
      assertThat(fhir.get(key + "/_history/1").status()).isEqualTo(404);
      JsonNode history = fhir.get(key + "/_history").json();
      assertThat(history.path("total").asInt()).isEqualTo(1);
      assertThat(history.at("/entry/0/request/method").asString()).isEqualTo("DELETE");
      assertThat(history.at("/entry/0").has("resource")).isFalse();
    }
    assertThat(fhir.get("Patient?_id=" + patient.substring(8)).json().path("total").asInt())
        .isZero();
    Answer again = fhir.put(patient, patient(patient));
    assertThat(again.status()).isEqualTo(410);
    assertThat(diagnostics(again)).contains("its id is not given again");
    assertThat(fhir.put("Observation/" + id, observation(id, patient)).status()).isEqualTo(410);
    assertThat(fhir.post("Observation", observation("x", patient)).status()).isEqualTo(422);
    assertThat(fhir.get(patient + "/$purge-export").status()).isEqualTo(410);
    Answer twice = purge(patient, confirmation);
    assertThat(twice.status()).isEqualTo(200);
    assertThat(diagnostics(twice)).contains("was erased at").contains("nothing came since");
  }

  @Test
  void aReportAfterTheErasureIsTakenEvenUnderAnErasedIdAndCanBeErasedToo() {
    String id = "report-" + run;
    String report =
        reportText(patient, "").replaceFirst("\\{", "{\"id\": \"" + id + "\",");
    assertThat(fhir.put(REPORT + "/" + id, report).status()).isEqualTo(201);
    JsonNode first = events.await(REPORT + "/" + id + "/_history/1").json();
    eraseOncePublished();

    Answer again = fhir.put(REPORT + "/" + id, report);

    assertThat(again.status()).as(again.body()).isEqualTo(201);
    // A number that no consumer has seen of this report, or the event would pass for a repetition.
    JsonNode second = events.await(REPORT + "/" + id + "/_history/3").json();
    assertThat(second.path("patientOnFile").asBoolean()).isFalse();
    assertThat(second.path("triage").path("urgency"))
        .isEqualTo(first.path("triage").path("urgency"));
    assertThat(second.at("/symptoms/0/observation")).isEqualTo(first.at("/symptoms/0/observation"));
    assertThat(fhir.get(second.at("/symptoms/0/observation").asString()).status()).isEqualTo(200);
    assertThat(fhir.get(second.path("adverseEvent").asString()).status()).isEqualTo(200);
    assertThat(entries(export(patient))).hasSizeGreaterThan(2);
    eraseOncePublished();
    assertThat(fhir.get(REPORT + "/" + id).status()).isEqualTo(410);
  }

  private void eraseOncePublished() {
    String confirmation = confirmation(export(patient));
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> purge(patient, confirmation).status() == 200);
  }

  @Test
  void aReportThatComesDuringTheErasureIsNotLostWhicheverIsFirst() throws Exception {
    String confirmation = confirmation(export(patient));
    try (var clients = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Answer> erasing;
      Future<Answer> reporting;
      try (Connection holding = database.getConnection();
          Statement statement = holding.createStatement()) {
        holding.setAutoCommit(false);
        // The last step of an erasure waits for it, a second at a time, and begins anew.
        statement.execute("lock table outbox_parked in share mode");
        erasing = clients.submit(() -> purge(patient, confirmation));
        await().until(() -> waiting("outbox_parked") > 0);
        reporting = clients.submit(() -> fhir.post(REPORT, reportText(patient, "")));
        await().until(() -> waiting("resource") > 0 || reporting.isDone());
        holding.rollback();
      }
      Answer report = reporting.get();
      boolean erased = erasing.get().status() == 200;

      assertThat(report.status()).as(report.body()).isEqualTo(201);
      String key = REPORT + "/" + report.json().path("id").asString();
      assertThat(events.await(key + "/_history/1").json().path("patientOnFile").asBoolean())
          .isEqualTo(!erased);
      assertThat(fhir.get(key).status()).isEqualTo(200);
      assertThat(fhir.get(patient).status()).isEqualTo(erased ? 410 : 200);
      assertThat(erased || erasing.get().status() == 409).isTrue();
    }
  }

  private long waiting(String table) {
    return jdbc.sql(
            "select count(*) from pg_locks where relation = cast(? as regclass) and not granted and database = (select oid from pg_database where datname = current_database())")
        .param(1, table)
        .query(Long.class)
        .single();
  }

  // ---- what the documentation says

  @Test
  void theCommandsOfTheDocumentationExportAndErase(@TempDir Path folder) throws Exception {
    for (String program : List.of("bash", "curl", "jq")) {
      assumeTrue(
          Stream.of(System.getenv("PATH").split(File.pathSeparator))
              .anyMatch(place -> Files.isExecutable(Path.of(place, program))),
          program + " is not installed");
    }
    put(patient, patient(patient).replace("male", "other"));
    String commands = Pattern.compile("(?s)```sh\n(.*?)```")
        .matcher(Files.readString(Path.of("docs/erasure.md")))
        .results()
        .map(block -> block.group(1))
        .collect(Collectors.joining())
        .replace("http://localhost:8080/fhir", fhir.base().toString())
        .replace("Patient/example-migraine", patient)
        .replace("_count=1000", "_count=1");

    String said = run(folder, commands);

    assertThat(said).contains("2 versions");
    assertThat(folder.resolve("page-2.json")).exists();
    assertThat(fhir.get(patient).status()).isEqualTo(410);
  }

  private static String run(Path folder, String commands)
      throws IOException, InterruptedException {
    Process shell = new ProcessBuilder("bash", "-euc", commands)
        .directory(folder.toFile())
        .redirectErrorStream(true)
        .start();
    shell.getOutputStream().close();
    String said = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(shell.waitFor()).as(said).isZero();
    return said;
  }

  @ParameterizedTest
  @ValueSource(strings = {"purge", "purge-export"})
  void theOperationsAreDescribedAndSoIsTheirScope(String code) {
    JsonNode definition = fhir.get("OperationDefinition/" + code).json();
    assertThat(definition.path("code").asString()).isEqualTo(code);
    assertThat(definition.path("comment").asString()).contains("system/Patient.$purge");
    assertThat(fhir.get("metadata").body())
        .contains("https://botoxfhir.org/fhir/OperationDefinition/" + code);
  }

  // ---- helpers

  private void put(String key, String body) {
    Answer answer = fhir.put(key, body);
    assertThat(answer.status()).as(answer.body()).isIn(200, 201);
  }

  private static String patient(String key) {
    return """
        {"resourceType": "Patient", "id": "%s", "gender": "male"}""".formatted(key.substring(8));
  }

  private static String observation(String id, String patient) {
    return """
        {"resourceType": "Observation", "id": "%s", "status": "final", "code": {"text": "made up"},
         "subject": {"reference": "%s"}}""".formatted(id, patient);
  }

  private String reportText(String patient, String name) {
    return """
        {"resourceType": "QuestionnaireResponse", "status": "completed",
         "questionnaire": "https://botoxfhir.org/fhir/Questionnaire/botox-symptom-report",
         "identifier": {"system": "urn:x", "value": "made-up%s-%s"},
         "subject": {"reference": "%s", "display": "%s"},
         "item": [{"linkId": "symptom", "item": [{"linkId": "symptom-code", "answer": [{"valueCoding":
           {"system": "http://snomed.info/sct", "code": "267036007"}}]}]}]}""".formatted(run, name, patient, name.isEmpty() ? "made up" : name);
  }

  private void report(String patient, String name) {
    Answer answer = fhir.post(REPORT, reportText(patient, name));
    assertThat(answer.status()).as(answer.body()).isEqualTo(201);
  }

  private List<JsonNode> export(String patient) {
    return export(patient, 1000);
  }

  private List<JsonNode> export(String patient, int count) {
    List<JsonNode> pages = new ArrayList<>();
    for (String next = patient + "/$purge-export?_count=" + count;
        next != null;
        next = fhir.link(pages.getLast(), "next")) {
      Answer answer = fhir.get(next);
      assertThat(answer.status()).as(answer.body()).isEqualTo(200);
      pages.add(answer.json());
    }
    return pages;
  }

  private static List<JsonNode> entries(List<JsonNode> pages) {
    return pages.stream().flatMap(page -> page.path("entry").valueStream()).toList();
  }

  private static String confirmation(List<JsonNode> pages) {
    return pages.getLast().at("/identifier/value").asString();
  }

  private Answer purge(String patient, String confirmation) {
    return fhir.post(patient + "/$purge?confirmation=" + confirmation, "");
  }

  private static String diagnostics(Answer answer) {
    return answer.json().at("/issue/0/diagnostics").asString();
  }
}
