package org.botoxfhir.benchmark;

import java.util.Arrays;
import java.util.Collection;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Measured times in milliseconds, ascending. */
final class Latencies {
  static final double[] PERCENTILES = {50, 75, 90, 95, 99, 99.9};

  private final double[] sorted;

  private Latencies(double[] sorted) {
    this.sorted = sorted;
  }

  static Latencies of(Collection<Double> milliseconds) {
    return of(milliseconds.stream().mapToDouble(Double::doubleValue).toArray());
  }

  /** @param milliseconds are sorted, and not copied */
  static Latencies of(double[] milliseconds) {
    Arrays.sort(milliseconds);
    return new Latencies(milliseconds);
  }

  int size() {
    return sorted.length;
  }

  /** The smallest value that {@code percent} of all do not exceed. */
  double percentile(double percent) {
    int rank = (int) Math.ceil(percent / 100 * sorted.length);
    return sorted[Math.clamp(rank - 1, 0, sorted.length - 1)];
  }

  ObjectNode json() {
    ObjectNode json = JsonMapper.shared().createObjectNode();
    json.put("count", sorted.length);
    if (sorted.length > 0) {
      for (double percent : PERCENTILES) {
        json.put(
            "p" + (percent == 99.9 ? "99.9" : Integer.toString((int) percent)), rounded(percent));
      }
      json.put("max", rounded(100));
    }
    return json;
  }

  private double rounded(double percent) {
    return Math.round(percentile(percent) * 100) / 100.0;
  }
}
