package org.botoxfhir.synthea;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import org.botoxfhir.leaks.Captured;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Loads a folder of Synthea's FHIR R4 bundles into a running service through its transaction endpoint, and proves that everything
 * arrived: the number of resources of each type has grown by what was sent, and every resource reads back equal in meaning to what
 * was sent. How to run it: {@code docs/synthea.md}. It has no main method, since {@code spring-boot:test-run} takes the only one
 * among the test classes for that of the service.
 *
 * <p>Files are {@code .json} or {@code .json.gz}; organisations and practitioners go first, since the patients refer to them. Only
 * one file is in memory at a time.
 */
public final class SyntheaLoad {
  private static final JsonMapper JSON = JsonMapper.builder()
      .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
      .build();
  private static final Duration TIMEOUT = Duration.ofMinutes(10);

  private final URI base;
  private final HttpClient http = HttpClient.newBuilder()
      .version(HttpClient.Version.HTTP_1_1)
      .connectTimeout(Duration.ofSeconds(10))
      .build();

  /** What conditional references such as {@code Practitioner?identifier=system|value} lead to. */
  private final Map<String, String> byIdentifier = new HashMap<>();

  private final Map<String, Integer> sent = new TreeMap<>();
  private final Map<String, Integer> created = new TreeMap<>();
  private final List<String> differences = new ArrayList<>();

  private SyntheaLoad(URI base) {
    this.base = base;
  }

  /**
   * What was loaded.
   *
   * @param sent resources in the files, by type
   * @param created those of them that the service had not had before
   * @param stored by how many resources of each type the service has grown
   * @param differences what did not read back as it was sent, or was not stored; one line each
   */
  public record Report(
      Map<String, Integer> sent,
      Map<String, Integer> created,
      Map<String, Integer> stored,
      List<String> differences) {
    /** Whether all that was sent is there, equal in meaning. */
    public boolean complete() {
      return differences.isEmpty() && stored.equals(created);
    }
  }

  /**
   * Loads all bundles of the folder and reads everything back.
   *
   * @param base e.g. {@code http://127.0.0.1:8080/fhir}
   * @throws IllegalStateException when the service refuses a bundle
   */
  public static Report load(URI base, Path folder) throws IOException, InterruptedException {
    return new SyntheaLoad(base).load(folder);
  }

  /**
   * Loads and prints what came of it.
   *
   * @param arguments FHIR base of the service, and the folder
   * @return 0 when all that was sent is there, 1 when anything differs, 2 when nothing could be loaded
   */
  public static int run(String... arguments) throws IOException, InterruptedException {
    if (arguments.length != 2) {
      System.err.println(
          "needs the base of the service and a folder, e.g. http://127.0.0.1:8080/fhir target/synthea/all/fhir");
      return 2;
    }
    Report report;
    try {
      report = load(URI.create(arguments[0]), Path.of(arguments[1]));
    } catch (ConnectException e) {
      System.err.println("nothing answers at " + arguments[0] + "; start the service first");
      return 2;
    }
    System.out.printf("%-24s %10s %10s %10s%n", "type", "sent", "created", "stored");
    report
        .sent()
        .forEach((type, count) -> System.out.printf(
            "%-24s %10d %10d %10d%n",
            type,
            count,
            report.created().getOrDefault(type, 0),
            report.stored().getOrDefault(type, 0)));
    report.differences().stream().limit(50).forEach(System.out::println);
    System.out.println(
        report.complete()
            ? "All resources read back equal in meaning."
            : report.differences().size() + " differences.");
    return report.complete() ? 0 : 1;
  }

  private Report load(Path folder) throws IOException, InterruptedException {
    List<Path> files = files(folder);
    Map<String, Integer> before = new HashMap<>();
    for (Path file : files) {
      load(file, before);
    }
    Map<String, Integer> stored = new TreeMap<>();
    for (String type : sent.keySet()) {
      int growth = total(type) - Objects.requireNonNull(before.get(type));
      if (growth != 0) {
        stored.put(type, growth);
      }
    }
    return new Report(sent, created, stored, differences);
  }

