package org.botoxfhir.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.Fhir.Answer;
import org.botoxfhir.testing.ServiceTest;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalManagementPort;

/** Whatever names a metric names one that the service has, and no metric of ours is named nowhere. */
@ServiceTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MetricNamesTest {
  private static final Path TABLE = Path.of("docs/telemetry.md");
  private static final Pattern ROW =
      Pattern.compile("^\\| `(botox(?:\\.[a-z]+)+)` \\(`(botox_[a-z_]+)`\\)");
  private static final Pattern PROMETHEUS = Pattern.compile("`(botox_[a-z_]+)(?=[`{])");
  private static final Pattern SAMPLE = Pattern.compile("(?m)^([a-z_]\\w*)(?:\\{(.*)\\})? \\S+$");
  private static final Pattern LABEL = Pattern.compile("(\\w+)=\"");

  /** There only where something is configured that this service does not have; another test shows each. */
  private static final Set<String> WHERE_CONFIGURED =
      Set.of("ssl_chain_expiry_seconds"); // EncryptedConnectionsTest

  /** Labels that a scrape adds. */
  private static final Set<String> OF_THE_SCRAPE = Set.of("job", "instance", "namespace", "pod");

  @Autowired
  private Fhir fhir;

  @LocalManagementPort
  private int managementPort;

  /** Labels by name of a sample, as Prometheus would store it. */
  private Map<String, Set<String>> samples = Map.of();

  /** Some metrics come with the first of their kind. */
  @BeforeAll
  void scrape() throws IOException {
    String report =
        Files.readString(Path.of("src/test/resources/examples/chronic-migraine-report.json"));
    String id = fhir.post("QuestionnaireResponse", report).json().path("id").asString();
    fhir.get("Patient?_summary=count");
    Fhir management = new Fhir(URI.create("http://127.0.0.1:" + managementPort + "/actuator"));
    String replay = "{\"of\": \"QuestionnaireResponse/%s\", \"into\": \"original\"}".formatted(id);
    // what is not published yet cannot be sent again
    await("the report in Kafka, and again").until(() -> {
      Answer replayed =
          management.post("replay", replay, "Accept", "*/*", "Content-Type", "application/json");
      assertThat(replayed.status()).as(replayed.body()).isEqualTo(200);
      return replayed.json().path("replayed").asInt() > 0;
    });
    await("the count of it").until(() -> {
      samples = samples(management.get("prometheus", "Accept", "*/*").body());
      return samples.containsKey("botox_events_replayed_total");
    });
  }

  private static Map<String, Set<String>> samples(String exposition) {
    Map<String, Set<String>> samples = new HashMap<>();
    SAMPLE.matcher(exposition).results().forEach(sample -> {
      Set<String> labels = samples.computeIfAbsent(sample.group(1), name -> new TreeSet<>());
      if (sample.group(2) != null) {
        LABEL.matcher(sample.group(2)).results().forEach(label -> labels.add(label.group(1)));
      }
    });
    return samples;
  }

  @Test
  void everyMetricOfTheDashboardAndTheAlertsExists() {
    Map<String, Set<String>> missing = new HashMap<>();
    for (Expression expression : Expression.all()) {
      Set<String> unknown = expression.metrics();
      unknown.removeAll(samples.keySet());
      unknown.removeAll(WHERE_CONFIGURED);
      if (!unknown.isEmpty()) {
        missing.put(expression.place(), unknown);
      }
    }
    assertThat(missing).isEmpty();
  }

  @Test
  void everyLabelThatSeriesArePickedByExists() {
    Map<String, Set<String>> missing = new HashMap<>();
    for (Expression expression : Expression.all()) {
      Set<String> unknown = expression.labels().stream()
          .filter(picked -> {
            String metric = picked.substring(0, picked.indexOf('{'));
            String label = picked.substring(metric.length() + 1, picked.length() - 1);
            return !OF_THE_SCRAPE.contains(label)
                && !samples.getOrDefault(metric, Set.of()).contains(label);
          })
          .collect(Collectors.toSet());
      if (!unknown.isEmpty()) {
        missing.put(expression.place(), unknown);
      }
    }
    assertThat(missing).isEmpty();
  }

  @Test
  void everyMetricOfOursIsOnTheDashboardOrInAnAlert() {
    Set<String> named = Expression.all().stream()
        .flatMap(expression -> expression.metrics().stream())
        .map(MetricNamesTest::family)
        .collect(Collectors.toSet());
    assertThat(families()).isSubsetOf(named);
  }

  private Set<String> families() {
    return Stream.concat(samples.keySet().stream(), WHERE_CONFIGURED.stream())
        .filter(name -> name.startsWith("botox_"))
        .map(MetricNamesTest::family)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static String family(String sample) {
    return sample.replaceFirst("_(bucket|count|sum|max|total)$", "");
  }

  @Test
  void everyMetricOfOursIsInTheTableAndEveryMetricOfTheTableExists() {
    Set<String> described = new TreeSet<>();
    for (String line : Expression.read(TABLE).lines().toList()) {
      Matcher row = ROW.matcher(line);
      if (row.find()) {
        assertThat(row.group(2)).as(line).startsWith(row.group(1).replace('.', '_'));
        described.add(family(row.group(2)));
      }
    }
    assertThat(described).isEqualTo(families());
  }

  @Test
  void whatTheDocumentsCallAMetricIsOne() throws IOException {
    Set<String> named = new TreeSet<>();
    try (var documents = Files.walk(Path.of("docs"))) {
      for (Path document :
          (Iterable<Path>) documents.filter(file -> file.toString().endsWith(".md"))::iterator) {
        PROMETHEUS
            .matcher(Files.readString(document))
            .results()
            .map((MatchResult name) -> family(name.group(1)))
            .forEach(named::add);
      }
    }
    assertThat(named).isSubsetOf(families());
  }

  @Test
  void noLabelHoldsWhatClientsMakeUp() {
    fhir.get("Patient/made-up-number-of-nobody");
    fhir.get("NoSuchType-of-nobody/1");
    fhir.get("Patient/1/$no-such-operation-of-nobody");
    fhir.send("FROBNICATE-of-nobody", "Patient/1", BodyPublishers.noBody());
    Fhir management = new Fhir(URI.create("http://127.0.0.1:" + managementPort + "/actuator"));
    assertThat(management.get("prometheus", "Accept", "*/*").body()).doesNotContain("-of-nobody");
  }
}
