package org.botoxfhir.benchmark;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.botoxfhir.dev.Folders;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.ServerProcesses;
import org.botoxfhir.testing.ServiceProcess;
import org.slf4j.LoggerFactory;

/**
 * How many connections the pool should have, with platform and with virtual threads: many clients, each of which sends its next request when the last
 * one is answered, on the same machine as the service and a database that waits for the disk. Of ten requests five are reads, four
 * searches of a patient's record, one a report.
 */
public final class PoolBenchmark {
  private static final List<Integer> SIZES = List.of(4, 8, 16, 32, 64);
  private static final int CLIENTS = 96;
  private static final Duration WARM_UP = Duration.ofSeconds(20);
  private static final Path EXAMPLES = Path.of("src/test/resources/examples");

  private PoolBenchmark() {}

  /** @param arguments seconds that are measured for each size; 15 without */
  public static void run(String[] arguments) throws Exception {
    ((Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)).setLevel(Level.ERROR);
    Duration measured =
        Duration.ofSeconds(arguments.length == 0 ? 15 : Integer.parseInt(arguments[0]));
    System.out.println("threads   pool  answered/s  p50 ms  p99 ms  refused  db connections");
    for (boolean virtual : List.of(false, true)) {
      for (int size : SIZES) {
        Path folder = Files.createTempDirectory("botox-benchmark-");
        try (var servers = new ServerProcesses(folder, ServerProcesses.FAST)) {
          measure(servers, virtual, size, measured);
        } finally {
          Folders.delete(folder);
        }
      }
    }
  }

  private static void measure(ServerProcesses servers, boolean virtual, int size, Duration measured)
      throws IOException {
    Map<String, String> settings = MeasuredService.settings(servers);
    settings.put("spring.threads.virtual.enabled", Boolean.toString(virtual));
    settings.put("spring.datasource.hikari.maximum-pool-size", Integer.toString(size));
    settings.put("logging.structured.format.console", "");
    try (var service = ServiceProcess.start(List.of("-Xmx1g"), settings)) {
      Fhir fhir = service.fhir();
      String patient = Files.readString(EXAMPLES.resolve("chronic-migraine.json"));
      for (int i = 0; i < CLIENTS; i++) {
        fhir.post("", patient.replace("example-migraine", "made-up-" + i));
      }
      String report = Files.readString(EXAMPLES.resolve("chronic-migraine-report.json"));
      send(fhir, report, WARM_UP);
      Sent sent = send(fhir, report, measured);
      Latencies latencies = Latencies.of(sent.milliseconds());
      System.out.printf(
          "%-9s %4d  %10d  %6.1f  %6.1f  %7d  %14d%n",
          virtual ? "virtual" : "platform",
          size,
          latencies.size() / measured.toSeconds(),
          latencies.percentile(50),
          latencies.percentile(99),
          sent.refused().get(),
          servers
              .jdbc()
              .sql("select count(*) from pg_stat_activity where backend_type = 'client backend'")
              .query(Long.class)
              .single());
    }
  }

  private record Sent(Queue<Double> milliseconds, AtomicInteger refused) {}

  private static Sent send(Fhir fhir, String report, Duration time) {
    var sent = new Sent(new ConcurrentLinkedQueue<>(), new AtomicInteger());
    long end = System.nanoTime() + time.toNanos();
    List<Runnable> clients = new ArrayList<>();
    for (int client = 0; client < CLIENTS; client++) {
      String patient = "made-up-" + client;
      clients.add(() -> {
        for (int i = 0; System.nanoTime() < end; i++) {
          long begun = System.nanoTime();
          if (isAnswered(fhir, report, patient, i)) {
            sent.milliseconds().add((System.nanoTime() - begun) / 1e6);
          } else {
            sent.refused().incrementAndGet();
          }
        }
      });
    }
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      clients.forEach(threads::submit);
    }
    return sent;
  }

  private static boolean isAnswered(Fhir fhir, String report, String patient, int number) {
    try {
      Fhir.Answer answer = switch (number % 10) {
        case 0 ->
          fhir.post(
              "QuestionnaireResponse",
              report
                  .replace("example-migraine-1", patient + "-" + System.nanoTime())
                  .replace("example-migraine", patient));
        case 2, 4, 6, 8 -> fhir.get("Procedure?_count=10&patient=" + patient);
        default -> fhir.get("Patient/" + patient);
      };
      return answer.status() < 300;
    } catch (UncheckedIOException e) {
      return false;
    }
  }
}