  private static List<Path> files(Path folder) throws IOException {
    try (var all = Files.list(folder)) {
      List<Path> files = all.filter(
              file -> file.toString().endsWith(".json") || file.toString().endsWith(".json.gz"))
          .sorted(Comparator.comparingInt(SyntheaLoad::turn).thenComparing(Path::getFileName))
          .toList();
      if (files.isEmpty()) {
        throw new IllegalArgumentException(
            "no .json or .json.gz in " + folder + "; generate patients first");
      }
      return files;
    }
  }

  private static int turn(Path file) {
    String name = file.getFileName().toString();
    return name.startsWith("hospitalInformation")
        ? 0
        : name.startsWith("practitionerInformation") ? 1 : 2;
  }

  private void load(Path file, Map<String, Integer> before)
      throws IOException, InterruptedException {
    ObjectNode bundle = read(file);
    // Organisations and practitioners come as a batch; the service takes transactions.
    bundle.put("type", "transaction");
    for (JsonNode entry : bundle.path("entry")) {
      String type = entry.at("/resource/resourceType").asString();
      if (!before.containsKey(type)) {
        before.put(type, total(type));
      }
    }
    long start = System.nanoTime();
    HttpResponse<String> response = send(request("")
        .header("Content-Type", "application/fhir+json")
        .POST(BodyPublishers.ofByteArray(JSON.writeValueAsBytes(bundle))));
    if (response.statusCode() != 200) {
      throw new IllegalStateException(
          "%s: %d %s".formatted(file.getFileName(), response.statusCode(), response.body()));
    }
    Duration loading = Duration.ofNanos(System.nanoTime() - start);
    JsonNode answers = JSON.readTree(response.body()).path("entry");
    if (answers.size() != bundle.path("entry").size()) {
      throw new IllegalStateException("%s: %d entries were answered with %d"
          .formatted(file.getFileName(), bundle.path("entry").size(), answers.size()));
    }
    List<String> keys = keys(bundle, answers);
    Map<String, String> byFullUrl = new HashMap<>();
    for (int i = 0; i < keys.size(); i++) {
      byFullUrl.put(bundle.at("/entry/" + i + "/fullUrl").asString(), keys.get(i));
    }
    for (int i = 0; i < keys.size(); i++) {
      ObjectNode expected = (ObjectNode) bundle.at("/entry/" + i + "/resource");
      point(expected, byFullUrl);
      boolean kept = answers.get(i).at("/response/status").asString().startsWith("200");
      compare(keys.get(i), expected, kept);
    }
    System.out.printf(
        "a bundle: %d resources in %d ms, read back in %d ms%n", // its file is named like the
        // patient
        keys.size(),
        loading.toMillis(),
        Duration.ofNanos(System.nanoTime() - start).minus(loading).toMillis());
  }

  private List<String> keys(ObjectNode bundle, JsonNode answers) {
    List<String> keys = new ArrayList<>();
    for (int i = 0; i < answers.size(); i++) {
      JsonNode resource = bundle.at("/entry/" + i + "/resource");
      String type = resource.path("resourceType").asString();
      String status = answers.get(i).at("/response/status").asString();
      String location = answers.get(i).at("/response/location").asString();
      String key = location.substring(0, location.indexOf("/_history/"));
      keys.add(key);
      sent.merge(type, 1, Integer::sum);
      if (status.startsWith("201")) {
        created.merge(type, 1, Integer::sum);
      } else if (!status.startsWith("200")) {
        differences.add("%s: answered with status %s".formatted(key, status));
      }
      for (JsonNode identifier : resource.path("identifier")) {
        byIdentifier.put(
            "%s?identifier=%s|%s"
                .formatted(
                    type,
                    identifier.path("system").asString(""),
                    identifier.path("value").asString("")),
            key);
      }
    }
    return keys;
  }

