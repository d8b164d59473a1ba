package org.botoxfhir.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
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
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
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
    try (var client = HttpClient.newHttpClient()) {
      var held = new HeldBody(report);
      CompletableFuture<HttpResponse<String>> begun = client.sendAsync(
          HttpRequest.newBuilder(URI.create(leaving.fhir().base() + "/QuestionnaireResponse"))
              .version(HttpClient.Version.HTTP_1_1)
              .header("Content-Type", "application/fhir+json")
              .POST(BodyPublishers.ofInputStream(() -> held))
              .build(),
          BodyHandlers.ofString());
      held.awaitFirstHalfSent();
      var stop = CompletableFuture.runAsync(leaving.service()::stop);
      Replicas.await("end of readiness").until(() -> !leaving.isReady());
      Fhir.Answer last = leaving.fhir().get("Patient/nobody");
      assertThat(last.status()).isEqualTo(404);
      assertThat(last.header("Connection")).isEqualToIgnoringCase("close");
      Replicas.await("refusal of new requests")
          .until(() -> leaving.service().output().contains("Commencing graceful shutdown"));
      held.release();
      assertThat(begun.join().statusCode()).isEqualTo(201);
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

  /** A body of which the second half comes when it is told to. */
  private static final class HeldBody extends InputStream {
    private final byte[] bytes;
    private final CountDownLatch firstHalfSent = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);
    private int next;

    HeldBody(String text) {
      bytes = text.getBytes(StandardCharsets.UTF_8);
    }

    void awaitFirstHalfSent() {
      await(firstHalfSent);
    }

    void release() {
      released.countDown();
    }

    @Override
    public int read() {
      throw new UnsupportedOperationException("the client reads in parts");
    }

    @Override
    public int read(byte[] into, int offset, int length) {
      if (next == bytes.length / 2) {
        firstHalfSent.countDown();
        await(released);
      }
      int end = next < bytes.length / 2 ? bytes.length / 2 : bytes.length;
      int count = Math.min(length, end - next);
      System.arraycopy(bytes, next, into, offset, count);
      next += count;
      return count == 0 ? -1 : count;
    }

    private static void await(CountDownLatch latch) {
      try {
        if (!latch.await(300, TimeUnit.SECONDS)) {
          throw new AssertionError("nobody read, or released, the body within 300 s");
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while a body was held", e);
      }
    }
  }
}
