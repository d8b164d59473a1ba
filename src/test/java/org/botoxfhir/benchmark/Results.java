package org.botoxfhir.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What was measured, as a table while it goes on and as JSON at the end. */
final class Results {
  /** Requests per second of processor time of service and database. */
  static final String PER_PROCESSOR_SECOND = "requestsPerCpuSecond";

  static final String PER_SECOND = "requestsPerSecond";
  static final String P50 = "p50Milliseconds";
  static final String P99 = "p99Milliseconds";
  static final String P99_AT_HALF = "p99MillisecondsAtHalfTheRate";
  static final String SERVICE = "serviceCpuMillisecondsPerRequest";
  static final String DATABASE = "databaseCpuMillisecondsPerRequest";
  static final String MEMORY = "serviceMebibytes";
  static final String OTHER = "otherPercentOfACore";
  static final String LOAD = "loadPercentOfACore";
  private static final String REQUESTS = "requests";

  private static final Path FOLDER = Path.of("target/benchmark");

  /** Column by measure, in the order of the table. */
  private static final Map<String, String> COLUMNS = new LinkedHashMap<>();

  static {
    COLUMNS.put(REQUESTS, "requests");
    COLUMNS.put(PER_SECOND, "req/s");
    COLUMNS.put(PER_PROCESSOR_SECOND, "req/CPU s");
    COLUMNS.put(P50, "p50 ms");
    COLUMNS.put(P99, "p99 ms");
    COLUMNS.put(P99_AT_HALF, "p99 half");
    COLUMNS.put(SERVICE, "svc ms");
    COLUMNS.put(DATABASE, "db ms");
    COLUMNS.put(MEMORY, "svc MiB");
    COLUMNS.put(OTHER, "other %");
    COLUMNS.put(LOAD, "load %");
  }

  private final ObjectNode json = JsonMapper.shared().createObjectNode();
  private final ArrayNode rows = JsonMapper.shared().createArrayNode();
  private final Map<String, Map<String, Double>> medians = new LinkedHashMap<>();

  /** @param options that it is measured with */
  Results(Options options) {
    json.put("commit", Objects.requireNonNullElse(System.getenv("BENCHMARK_COMMIT"), "unknown"));
    json.put("date", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    json.put("processors", Runtime.getRuntime().availableProcessors());
    json.put("java", Runtime.version() + " " + String.join(" ", options.java()));
    json.put("connections", options.connections());
    json.put("secondsToWarmUp", options.warmUp().toSeconds());
    json.put("secondsOfAPass", options.time().toSeconds());
    json.put("passes", options.passes());
    json.put("audit", options.audit());
    json.set("rows", rows);
  }

  /** What is said once, beside the rows. */
  ObjectNode json() {
    return json;
  }

  /** What a pass of one workload measured. */
  static Map<String, Double> pass(Latencies latencies, Usage before, Usage after, double memory) {
    double requests = latencies.size();
    double service = after.service() - before.service();
    double database = after.database() - before.database();
    double seconds = after.seconds(before);
    Map<String, Double> pass = new LinkedHashMap<>();
    pass.put(REQUESTS, requests);
    pass.put(PER_SECOND, requests / seconds);
    pass.put(PER_PROCESSOR_SECOND, requests / (service + database));
    pass.put(P50, latencies.percentile(50));
    pass.put(P99, latencies.percentile(99));
    pass.put(SERVICE, 1e3 * service / requests);
    pass.put(DATABASE, 1e3 * database / requests);
    pass.put(MEMORY, memory);
    pass.put(OTHER, after.otherPercent(before));
    pass.put(LOAD, 100 * (after.load() - before.load()) / seconds);
    return pass;
  }

  /** The median of each measure, the upper one of an even number of passes. */
  static Map<String, Double> median(List<Map<String, Double>> passes) {
    Map<String, Double> median = new LinkedHashMap<>();
    for (String measure : passes.getFirst().keySet()) {
      double[] sorted = passes.stream()
          .mapToDouble(pass -> Objects.requireNonNull(pass.get(measure)))
          .sorted()
          .toArray();
      median.put(measure, sorted[sorted.length / 2]);
    }
    return median;
  }

  /** Adds a row, and prints it if it is about requests. @param passes each measure of each pass */
  void add(String name, Map<String, Double> median, List<Map<String, Double>> passes) {
    medians.put(name, median);
    ObjectNode row = rows.addObject();
    row.put("name", name);
    row.set("median", numbers(median));
    ArrayNode all = row.putArray("passes");
    passes.forEach(pass -> all.add(numbers(pass)));
    if (median.containsKey(REQUESTS)) {
      System.out.println(line(name, median));
    }
  }

  /** Prints what stands above the rows. */
  static void printHead() {
    var line = new StringBuilder("%-28s".formatted(""));
    COLUMNS.values().forEach(column -> line.append("%10s".formatted(column)));
    System.out.println(line);
  }

  private static String line(String name, Map<String, Double> median) {
    var line = new StringBuilder("%-28s".formatted(name));
    for (String measure : COLUMNS.keySet()) {
      Double value = median.get(measure);
      line.append(
          value == null
              ? "%10s".formatted("-")
              : String.format(Locale.ROOT, value < 100 ? "%10.2f" : "%10.0f", value));
    }
    return line.toString();
  }

  private static ObjectNode numbers(Map<String, Double> values) {
    ObjectNode node = JsonMapper.shared().createObjectNode();
    values.forEach((name, value) -> node.put(name, Math.round(value * 1000) / 1000.0));
    return node;
  }

  /** One measure of all rows that have it, by the rows' names. */
  Map<String, Double> measure(String measure) {
    Map<String, Double> values = new LinkedHashMap<>();
    medians.forEach((name, median) -> {
      Double value = median.get(measure);
      if (value != null) {
        values.put(name, value);
      }
    });
    return values;
  }

  /** Writes JSON and a chart. @param name of both files @param title and measure of the chart */
  void write(String name, String title, String measure) throws IOException {
    Files.createDirectories(FOLDER);
    Files.writeString(FOLDER.resolve(name + ".json"), json.toPrettyString());
    Files.writeString(FOLDER.resolve(name + ".svg"), Plot.bars(title, measure(measure)));
    System.out.printf("written: %s and .svg%n", FOLDER.resolve(name + ".json"));
  }
}
