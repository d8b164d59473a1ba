package org.botoxfhir.benchmark;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Measures what requests to the FHIR interface cost, with everything on one machine. What is measured how: {@code
 * docs/performance.md}. Like {@link EventBenchmark} it has no main method.
 */
public final class FhirBenchmark {
  private static final int SEEDING_CONNECTIONS = 4;

  private final MeasuredService service;
  private final Options options;
  private final Results results;
  private final AtomicLong runs = new AtomicLong();

  private FhirBenchmark(MeasuredService service, Options options) {
    this.service = service;
    this.options = options;
    this.results = new Results(options);
  }

  /** @param arguments workloads; or {@code growth} and numbers of patients; or {@code compare} and two results; each with options */
  public static void run(String[] arguments) throws IOException {
    ((Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)).setLevel(Level.ERROR);
    List<String> all = List.of(arguments);
    String mode = all.isEmpty() ? "" : all.getFirst();
    switch (mode) {
      case "compare" -> compare(all.subList(1, all.size()));
      case "growth" -> {
        Options options = Options.ofGrowth(all.subList(1, all.size()));
        List<Integer> sizes = sizes(options.names());
        try (var service = new MeasuredService(options)) {
          new FhirBenchmark(service, options).growth(sizes);
        }
      }
      default -> {
        Options options = Options.ofWorkloads(all);
        Workloads.requireKnown(options.names());
        try (var service = new MeasuredService(options)) {
          new FhirBenchmark(service, options).workloads();
        }
      }
    }
  }

  private static void compare(List<String> files) throws IOException {
    if (files.size() != 2) {
      throw new IllegalArgumentException("compare needs two files of results");
    }
    System.out.print(Comparison.table(Path.of(files.get(0)), Path.of(files.get(1))));
  }

  private static List<Integer> sizes(List<String> names) {
    List<Integer> sizes = names.stream().map(Integer::valueOf).sorted().toList();
    if (sizes.isEmpty() || sizes.getFirst() < 1) {
      throw new IllegalArgumentException("growth needs numbers of patients, e.g. 1000 4000 16000");
    }
    return sizes;
  }

  private void workloads() throws IOException {
    var seed = new Seed(service.base());
    seed(seed, options.patients());
    double bytes = bytesPerResource(seed);
    System.out.printf(
        Locale.ROOT, "%.2f s to readiness; %.0f bytes a resource%n", service.startSeconds(), bytes);
    ObjectNode largest = results.json().putObject("largestAfterTheSeed");
    service.largest().forEach(largest::put);
    var workloads = new Workloads(seed, options.connections());
    Results.printHead();
    for (Workload workload : workloads.named(options.names())) {
      workloads.prepare(workload, service.fhir());
      warmUp(workload);
      List<Map<String, Double>> passes = new ArrayList<>();
      for (int i = 0; i < options.passes(); i++) {
        passes.add(pass(workload));
      }
      Map<String, Double> median = Results.median(passes);
      median.put(Results.P99_AT_HALF, p99AtHalfTheRate(workload, median));
      results.add(workload.name(), median, passes);
    }
    results.add(
        "service",
        new TreeMap<>(Map.of(
            "secondsToReadiness",
            service.startSeconds(),
            "bytesPerResource",
            bytes,
            "mostMebibytes",
            service.memory("VmHWM"))),
        List.of());
    System.out.printf(
        Locale.ROOT, "most memory of the service: %.0f MiB%n", service.memory("VmHWM"));
    results.write(
        options.name(),
        "requests per CPU second of service and PostgreSQL",
        Results.PER_PROCESSOR_SECOND);
  }

  private void seed(Seed seed, int patients) {
    int before = seed.patients();
    Duration took = seed.grow(patients, SEEDING_CONNECTIONS);
    double perSecond =
        (double) (patients - before) * MadeUpRecords.RESOURCES / (took.toMillis() / 1e3);
    results.json().put("resourcesStoredPerSecond/" + patients, Math.round(perSecond));
    System.out.printf(
        Locale.ROOT,
        "%d patients on file, %d resources each; %.0f resources a second by %d connections%n",
        patients,
        MadeUpRecords.RESOURCES,
        perSecond,
        SEEDING_CONNECTIONS);
  }

  /** After a vacuum, which also gives the planner what it knows in the long run. */
  private double bytesPerResource(Seed seed) {
    return (double) service.grownBytes() / ((double) seed.patients() * MadeUpRecords.RESOURCES);
  }

  private void warmUp(Workload workload) {
    closed().run(workload, options.warmUp(), runs.incrementAndGet());
  }

  private Map<String, Double> pass(Workload workload) throws IOException {
    Usage before = service.usage();
    Latencies latencies = closed().run(workload, options.time(), runs.incrementAndGet());
    return Results.pass(latencies, before, service.usage(), service.memory("VmRSS"));
  }

  private double p99AtHalfTheRate(Workload workload, Map<String, Double> median) {
    double half = Objects.requireNonNull(median.get(Results.PER_SECOND)) / 2;
    return new Load(service.base(), options.connections(), half)
        .run(workload, options.time(), runs.incrementAndGet())
        .percentile(99);
  }

  private Load closed() {
    return new Load(service.base(), options.connections(), 0);
  }

  private void growth(List<Integer> sizes) throws IOException {
    var seed = new Seed(service.base());
    var mix = new QueryMix(seed);
    for (int size : sizes) {
      seed(seed, size);
      results.json().put("bytesPerResource/" + size, Math.round(bytesPerResource(seed)));
      if (size == sizes.getFirst()) {
        // Or the compiler of the JVM would have seen the larger ones for longer.
        mix.shapes().forEach(this::warmUp);
        mix.shapes().forEach(this::warmUp);
      }
      Map<String, Long> scans = service.sequentialScans();
      Results.printHead();
      for (Workload shape : mix.shapes()) {
        requireAnswer(shape);
        warmUp(shape);
        List<Map<String, Double>> passes = new ArrayList<>();
        for (int i = 0; i < options.passes(); i++) {
          passes.add(pass(shape));
        }
        results.add(size + "/" + shape.name(), Results.median(passes), passes);
      }
      ObjectNode scanned = results.json().putObject("sequentialScansOfLargeTables/" + size);
      service.sequentialScans().forEach((table, number) -> {
        long more = number - scans.getOrDefault(table, number);
        if (more > 0) {
          scanned.put(table, more);
        }
      });
      System.out.println("sequential scans of large tables: " + scanned);
    }
    printGrowth(mix, sizes.getFirst(), sizes.getLast());
    results.write(
        options.name(),
        "requests per CPU second, by patients and shape",
        Results.PER_PROCESSOR_SECOND);
  }

  /** A search that finds nothing would cost the same at any size. */
  private void requireAnswer(Workload shape) {
    if (QueryMix.found(shape.answer(service.base(), 1)) == 0) {
      throw new IllegalStateException(shape.name() + " finds nothing");
    }
  }

  private void printGrowth(QueryMix mix, int from, int to) {
    Map<String, Double> perProcessorSecond = results.measure(Results.PER_PROCESSOR_SECOND);
    Map<String, Double> times = results.measure(Results.P50);
    System.out.printf("%n%-28s%12s%12s   from %d to %d patients%n", "", "CPU", "p50", from, to);
    for (Workload shape : mix.shapes()) {
      String before = from + "/" + shape.name();
      String after = to + "/" + shape.name();
      System.out.printf(
          Locale.ROOT,
          "%-28s%11.2fx%11.2fx%n",
          shape.name(),
          Comparison.ratio(perProcessorSecond, after, before),
          Comparison.ratio(times, before, after));
    }
  }
}
