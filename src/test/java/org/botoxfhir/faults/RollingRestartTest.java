package org.botoxfhir.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import org.botoxfhir.faults.SeenEvents.Seen;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.ServerProcesses;
import org.botoxfhir.testing.ServiceProcess;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two replicas under load that are replaced one after the other, as a rolling update does it: another one is started, and once it is
 * ready an old one is told to end. System properties: {@code botox.test.restarts} (1) is how often both are replaced, {@code
 * botox.test.previous} the jar of an earlier release: then that runs first, is replaced by this one, and comes back over the database
 * that this one has migrated.
 */
class RollingRestartTest {
  private static final String TOPIC = "botox.symptom-reports.v1";
  private static final Path EXAMPLES = Path.of("src/test/resources/examples");

  private final Optional<Path> previous =
      Optional.ofNullable(System.getProperty("botox.test.previous")).map(Path::of);
  private final int restarts = Integer.getInteger("botox.test.restarts", 1);

  @Test
  void nobodyWhoAsksOnceMoreIsRefusedAndEachEventIsSeenOnceWhileTheReplicasAreReplaced(
      @TempDir Path folder) throws Exception {
    try (var servers = new ServerProcesses(folder, ServerProcesses.SOON);
        var balancer = new Balancer()) {
      Map<String, String> settings = Replicas.settings(servers);
      settings.put("botox.shutdown.drain", "5s");
      Deque<Endpoint> old = new ArrayDeque<>();
      var first = CompletableFuture.supplyAsync(() -> start(settings, previous));
      old.add(balancer.add(start(settings, previous)));
      old.add(balancer.add(first.join()));
      try (var seen = new SeenEvents(servers.bootstrapServers(), List.of(TOPIC, TOPIC + ".dlq"));
          var load = new ReportLoad(balancer::serving, 1, new Random(1))) {
        for (Optional<Path> release : releases()) {
          for (int i = 0; i < 2; i++) {
            int more = seen.count() + 20;
            Replicas.await("events").until(() -> seen.count() >= more);
            old.add(balancer.add(start(settings, release)));
            Endpoint leaving = old.remove();
            if (previous.isPresent()) {
              // An earlier release may not know yet how to leave: as by a preStop hook.
              balancer.remove(leaving);
              leaving.service().stop();
            } else {
              leavesPolitely(leaving);
              balancer.remove(leaving);
            }
          }
        }
        int more = seen.count() + 20;
        Replicas.await("events").until(() -> seen.count() >= more);
        load.stop();
        EventsOnce.awaitAllPublished(servers.jdbc());
        List<Seen> all = seen.readToTheEnd();
        System.out.printf(
            "%d reports and corrections confirmed, %d of them at the second attempt; %d events%n",
            load.answered().size(), load.retries(), all.size());
        EventsOnce.assertSeenOnceAndInOrder(all, load.answered(), servers.jdbc());
      }
    }
  }

  /** What runs next, after what runs first. */
  private List<Optional<Path>> releases() {
    return previous.isPresent()
        ? List.of(Optional.empty(), previous)
        : Collections.nCopies(restarts, Optional.empty());
  }

  private static ServiceProcess start(Map<String, String> settings, Optional<Path> release) {
    return release
        .map(jar -> ServiceProcess.start(Replicas.LIGHT, jar, settings))
        .orElseGet(() -> ServiceProcess.start(Replicas.LIGHT, settings));
  }

  /** First no longer ready and asking to be left, then finishing what it has begun, then gone. */
  private static void leavesPolitely(Endpoint leaving) throws IOException {
    String report = Files.readString(EXAMPLES.resolve("chronic-migraine-report.json"))
        .replace("example-migraine-1", "held-" + leaving.service().handle().pid())
        .replace("example-migraine", "made-up-0-0");
    byte[] body = report.getBytes(StandardCharsets.UTF_8);
    URI base = leaving.fhir().base();
    String head = """
        POST %s/QuestionnaireResponse HTTP/1.1\r
        Host: %s\r
        Content-Type: application/fhir+json\r
        Content-Length: %d\r
        \r
        """.formatted(base.getPath(), base.getAuthority(), body.length);
    try (var client = new Socket(base.getHost(), base.getPort())) {
      client.setSoTimeout(60_000);
      OutputStream out = client.getOutputStream();
      out.write(head.getBytes(StandardCharsets.UTF_8));
      out.write(body, 0, body.length / 2);
      out.flush();
      var stop = CompletableFuture.runAsync(leaving.service()::stop);
      Replicas.await("end of readiness").until(() -> !leaving.isReady());
      Fhir.Answer last = leaving.fhir().get("Patient/nobody");
      assertThat(last.status()).isEqualTo(404);
      assertThat(last.header("Connection")).isEqualToIgnoringCase("close");
      Replicas.await("refusal of new requests")
          .until(() -> leaving.service().output().contains("Commencing graceful shutdown"));
      out.write(body, body.length / 2, body.length - body.length / 2);
      out.flush();
      String answer = new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(answer).startsWith("HTTP/1.1 201");
      stop.join();
    }
  }

  /** A replica, and a client that keeps its connections. */
  private record Endpoint(ServiceProcess service, Fhir fhir) {
    boolean isReady() {
      try {
        return service.management("health/readiness").status() == 200;
      } catch (UncheckedIOException e) {
        return false; // it is gone
      }
    }
  }

  /** Sends requests to who was ready when last asked, as a Service of Kubernetes does. */
  private static final class Balancer implements AutoCloseable {
    private static final Duration EVERY = Duration.ofMillis(100);

    private final List<Endpoint> endpoints = new CopyOnWriteArrayList<>();
    private final Thread probes = Thread.ofPlatform().name("probes").unstarted(this::probe);
    private volatile List<Fhir> serving = List.of();
    private volatile boolean closed;

    Balancer() {
      probes.start();
    }

    private void probe() {
      while (!closed) {
        serving =
            endpoints.stream().filter(Endpoint::isReady).map(Endpoint::fhir).toList();
        LockSupport.parkNanos(EVERY.toNanos());
      }
    }

    Endpoint add(ServiceProcess service) {
      var endpoint = new Endpoint(service, service.fhir());
      endpoints.add(endpoint);
      Replicas.await("the new replica among those that serve")
          .until(() -> serving.contains(endpoint.fhir()));
      return endpoint;
    }

    void remove(Endpoint endpoint) {
      endpoints.remove(endpoint);
      Replicas.await("the old replica no longer among those that serve")
          .until(() -> !serving.contains(endpoint.fhir()));
    }

    List<Fhir> serving() {
      return serving;
    }

    @Override
    public void close() throws InterruptedException {
      closed = true;
      probes.join();
      endpoints.forEach(endpoint -> endpoint.service().close());
    }
  }
}
