package org.botoxfhir.telemetry;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * An expression in Prometheus' language.
 *
 * @param place where it stands, for whoever has to find it
 * @param text with Grafana's variables replaced by values
 */
record Expression(String place, String text) {
  private static final Path CHART = Path.of("helm/botox-fhir");
  static final Path RULES = CHART.resolve("alerts/botox-fhir.yaml");
  static final Path DASHBOARD = CHART.resolve("dashboards/botox-fhir.json");

  /** What does not name a metric: text, labels, periods, and what is grouped by. */
  private static final Pattern BESIDE = Pattern.compile(
      "\"(\\\\.|[^\"\\\\])*\"|\\[[^\\]]*\\]|\\{[^}]*\\}|\\b(by|without|on|ignoring|group_left|group_right)\\s*\\([^)]*\\)");

  /** A name that is not called: functions are. */
  private static final Pattern NAME =
      Pattern.compile("[a-zA-Z_:][a-zA-Z0-9_:]*(?!\\s*\\(|[a-zA-Z0-9_:])");

  private static final Pattern SELECTOR =
      Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)\\{((?:\"(?:\\\\.|[^\"\\\\])*\"|[^}\"])*)\\}");
  private static final Pattern LABEL = Pattern.compile("([a-zA-Z_]\\w*)\\s*(?:=~|!~|!=|=)\\s*\"");
  private static final Set<String> KEYWORDS = Set.of("and", "or", "unless", "bool", "offset");

  /** An alert of the rules. */
  record Alert(
      String name,
      String expression,
      Map<String, String> labels,
      Map<String, String> annotations) {}

  /** All of the dashboard and of the rules. */
  static List<Expression> all() {
    return Stream.concat(dashboard().stream(), rules().stream()).toList();
  }

  static List<Expression> rules() {
    return alerts().stream()
        .map(alert -> new Expression("alert " + alert.name(), alert.expression()))
        .toList();
  }

  static List<Alert> alerts() {
    Map<?, ?> file = new Yaml(new SafeConstructor(new LoaderOptions())).load(read(RULES));
    List<Alert> alerts = new ArrayList<>();
    for (Object group : (List<?>) Objects.requireNonNull(file.get("groups"))) {
      for (Object rule : (List<?>) Objects.requireNonNull(((Map<?, ?>) group).get("rules"))) {
        var one = (Map<?, ?>) rule;
        alerts.add(new Alert(
            String.valueOf(one.get("alert")),
            String.valueOf(one.get("expr")),
            texts(Objects.requireNonNull(one.get("labels"))),
            texts(Objects.requireNonNull(one.get("annotations")))));
      }
    }
    return alerts;
  }

  private static Map<String, String> texts(Object map) {
    return ((Map<?, ?>) map)
        .entrySet().stream()
            .collect(Collectors.toMap(
                entry -> String.valueOf(entry.getKey()),
                entry -> String.valueOf(entry.getValue())));
  }

  static List<Expression> dashboard() {
    List<Expression> expressions = new ArrayList<>();
    for (JsonNode panel : JsonMapper.shared().readTree(read(DASHBOARD)).path("panels")) {
      for (JsonNode target : panel.path("targets")) {
        expressions.add(new Expression(
            "panel '" + panel.path("title").asString() + "'",
            target.path("expr").asString().replace("$__rate_interval", "5m")));
      }
    }
    return expressions;
  }

  static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The names of the metrics that it asks for. */
  Set<String> metrics() {
    return NAME.matcher(BESIDE.matcher(text).replaceAll(" "))
        .results()
        .map(MatchResult::group)
        .filter(name -> !KEYWORDS.contains(name))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** What it picks series by: metric and label, as {@code metric{label}}. */
  Set<String> labels() {
    return SELECTOR
        .matcher(text)
        .results()
        .flatMap(selector -> LABEL
            .matcher(selector.group(2))
            .results()
            .map(label -> selector.group(1) + "{" + label.group(1) + "}"))
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
