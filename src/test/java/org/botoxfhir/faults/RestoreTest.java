package org.botoxfhir.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.botoxfhir.dev.DevelopmentPostgres;
import org.botoxfhir.dev.EmbeddedKafka;
import org.botoxfhir.faults.SeenEvents.Seen;
import org.botoxfhir.testing.BaseBackup;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.ServerProcesses;
import org.botoxfhir.testing.ServiceProcess;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** docs/backup.md, done: a base backup and an archive of the log, and out of them the database as it was at a moment between two reports. */
class RestoreTest {
  /** A setting takes no abbreviation of a zone, and Z is one. */
  private static final DateTimeFormatter POSTGRES_TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSSSSSxxx");

  private static final String TOPIC = "botox.symptom-reports.v1";
  private static final Path EXAMPLES = Path.of("src/test/resources/examples");

  @Test
  void aRestoredDatabaseHasWhatWasWrittenUntilThenAndReconciliationNamesTheEventsOfWhatIsLost(
      @TempDir Path folder) throws Exception {
    Path archive = Files.createDirectory(folder.resolve("archive"));
    Path restored = folder.resolve("restored");
    try (var servers = new ServerProcesses(folder, ServerProcesses.SOON)) {
      archiveLog(servers, archive);
      Map<String, String> settings = Replicas.settings(servers);
      String kept;
      String lost;
      OffsetDateTime moment;
      try (var service = ServiceProcess.start(Replicas.LIGHT, settings);
          var seen = new SeenEvents(servers.bootstrapServers(), List.of(TOPIC))) {
        Fhir fhir = service.fhir();
        assertThat(fhir.post("", Files.readString(EXAMPLES.resolve("chronic-migraine.json")))
                .status())
            .isEqualTo(200);
        BaseBackup.take(servers.postgres(), DevelopmentPostgres.prepared(restored));
        kept = report(fhir, "kept");
        Replicas.await("event of what is kept").until(() -> seen.count() == 1);
        moment = servers
            .jdbc()
            .sql("select clock_timestamp()")
            .query(OffsetDateTime.class)
            .single();
        lost = report(fhir, "lost");
        Replicas.await("event of what will be lost").until(() -> seen.count() == 2);
        awaitArchived(servers.jdbc());
      }
      servers.killPostgres();

      int port = EmbeddedKafka.freePort();
      recoverUntil(moment, archive, restored);
      try (var postgres = DevelopmentPostgres.start(restored, port)) {
        JdbcClient database = ServerProcesses.jdbc(postgres);
        Replicas.await("the end of recovery")
            .until(() ->
                !database.sql("select pg_is_in_recovery()").query(Boolean.class).single());
        settings.put("spring.datasource.url", postgres.url());
        try (var service = ServiceProcess.start(Replicas.LIGHT, settings);
            var seen = new SeenEvents(servers.bootstrapServers(), List.of(TOPIC))) {
          Fhir fhir = service.fhir();
          assertThat(fhir.get(kept).status()).isEqualTo(200);
          assertThat(fhir.get(lost).status()).isEqualTo(404);

          String later = report(fhir, "later");
          EventsOnce.awaitAllPublished(database);
          JsonNode comparison = service
              .management("reconciliation?from=%s&to=%s"
                  .formatted(moment.minusDays(1).toInstant(), moment.plusDays(1).toInstant()))
              .json();
          assertThat(comparison.path("agrees").asBoolean()).isFalse();
          assertThat(comparison.at("/missing/count").asInt()).isZero();
          assertThat(comparison.at("/unexpected/events").valueStream().map(JsonNode::toString))
              .as("events of the lost report and of what it led to")
              .anyMatch(event -> event.contains(lost))
              .noneMatch(event -> event.contains(kept) || event.contains(later));

          Map<String, Long> times = seen.readToTheEnd().stream()
              .collect(Collectors.groupingBy(Seen::subject, Collectors.counting()));
          assertThat(times.get(later + "/_history/1"))
              .as("times that the first report after the restore was published")
              .isEqualTo(1);
          assertThat(times).containsKeys(kept + "/_history/1", lost + "/_history/1");
        }
      }
    }
  }

  private static String report(Fhir fhir, String identifier) throws IOException {
    Fhir.Answer answer = fhir.post(
        "QuestionnaireResponse",
        Files.readString(EXAMPLES.resolve("chronic-migraine-report.json"))
            .replace("example-migraine-1", identifier));
    assertThat(answer.status()).as(answer.body()).isEqualTo(201);
    return "QuestionnaireResponse/" + answer.json().path("id").asString();
  }

  private static void archiveLog(ServerProcesses servers, Path archive) throws IOException {
    JdbcClient primary = servers.jdbc();
    primary.sql("alter system set archive_mode = on").update();
    primary
        .sql("alter system set archive_command = 'test ! -f %1$s/%%f && cp %%p %1$s/%%f'"
            .formatted(archive))
        .update();
    servers.killPostgres(); // archive_mode wants a start
    servers.startPostgres();
  }

  /** Waits until the archive has everything up to now. */
  private static void awaitArchived(JdbcClient primary) {
    String file = primary
        .sql("select pg_walfile_name(pg_switch_wal())")
        .query(String.class)
        .single();
    Replicas.await("the log in the archive")
        .until(() -> primary
            .sql("select coalesce(last_archived_wal, '') >= ? from pg_stat_archiver")
            .param(file)
            .query(Boolean.class)
            .single());
  }

  private static void recoverUntil(OffsetDateTime moment, Path archive, Path restored)
      throws IOException {
    Path data = restored.resolve("postgresql-18");
    Files.createFile(data.resolve("recovery.signal"));
    Files.writeString(
        data.resolve("postgresql.auto.conf"),
        """
        archive_mode = off
        restore_command = 'cp %s/%%f %%p'
        recovery_target_time = '%s'
        recovery_target_action = promote
        """.formatted(archive, POSTGRES_TIME.format(moment)),
        StandardOpenOption.APPEND);
  }
}
