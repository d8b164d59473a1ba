package org.botoxfhir.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.ServerProcesses;
import org.botoxfhir.testing.ServiceProcess;

/** Two replicas of the service. One that dies is started again at once, as an orchestrator does, until it is up. */
final class Replicas implements AutoCloseable {
  private static final int REPLICAS = 2;
  /** What makes a short life begin sooner. */
  static final List<String> LIGHT =
      List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx512m");

  private static final Duration RECOVERY = Duration.ofSeconds(300);

  /** Of the relay's log; the counter dies with the process. */
  private static final Pattern AVOIDED =
      Pattern.compile("(\\d+) events had been published by the former publisher");

  private final Map<String, String> settings;
  private final Path folders;
  private final ExecutorService starters = Executors.newVirtualThreadPerTaskExecutor();
  private final AtomicInteger started = new AtomicInteger();
  private final List<Replica> ready = new CopyOnWriteArrayList<>();
  private final List<Replica> all = new CopyOnWriteArrayList<>();
  private final Map<Path, Long> deaths = new ConcurrentHashMap<>();
  private volatile boolean closed;

  /**
   * One life of a service.
   *
   * @param folder where its fault points are armed and its take-overs noted
   */
  record Replica(ServiceProcess service, Fhir fhir, Path folder) {

    boolean leads() {
      try {
        return service.management("prometheus").body().contains("botox_outbox_leader 1.0");
      } catch (UncheckedIOException e) {
        return false; // it died just now
      }
    }

    /** Ends when the process has. */
    void awaitEnd() {
      await("end of the service at its fault point")
          .until(() -> !service.handle().isAlive());
    }
  }

  Replicas(Map<String, String> settings, Path folders) {
    this.settings = settings;
    this.folders = folders;
    for (int i = 0; i < REPLICAS; i++) {
      starters.submit(this::keepAlive);
    }
  }

  /** Settings of a service over these servers. */
  static Map<String, String> settings(ServerProcesses servers) {
    Map<String, String> settings = new HashMap<>(servers.settings());
    settings.put("botox.kafka.create-topics", "true");
    settings.put("botox.events.pseudonym-key", "key-of-the-tests-that-protects-nobody");
    settings.put("logging.structured.format.console", "");
    return settings;
  }

  private void keepAlive() {
    while (!closed) {
      Path folder = folders.resolve("service-" + started.incrementAndGet());
      try {
        Files.createDirectories(folder);
        Map<String, String> own = new HashMap<>(settings);
        own.putAll(FaultPoints.settings(folder));
        ServiceProcess service = ServiceProcess.start(LIGHT, own);
        var replica = new Replica(service, service.fhir(), folder);
        CompletableFuture<ProcessHandle> end = service.handle().onExit();
        all.add(replica);
        ready.add(replica);
        if (closed) {
          service.close();
        }
        end.join();
        deaths.put(folder, System.currentTimeMillis());
        ready.remove(replica);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (RuntimeException e) {
        // It ended before it was ready, or never was: the database was away. The next attempt
        // follows, and whoever waits for a
        // replica fails when none succeeds.
        System.out.println("a replica did not start: " + e.getMessage());
      }
    }
  }

  /** Those that were ready and have not died. */
  List<Replica> ready() {
    return ready;
  }

  Replica awaitAny() {
    return await("a replica")
        .until(() -> ready.stream().findFirst(), Optional::isPresent)
        .get();
  }

  List<Replica> awaitBoth() {
    return await("both replicas").until(() -> List.copyOf(ready), both -> both.size() == REPLICAS);
  }

  Replica awaitLeader() {
    return await("a replica that publishes")
        .pollInterval(Duration.ofMillis(50))
        .until(() -> ready.stream().filter(Replica::leads).findFirst(), Optional::isPresent)
        .get();
  }

  /** Moment of death (epoch milliseconds) of a service; empty while it lives. */
  Optional<Long> death(Replica replica) {
    return Optional.ofNullable(deaths.get(replica.folder()));
  }

  /** Moment (epoch milliseconds) at which this replica had taken over first after another one; empty when it never did. */
  static Optional<Long> takeOver(Replica replica, long after) throws IOException {
    Path file = replica.folder().resolve(FaultPoint.TAKE_OVERS);
    return Files.exists(file)
        ? Files.readAllLines(file).stream()
            .map(Long::valueOf)
            .filter(at -> at > after)
            .findFirst()
        : Optional.empty();
  }

  /** Events that successors found published and did not send again. */
  long duplicatesAvoided() {
    return all.stream()
        .flatMap(replica -> AVOIDED.matcher(replica.service().output()).results())
        .mapToLong(line -> Long.parseLong(line.group(1)))
        .sum();
  }

  /** Waits as long as a recovery may take, restarts on a busy machine included. */
  static ConditionFactory await(String what) {
    return Awaitility.await(what).atMost(RECOVERY);
  }

  @Override
  public void close() {
    closed = true;
    ready.forEach(replica -> replica.service().close());
    starters.close();
  }
}
