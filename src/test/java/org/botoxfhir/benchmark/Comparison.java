package org.botoxfhir.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Two files of {@link Results}, side by side. */
final class Comparison {
  private Comparison() {}

  /** For each row and measure that both have: what it was, what it is, and the second in terms of the first. */
  static String table(Path before, Path after) throws IOException {
    JsonNode old = read(before);
    JsonNode now = read(after);
    var table = new StringBuilder("%-28s%-34s%12s%12s%9s%n"
        .formatted("", "", old.path("commit").asString(), now.path("commit").asString(), "ratio"));
    Map<String, JsonNode> others = rows(now);
    rows(old).forEach((name, row) -> {
      JsonNode other = others.get(name);
      if (other != null) {
        row.properties().forEach(measure -> {
          if (other.has(measure.getKey())) {
            double was = measure.getValue().asDouble();
            double is = other.path(measure.getKey()).asDouble();
            table.append(String.format(
                Locale.ROOT,
                "%-28s%-34s%12.2f%12.2f%8.2fx%n",
                name,
                measure.getKey(),
                was,
                is,
                is / was));
          }
        });
      }
    });
    return table.toString();
  }

  /** The value of the second name in terms of that of the first. */
  static double ratio(Map<String, Double> values, String before, String after) {
    return Objects.requireNonNull(values.get(after)) / Objects.requireNonNull(values.get(before));
  }

  private static Map<String, JsonNode> rows(JsonNode results) {
    Map<String, JsonNode> rows = new LinkedHashMap<>();
    results.path("rows").forEach(row -> rows.put(row.path("name").asString(), row.path("median")));
    return rows;
  }

  private static JsonNode read(Path file) throws IOException {
    return JsonMapper.shared().readTree(Files.readString(file));
  }
}
