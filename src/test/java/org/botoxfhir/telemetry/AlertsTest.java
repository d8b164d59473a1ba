package org.botoxfhir.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.botoxfhir.telemetry.Expression.Alert;
import org.botoxfhir.testing.NodePackages;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What calls somebody at night says what it means, and fires when it should. */
class AlertsTest {
  private static final Path RUNBOOKS = Path.of("docs/runbooks");

  static List<Alert> alerts() {
    return Expression.alerts();
  }

  @ParameterizedTest
  @MethodSource("alerts")
  void anAlertHasASeverityASummaryAndAPageThatBeginsWithPatients(Alert alert) throws IOException {
    assertThat(alert.labels().get("severity")).isIn("critical", "warning");
    assertThat(alert.annotations().get("summary")).isNotBlank();
    assertThat(alert.annotations().get("description")).isNotBlank();
    Path page = RUNBOOKS.resolve(alert.name() + ".md");
    assertThat(alert.annotations().get("runbook")).isEqualTo(page.toString());

    List<String> headings =
        Files.readString(page).lines().filter(line -> line.startsWith("#")).toList();
    assertThat(headings)
        .containsExactly(
            "# " + alert.name(),
            "## What it means for patients",
            "## First look",
            "## Mend",
            "## When to call others");
  }

  @Test
  void everyPageBelongsToAnAlert() throws IOException {
    try (Stream<Path> pages = Files.list(RUNBOOKS)) {
      assertThat(pages.map(page -> page.getFileName().toString()))
          .containsExactlyInAnyOrderElementsOf(
              alerts().stream().map(alert -> alert.name() + ".md").toList());
    }
  }

  @Test
  void aPageNamesNoAddressButThatOfTheManagementPort() throws IOException {
    Set<String> addresses = new TreeSet<>();
    for (Alert alert : alerts()) {
      Files.readString(RUNBOOKS.resolve(alert.name() + ".md"))
          .lines()
          .filter(line -> line.contains("http://"))
          .map(line -> line.replaceAll(".*(http://[^/ ]+/\\w+).*", "$1"))
          .forEach(addresses::add);
    }
    assertThat(addresses)
        .isSubsetOf("http://localhost:8081/actuator", "http://localhost:8080/fhir");
  }

  @Test
  void everyExpressionIsPromqlAndNamesTheMetricsThatItIsTakenToName(@TempDir Path folder)
      throws IOException {
    assumeTrue(NodePackages.available(), "Node.js with npm is not installed");
    NodePackages.install();
    List<Expression> expressions = Expression.all();
    Path file = Files.writeString(
        folder.resolve("expressions.json"),
        JsonMapper.shared()
            .writeValueAsString(expressions.stream().map(Expression::text).toList()));

    var outcome = NodePackages.node("promql.mjs", file.toString());

    assertThat(outcome.status()).as(outcome.output()).isZero();
    JsonNode named =
        JsonMapper.shared().readTree(outcome.output().lines().toList().getLast());
    assertThat(named).hasSameSizeAs(expressions);
    for (int i = 0; i < expressions.size(); i++) {
      assertThat(named.get(i).valueStream().map(JsonNode::asString))
          .as(expressions.get(i).toString())
          .containsExactlyElementsOf(expressions.get(i).metrics());
    }
  }

  /** The cases are those of {@code src/test/prometheus}. */
  @Test
  void everyAlertFiresWhenItShouldAndNoneWhileAllIsWell() throws Exception {
    assumeTrue(
        NodePackages.starts("promtool", "--version"),
        "promtool is not installed (Debian: apt-get install prometheus)");
    Path cases = Path.of("src/test/prometheus/alerts-test.yaml");
    assertThat(alerts().stream()
            .map(Alert::name)
            .filter(name -> !Expression.read(cases).contains('"' + name + '"')))
        .as("alerts that no case makes fire")
        .isEmpty();

    Process promtool = new ProcessBuilder("promtool", "test", "rules", cases.toString())
        .redirectErrorStream(true)
        .start();
    String output = new String(promtool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(promtool.waitFor()).as(output).isZero();
  }

  @Test
  void thePanelsOfTheDashboardAreNumberedOnceAndLieWithinItsWidth() {
    JsonNode panels =
        JsonMapper.shared().readTree(Expression.read(Expression.DASHBOARD)).path("panels");
    assertThat(
            panels.valueStream().map(panel -> panel.path("id").asInt()).collect(Collectors.toSet()))
        .hasSize(panels.size());
    assertThat(panels.valueStream())
        .allSatisfy(panel -> assertThat(
                panel.at("/gridPos/x").asInt() + panel.at("/gridPos/w").asInt())
            .isLessThanOrEqualTo(24));
    assertThat(panels
            .valueStream()
            .filter(panel -> panel.path("type").asString().equals("row"))
            .map(panel -> panel.path("title").asString()))
        .containsExactly("Overview", "FHIR", "Events", "Database", "Process");
  }
}
