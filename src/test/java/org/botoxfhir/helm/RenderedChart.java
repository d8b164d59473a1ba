package org.botoxfhir.helm;

import static org.assertj.core.api.Assertions.assertThat;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.TemplateCommand;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.springframework.util.FileSystemUtils;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * What the chart makes of an installation's values.
 *
 * @param manifests as they are sent to Kubernetes
 */
record RenderedChart(List<Map<String, Object>> manifests) {
  static final Path CHART = Path.of("helm/botox-fhir");

  /** What makes a manifest a hook. */
  static final String HOOK = "helm.sh/hook";

  private static final class Copy {
    static final Path WITHOUT_HOOKS = withoutHooks(CHART);
  }

  /** The least that an installation gives. */
  static final Map<String, Object> INSTALLATION = Map.of(
      "settings.spring.datasource.url", "jdbc:postgresql://db.example:5432/fhir",
      "settings.botox.kafka.bootstrap-servers", "kafka.example:9092",
      "settings.botox.security.authenticating-gateway", true,
      "secrets.database", "made-up-database",
      "secrets.events", "made-up-events");

  static RenderedChart of(Map<String, Object> values) {
    return render(command(Copy.WITHOUT_HOOKS), values);
  }

  /** @param file values that come with the chart, e.g. {@code minimal} @param values that win over them */
  static RenderedChart of(String file, Map<String, Object> values) {
    return render(
        command(Copy.WITHOUT_HOOKS).withValuesFile(CHART.resolve("ci/" + file + "-values.yaml")),
        values);
  }

  /** The least that an installation gives, and one value more. */
  static RenderedChart with(String name, Object value) {
    return of(withAll(Map.of(name, value)));
  }

  static Map<String, Object> withAll(Map<String, Object> more) {
    return Stream.concat(INSTALLATION.entrySet().stream(), more.entrySet().stream())
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue, (_, last) -> last));
  }

  /** A copy of the chart: the library leaves hooks out of what it renders, so here they are manifests like any other. */
  static Path withoutHooks(Path chart) {
    try {
      Path copy = Files.createTempDirectory("chart").resolve("botox-fhir");
      FileSystemUtils.copyRecursively(chart, copy);
      Path jobs = copy.resolve("templates/jobs.yaml");
      Files.writeString(jobs, Files.readString(jobs).replace(HOOK, "was." + HOOK));
      return copy;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static TemplateCommand command(Path chart) {
    return new Helm(chart)
        .template()
        .withName("made-up")
        .withNamespace("clinic")
        .withKubeVersion("1.30.0");
  }

  static RenderedChart render(TemplateCommand command, Map<String, Object> values) {
    values.forEach(command::set);
    var yaml = new Yaml(new SafeConstructor(new LoaderOptions()));
    return new RenderedChart(StreamSupport.stream(yaml.loadAll(command.call()).spliterator(), false)
        .filter(Map.class::isInstance)
        .<Map<String, Object>>map(RenderedChart::map)
        .toList());
  }

  /** All of a kind. */
  List<Map<String, Object>> all(String kind) {
    return manifests.stream()
        .filter(manifest -> kind.equals(manifest.get("kind")))
        .toList();
  }

  /** The one of a kind that has the name of the release; hooks and what is for Prometheus and Grafana have longer names. */
  Map<String, Object> the(String kind) {
    return named(kind, "made-up-botox-fhir");
  }

  Map<String, Object> named(String kind, String name) {
    var found = all(kind).stream()
        .filter(manifest -> name.equals(at(manifest, "metadata", "name")))
        .toList();
    assertThat(found).as("%s %s", kind, name).hasSize(1);
    return found.getFirst();
  }

  List<String> kinds() {
    return manifests.stream().map(manifest -> (String) manifest.get("kind")).toList();
  }

  /** What a Deployment or a Job makes pods of. */
  static Map<String, Object> pod(Map<String, Object> workload) {
    return map(at(workload, "spec", "template", "spec"));
  }

  static Map<String, Object> container(Map<String, Object> workload) {
    return map(list(at(pod(workload), "containers")).getFirst());
  }

  /** Environment variable to "secret/key". */
  static Map<String, String> secrets(Map<String, Object> workload) {
    return list(at(container(workload), "env")).stream()
        .map(RenderedChart::map)
        .filter(variable -> variable.containsKey("valueFrom"))
        .collect(Collectors.toMap(
            variable -> (String) at(variable, "name"),
            variable -> at(variable, "valueFrom", "secretKeyRef", "name") + "/"
                + at(variable, "valueFrom", "secretKeyRef", "key")));
  }

  /** Environment variable to value, without those from secrets. */
  static Map<String, String> environment(Map<String, Object> workload) {
    return list(at(container(workload), "env")).stream()
        .map(RenderedChart::map)
        .filter(variable -> variable.containsKey("value"))
        .collect(Collectors.toMap(
            variable -> (String) at(variable, "name"), variable -> (String) at(variable, "value")));
  }

  /** The settings that the pods of the service find. */
  String applicationYaml() {
    return (String) at(the("ConfigMap"), "data", "application.yaml");
  }

  static Object at(Object tree, String... path) {
    Object node = tree;
    for (String name : path) {
      var parent = map(node);
      assertThat(parent.containsKey(name))
          .as("%s in %s", name, Stream.of(path).toList())
          .isTrue();
      node = parent.get(name);
    }
    return node;
  }

  @SuppressWarnings("unchecked")
  static Map<String, Object> map(Object node) {
    return (Map<String, Object>) node;
  }

  static List<?> list(Object node) {
    return (List<?>) node;
  }
}
