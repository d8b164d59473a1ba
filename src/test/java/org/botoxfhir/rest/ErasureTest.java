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
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.botoxfhir.testing.Fhir.Answer;
import org.botoxfhir.testing.ServiceTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.context.SmartLifecycle;
import tools.jackson.databind.JsonNode;

/** The erasure of a patient's record, and what docs/erasure.md says of it. */
@ServiceTest
class ErasureTest extends ErasureCalls {
  @Autowired
  DataSource database;

  @Autowired
  @Qualifier("relay")
  SmartLifecycle relay;

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
    assertThat(events.await("the event", event -> event.mentions(patient))).isNotNull();
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
    assertThat(
            fhir.get("Patient?_id=" + patient.substring(8)).json().path("total").asInt())
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
    String report = reportText(patient, "").replaceFirst("\\{", "{\"id\": \"" + id + "\",");
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
    assertThat(fhir.get(second.at("/symptoms/0/observation").asString()).status())
        .isEqualTo(200);
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
        await().until(() -> waiting("advisory") > 0 || reporting.isDone());
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

  private long waiting(String lock) {
    return jdbc.sql("""
            select count(*) from pg_locks
            where not granted and (locktype = ? or locktype = 'relation' and relation = to_regclass(?))
              and database = (select oid from pg_database where datname = current_database())
            """).params(lock, lock).query(Long.class).single();
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

  private static String run(Path folder, String commands) throws IOException, InterruptedException {
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
}