  /** Points the references of what was sent to where their targets are stored. */
  private void point(JsonNode node, Map<String, String> byFullUrl) {
    if (node instanceof ObjectNode object && object.path("reference").isString()) {
      String reference = object.path("reference").asString();
      String target = byFullUrl.getOrDefault(reference, byIdentifier.get(reference));
      if (target != null) {
        object.put("reference", target);
      }
    }
    for (JsonNode child : node) {
      point(child, byFullUrl);
    }
  }

  /** @param kept whether the service had it before: a conditional create then keeps what is on file, whatever was sent */
  private void compare(String key, ObjectNode expected, boolean kept)
      throws IOException, InterruptedException {
    HttpResponse<String> response = send(request("/" + key).GET());
    if (response.statusCode() != 200) {
      differences.add("%s: read answered with %d".formatted(key, response.statusCode()));
      return;
    }
    if (kept) {
      return;
    }
    String difference =
        difference("", meaning(expected), meaning((ObjectNode) JSON.readTree(response.body())));
    if (difference != null) {
      differences.add(key + difference);
    }
  }

  /** Without what the server gives: id, version and time. */
  private static ObjectNode meaning(ObjectNode resource) {
    resource.remove("id");
    if (resource.path("meta") instanceof ObjectNode meta) {
      meta.remove("versionId");
      meta.remove("lastUpdated");
      if (meta.isEmpty()) {
        resource.remove("meta");
      }
    }
    return resource;
  }

  /** The first difference, or null. */
  private static @Nullable String difference(String path, JsonNode sent, JsonNode got) {
    if (sent instanceof ObjectNode && got instanceof ObjectNode) {
      for (String name : sent.propertyNames()) {
        String difference = difference(path + "." + name, sent.path(name), got.path(name));
        if (difference != null) {
          return difference;
        }
      }
      for (String name : got.propertyNames()) {
        if (!sent.has(name)) {
          return "%s.%s was not sent".formatted(path, name);
        }
      }
      return null;
    }
    if (sent instanceof ArrayNode && got instanceof ArrayNode) {
      if (sent.size() != got.size()) {
        return "%s has %d values, not %d".formatted(path, got.size(), sent.size());
      }
      for (int i = 0; i < sent.size(); i++) {
        String difference = difference(path + "[" + i + "]", sent.get(i), got.get(i));
        if (difference != null) {
          return difference;
        }
      }
      return null;
    }
    if (sent.isNumber() && got.isNumber()) {
      // a decimal of another precision is another value in FHIR
      BigDecimal number = sent.decimalValue();
      return number.equals(got.decimalValue())
          ? null
          : "%s is %s, not %s".formatted(path, got, sent);
    }
    return sent.equals(got) ? null : "%s is %s, not %s".formatted(path, got, sent);
  }

  private int total(String type) throws IOException, InterruptedException {
    HttpResponse<String> response =
        send(request("/" + type + "?_total=accurate&_count=1").GET());
    if (response.statusCode() != 200) {
      throw new IllegalStateException(
          "%s cannot be counted: %d %s; start the service with botox.fhir.types=*"
              .formatted(type, response.statusCode(), response.body()));
    }
    JsonNode total = JSON.readTree(response.body()).path("total");
    if (!total.isIntegralNumber()) {
      throw new IllegalStateException(
          "a search for %s with _total=accurate was answered without a total".formatted(type));
    }
    return total.intValue();
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(base + path))
        .timeout(TIMEOUT)
        .header("Accept", "application/fhir+json");
  }

  private HttpResponse<String> send(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    return Captured.answer(http.send(request.build(), BodyHandlers.ofString()));
  }

  private static ObjectNode read(Path file) throws IOException {
    try (InputStream raw = new BufferedInputStream(Files.newInputStream(file));
        InputStream json = file.toString().endsWith(".gz") ? new GZIPInputStream(raw) : raw) {
      return (ObjectNode) JSON.readTree(json);
    }
  }
}
