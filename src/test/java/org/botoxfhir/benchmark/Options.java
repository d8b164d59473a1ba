package org.botoxfhir.benchmark;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What the command line says.
 *
 * @param names all that is no option: workloads, or numbers of patients
 * @param patients on file
 * @param connections of the clients
 * @param warmUp before the first pass of each workload
 * @param time of a pass
 * @param passes of which the median counts
 * @param audit whether each interaction is put on record
 * @param java options of the service's JVM
 * @param jar the packaged service; null for what is compiled
 * @param name of the files in {@code target/benchmark}
 */
record Options(
    List<String> names,
    int patients,
    int connections,
    Duration warmUp,
    Duration time,
    int passes,
    boolean audit,
    List<String> java,
    @Nullable Path jar,
    String name) {

  /** What the JVM gets from the chart's defaults: a pod of 1 GiB, half of it heap, where the JVM takes this collector. */
  private static final List<String> JAVA = List.of("-Xmx512m", "-XX:+UseSerialGC");

  private static final Set<String> KNOWN = new TreeSet<>(Set.of(
      "--patients",
      "--connections",
      "--warm-up",
      "--seconds",
      "--passes",
      "--no-audit",
      "--java",
      "--jar",
      "--name"));

  /** For workloads. */
  static Options ofWorkloads(List<String> arguments) {
    return parse(arguments, "fhir", 16, 15, 20, 3);
  }

  /** For the growth of costs: few connections, so that times are those of the work and not of waiting for a processor. */
  static Options ofGrowth(List<String> arguments) {
    return parse(arguments, "fhir-growth", 2, 3, 6, 1);
  }

  private static Options parse(
      List<String> arguments, String name, int connections, int warmUp, int seconds, int passes) {
    Map<String, String> given = new HashMap<>();
    given.put("--patients", "1000");
    given.put("--connections", Integer.toString(connections));
    given.put("--warm-up", Integer.toString(warmUp));
    given.put("--seconds", Integer.toString(seconds));
    given.put("--passes", Integer.toString(passes));
    given.put("--name", name);
    List<String> names = new ArrayList<>();
    List<String> java = new ArrayList<>();
    for (String argument : arguments) {
      String[] parts = argument.split("=", 2);
      String value = parts.length == 2 ? parts[1] : "";
      if (!argument.startsWith("-")) {
        names.add(argument);
      } else if (!KNOWN.contains(parts[0]) || parts[0].equals("--no-audit") != value.isEmpty()) {
        throw new IllegalArgumentException(
            "%s is no option; there are %s, --no-audit without a value"
                .formatted(argument, String.join("=, ", KNOWN)));
      } else if (parts[0].equals("--java")) {
        java.add(value);
      } else {
        given.put(parts[0], value);
      }
    }
    String jar = given.get("--jar");
    return new Options(
        names,
        number(given, "--patients"),
        number(given, "--connections"),
        Duration.ofSeconds(number(given, "--warm-up")),
        Duration.ofSeconds(number(given, "--seconds")),
        number(given, "--passes"),
        !given.containsKey("--no-audit"),
        java.isEmpty() ? JAVA : java,
        jar == null ? null : Path.of(jar),
        Objects.requireNonNull(given.get("--name")));
  }

  private static int number(Map<String, String> given, String option) {
    String value = Objects.requireNonNull(given.get(option));
    if (!value.matches("[1-9]\\d{0,8}")) {
      throw new IllegalArgumentException(
          "%s=%s is no whole number over zero".formatted(option, value));
    }
    return Integer.parseInt(value);
  }
}
