package org.botoxfhir.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import org.botoxfhir.faults.SeenEvents.Seen;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.ServerProcesses;
import org.botoxfhir.testing.ServiceProcess;
import org.botoxfhir.testing.StandbyServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two replicas of the service over a primary and a synchronous standby of the database, which reads go to. Set up as docs/operations.md
 * says; the test does by hand what Patroni or an operator of Kubernetes does.
 */
class FailOverTest {
  private static final String TOPIC = "botox.symptom-reports.v1";
  private static final Pattern FROM_STANDBY =
      Pattern.compile("botox_replica_reads_total\\{server=\"replica\"} ([0-9.]+)");

  @Test
  void readsFromTheStandbyMissNothingAndWhenThePrimaryDiesNoConfirmedReportIsLostOrPublishedTwice(
      @TempDir Path folder) throws Exception {
    try (var servers = new ServerProcesses(folder, ServerProcesses.SOON);
        var standby = new StandbyServer(servers.postgres(), folder.resolve("standby"))) {
      StandbyServer.makeSynchronous(servers.jdbc());
      Map<String, String> settings = settings(servers, standby);
      var starting =
          CompletableFuture.supplyAsync(() -> ServiceProcess.start(Replicas.LIGHT, settings));
      try (var one = ServiceProcess.start(Replicas.LIGHT, settings);
          var other = starting.join()) {
        List<Fhir> both = List.of(one.fhir(), other.fhir());
        try (var seen = new SeenEvents(servers.bootstrapServers(), List.of(TOPIC, TOPIC + ".dlq"));
            var load = new ReportLoad(() -> both, Integer.MAX_VALUE, new Random(2))) {
          readsSeeWhatTheOtherReplicaHasWritten(one.fhir(), other.fhir());
          assertThat(fromStandby(other)).isPositive();

          int before = seen.count() + 20;
          Replicas.await("events").until(() -> seen.count() >= before);
          servers.killPostgres();
          standby.promote();
          int after = seen.count() + 40;
          Replicas.await("events of the new primary").until(() -> seen.count() >= after);
          readsSeeWhatTheOtherReplicaHasWritten(one.fhir(), other.fhir());
          load.stop();
          EventsOnce.awaitAllPublished(standby.jdbc());
          List<Seen> all = seen.readToTheEnd();
          System.out.printf(
              "%d reports and corrections confirmed, %d requests sent again; %d events%n",
              load.answered().size(), load.retries(), all.size());
          EventsOnce.assertSeenOnceAndInOrder(all, load.answered(), standby.jdbc());
        }
      }
    }
  }

  private static void readsSeeWhatTheOtherReplicaHasWritten(Fhir writer, Fhir reader) {
    for (int i = 0; i < 50; i++) {
      Fhir.Answer written =
          writer.post("Patient", "{\"resourceType\":\"Patient\",\"active\":true}");
      assertThat(written.status()).isEqualTo(201);
      String id = written.json().path("id").asString();
      assertThat(reader.get("Patient/" + id).status()).isEqualTo(200);
      assertThat(reader.get("Patient?_id=" + id).json().path("entry").size()).isEqualTo(1);
      assertThat(reader.get("Patient/" + id + "/_history").json().path("entry").size())
          .isEqualTo(1);
    }
  }

  private static double fromStandby(ServiceProcess service) {
    return FROM_STANDBY
        .matcher(service.management("prometheus").body())
        .results()
        .mapToDouble(line -> Double.parseDouble(line.group(1)))
        .sum();
  }

  private static Map<String, String> settings(ServerProcesses servers, StandbyServer standby) {
    Map<String, String> settings = Replicas.settings(servers);
    settings.put(
        "spring.datasource.url",
        "jdbc:postgresql://127.0.0.1:%d,%s/postgres?targetServerType=primary"
            .formatted(servers.postgres().port(), standby.address()));
    settings.put("botox.replica.url", "jdbc:postgresql://%s/postgres".formatted(standby.address()));
    return settings;
  }
}
