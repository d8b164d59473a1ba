package org.botoxfhir.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.botoxfhir.helm.RenderedChart.INSTALLATION;
import static org.botoxfhir.helm.RenderedChart.at;
import static org.botoxfhir.helm.RenderedChart.container;
import static org.botoxfhir.helm.RenderedChart.environment;
import static org.botoxfhir.helm.RenderedChart.list;
import static org.botoxfhir.helm.RenderedChart.map;
import static org.botoxfhir.helm.RenderedChart.pod;
import static org.botoxfhir.helm.RenderedChart.withAll;

import com.marcnuri.helm.Helm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.util.FileSystemUtils;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** What a cluster is given, for each of the installations in {@code ci}. */
class HelmManifestsTest {
  private static final String ENDPOINT =
      "settings.management.opentelemetry.tracing.export.otlp.endpoint";

  /** Names of the files with values in {@code ci}. */
  static Stream<String> installations() throws IOException {
    try (Stream<Path> files = Files.list(RenderedChart.CHART.resolve("ci"))) {
      return files
          .map(file -> file.getFileName().toString().replace("-values.yaml", ""))
          .sorted()
          .toList()
          .stream();
    }
  }

  /** The other checks would be worth nothing otherwise. */
  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      spec.replicas | two | replicas
      spec.template.spec.terminationGracePeriodSeconds | 60s | terminationGracePeriodSeconds
      spec.template.spec.hostNetwrk | true | hostNetwrk is unknown
      spec.strategy.rollingUpdat | 1 | rollingUpdat is unknown
      metadata.labels | made-up | labels
      """)
  void aWrongTypeAndAnUnknownFieldAreFound(String place, String value, String named) {
    Map<String, Object> deployment = RenderedChart.of(INSTALLATION).the("Deployment");
    String[] steps = place.split("\\.");
    Map<String, Object> parent = deployment;
    for (int i = 0; i < steps.length - 1; i++) {
      parent = map(parent.get(steps[i]));
    }
    parent.put(steps[steps.length - 1], value);
    assertThat(KubernetesSchema.problems(deployment)).singleElement().asString().contains(named);
  }

  @Test
  void aNumberForATextIsFound() {
    Map<String, Object> deployment = RenderedChart.of(INSTALLATION).the("Deployment");
    map(list(at(container(deployment), "env")).getFirst()).put("value", 8080);
    assertThat(KubernetesSchema.problems(deployment)).hasSize(1);
  }

  @ParameterizedTest
  @MethodSource("installations")
  void theChartPassesTheStrictLint(String installation, @TempDir Path folder) throws IOException {
    Path chart = folder.resolve("botox-fhir");
    FileSystemUtils.copyRecursively(RenderedChart.CHART, chart);
    var yaml = new Yaml(new SafeConstructor(new LoaderOptions()));
    Map<String, Object> values = map(yaml.load(Files.readString(chart.resolve("values.yaml"))));
    merge(
        values,
        map(yaml.load(Files.readString(chart.resolve("ci/" + installation + "-values.yaml")))));
    Files.writeString(chart.resolve("values.yaml"), yaml.dump(values));

    var result = new Helm(chart).lint().strict().call();
    assertThat(result.isFailed()).as(result.getMessages().toString()).isFalse();
  }

  @ParameterizedTest
  @MethodSource("installations")
  void kubernetesKnowsEveryFieldAndTakesEveryValue(String installation) {
    assertThat(RenderedChart.of(installation, Map.of()).manifests())
        .hasSizeGreaterThan(5)
        .allSatisfy(manifest -> assertThat(KubernetesSchema.problems(manifest)).isEmpty());
  }

  @ParameterizedTest
  @MethodSource("installations")
  void podsFollowTheRestrictedPodSecurityStandard(String installation) {
    var rendered = RenderedChart.of(installation, Map.of());
    assertThat(Stream.concat(rendered.all("Deployment").stream(), rendered.all("Job").stream()))
        .isNotEmpty()
        .allSatisfy(workload -> {
          var pod = pod(workload);
          assertThat(pod)
              .containsEntry("automountServiceAccountToken", false)
              .doesNotContainKeys("hostNetwork", "hostPID", "hostIPC", "initContainers");
          assertThat(map(at(pod, "securityContext")))
              .containsEntry("runAsNonRoot", true)
              .containsEntry("seccompProfile", Map.of("type", "RuntimeDefault"));
          assertThat((int) at(pod, "securityContext", "runAsUser")).isPositive();
          assertThat(list(at(pod, "containers"))).hasSize(1);
          assertThat(map(at(container(workload), "securityContext")))
              .isEqualTo(Map.of(
                  "allowPrivilegeEscalation", false,
                  "readOnlyRootFilesystem", true,
                  "capabilities", Map.of("drop", List.of("ALL"))));
          assertThat(list(at(pod, "volumes")))
              .allSatisfy(volume -> assertThat(map(volume).keySet())
                  .hasSize(2)
                  .isSubsetOf("name", "configMap", "secret", "emptyDir"));
          assertThat(map(at(container(workload), "resources"))).containsKeys("requests", "limits");
        });
  }

  @Test
  void allProbesAskTheManagementPort() {
    var container = container(RenderedChart.of(INSTALLATION).the("Deployment"));
    for (var probe : List.of("startupProbe", "livenessProbe", "readinessProbe")) {
      assertThat(at(container, probe, "httpGet", "port")).as(probe).isEqualTo("management");
    }
    assertThat(at(container, "readinessProbe", "httpGet", "path"))
        .isEqualTo("/actuator/health/readiness");
  }

  @Test
  void theServiceExposesFhirOfThePodsThatServeAndNotTheManagementPort() {
    var rendered = RenderedChart.of("production", Map.of());
    var service = rendered.the("Service");
    assertThat(list(at(service, "spec", "ports")))
        .singleElement()
        .satisfies(port ->
            assertThat(map(port)).containsEntry("targetPort", "http").containsEntry("port", 80));
    var selector = map(at(service, "spec", "selector"));
    assertThat(selector)
        .isEqualTo(map(at(rendered.the("Deployment"), "spec", "selector", "matchLabels")));
    assertThat(rendered.all("Job"))
        .hasSize(2)
        .allSatisfy(job -> assertThat(
                map(at(job, "spec", "template", "metadata", "labels")).entrySet())
            .doesNotContain(Map.entry(
                "app.kubernetes.io/component", selector.get("app.kubernetes.io/component"))));
  }

  @Test
  void replicasAreForTheAutoscalerToChooseWhereThereIsOne() {
    assertThat(map(at(RenderedChart.of(INSTALLATION).the("Deployment"), "spec")))
        .containsEntry("replicas", 2);
    var rendered = RenderedChart.of("production", Map.of());
    assertThat(map(at(rendered.the("Deployment"), "spec"))).doesNotContainKey("replicas");
    assertThat(at(rendered.the("HorizontalPodAutoscaler"), "spec", "minReplicas"))
        .isEqualTo(3);
  }

  @Test
  void theOldPodsServeUntilANewOneIsReadyAndEndOnlyAfterTheirRequests() {
    var deployment = RenderedChart.of(INSTALLATION).the("Deployment");
    assertThat(map(at(deployment, "spec", "strategy", "rollingUpdate")))
        .containsEntry("maxUnavailable", 0);
    assertThat(container(deployment))
        .as("the service waits by itself")
        .doesNotContainKey("lifecycle");
  }

  @ParameterizedTest
  @CsvSource({"5s, 30s, 60", "90s, 2m, 235", "0s, 1500ms, 27"})
  void aPodIsKilledNoSoonerThanItsRequestsHadTheirTimeAndTheEventsOfTheseToo(
      String drain, String requests, int seconds) {
    var deployment = RenderedChart.of(withAll(Map.of(
            "settings.botox.shutdown.drain",
            drain,
            "settings.spring.lifecycle.timeout-per-shutdown-phase",
            requests)))
        .the("Deployment");
    assertThat(at(pod(deployment), "terminationGracePeriodSeconds")).isEqualTo(seconds);
  }

  @Test
  void jobsRunBeforeThePodsOfAReleaseTopicsFirstWithSettingsOfTheirOwn() {
    var rendered = RenderedChart.of("production", Map.of());
    var settings = rendered.named("ConfigMap", "made-up-botox-fhir-jobs");
    var topics = rendered.named("Job", "made-up-botox-fhir-topics");
    var migration = rendered.named("Job", "made-up-botox-fhir-migration");
    assertThat(List.of(settings, topics, migration))
        .allSatisfy(hook -> assertThat(annotations(hook))
            .containsEntry("was." + RenderedChart.HOOK, "pre-install,pre-upgrade"));
    assertThat(Stream.of(settings, topics, migration)
            .map(hook -> Integer.valueOf(
                (String) annotations(hook).get("was." + RenderedChart.HOOK + "-weight"))))
        .isSorted();
    assertThat(at(settings, "data")).isEqualTo(at(rendered.the("ConfigMap"), "data"));
    assertThat(environment(topics)).containsEntry("SPRING_PROFILES_ACTIVE", "topics");
    assertThat(environment(migration)).containsEntry("SPRING_PROFILES_ACTIVE", "migration");
    assertThat(RenderedChart.of("minimal", Map.of()).all("Job")).isEmpty();
    var withHooks = RenderedChart.command(RenderedChart.CHART);
    assertThat(RenderedChart.render(withHooks, withAll(Map.of("migration.job", true)))
            .all("Job"))
        .as("Helm takes it for a hook")
        .isEmpty();
  }

  @Test
  void turningMetricsOffLeavesNothingOfThem() {
    var rendered = RenderedChart.of("production", Map.of("metrics.enabled", false));
    assertThat(rendered.kinds()).doesNotContain("ServiceMonitor", "PrometheusRule");
    assertThat(rendered.all("Service")).hasSize(1);
    assertThat(rendered.all("ConfigMap")).hasSize(2);
    assertThat(rendered.applicationYaml()).contains("prometheus:\n      access: none");
    var annotated = RenderedChart.with("metrics.enabled", false).the("Deployment");
    assertThat(podAnnotations(annotated)).containsOnlyKeys("checksum/settings");
  }

  @Test
  void prometheusFindsThePodsByAnnotationsUntilTheseAreTurnedOff() {
    assertThat(podAnnotations(RenderedChart.of(INSTALLATION).the("Deployment")))
        .containsEntry("prometheus.io/scrape", "true")
        .containsEntry("prometheus.io/port", "8081")
        .containsEntry("prometheus.io/path", "/actuator/prometheus");
    assertThat(podAnnotations(RenderedChart.with("metrics.annotations", false).the("Deployment")))
        .containsOnlyKeys("checksum/settings");
  }

  @Test
  void theServiceMonitorFindsTheManagementPortAndOnlyThat() {
    var rendered = RenderedChart.of("production", Map.of());
    var management = rendered.named("Service", "made-up-botox-fhir-management");
    var selected = map(at(rendered.the("ServiceMonitor"), "spec", "selector", "matchLabels"))
        .entrySet();
    assertThat(map(at(management, "metadata", "labels")).entrySet()).containsAll(selected);
    assertThat(
            map(at(rendered.the("Service"), "metadata", "labels")).entrySet().containsAll(selected))
        .isFalse();
    assertThat(at(management, "spec", "clusterIP")).isEqualTo("None");
  }

  @Test
  void everyFileOfRulesAndEveryDashboardIsInstalledAsItIs(@TempDir Path folder) throws IOException {
    Path chart = folder.resolve("botox-fhir");
    FileSystemUtils.copyRecursively(RenderedChart.CHART, chart);
    Files.createDirectories(chart.resolve("alerts"));
    Files.createDirectories(chart.resolve("dashboards"));
    Files.writeString(chart.resolve("alerts/made-up.yaml"), """
        groups:
          - name: made-up
            rules:
              - alert: MadeUp
                expr: up == 0
                annotations: {summary: "{{ $labels.pod }} is away"}
        """);
    String dashboard = "{\"title\": \"made up\", \"legend\": \"{{pod}}\"}";
    Files.writeString(chart.resolve("dashboards/made-up.json"), dashboard);

    var rendered = RenderedChart.render(
        RenderedChart.command(chart),
        withAll(Map.of("metrics.rules.enabled", true, "metrics.dashboards.enabled", true)));
    var rules = rendered.the("PrometheusRule");
    assertThat(KubernetesSchema.problems(rules)).isEmpty();
    assertThat(
            list(at(rules, "spec", "groups")).stream().map(group -> map(group).get("name")))
        .contains("made-up");
    assertThat(rules.toString()).contains("{{ $labels.pod }} is away");
    var shown = rendered.named("ConfigMap", "made-up-botox-fhir-dashboard-made-up");
    assertThat(map(at(shown, "metadata", "labels"))).containsEntry("grafana_dashboard", "1");
    assertThat(((String) at(shown, "data", "made-up.json")).strip()).isEqualTo(dashboard);
  }

  @Test
  void onlyWhoIsNamedMaySpeakWithThePodsAndNobodyWhereNoneIs() {
    var policy = RenderedChart.of("production", Map.of()).the("NetworkPolicy");
    assertThat(list(at(policy, "spec", "policyTypes")).stream().map(String.class::cast))
        .containsExactly("Ingress", "Egress");
    assertThat(list(at(policy, "spec", "ingress"))).hasSize(2).allSatisfy(rule -> {
      assertThat(list(at(rule, "from"))).isNotEmpty();
      assertThat(list(at(rule, "ports"))).hasSize(1);
    });
    assertThat(list(at(policy, "spec", "egress")))
        .hasSize(4)
        .allSatisfy(rule -> assertThat(list(at(rule, "ports"))).isNotEmpty());

    var closed = RenderedChart.of(
        "minimal", Map.of("networkPolicy.clients", "null", "networkPolicy.operators", "null"));
    assertThat(list(at(closed.the("NetworkPolicy"), "spec", "ingress"))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "http://collector:4318/v1/traces, 4318",
    "https://[2001:db8::1]/v1/traces, 443",
    "http://collector/v1/traces, 80"
  })
  void tracesReachTheirReceiverOnceThereIsOneAndNobodyElseWhereItIsNamed(
      String endpoint, int port) {
    var none = RenderedChart.with("networkPolicy.traces[0].ipBlock.cidr", "192.0.2.1/32");
    assertThat(egress(none)).as("without an endpoint").hasSize(4);
    var anybody = RenderedChart.with(ENDPOINT, endpoint);
    assertThat(egress(anybody))
        .hasSize(5)
        .contains(Map.of("ports", List.of(Map.of("port", port, "protocol", "TCP"))));
    var named = RenderedChart.of(withAll(
        Map.of(ENDPOINT, endpoint, "networkPolicy.traces[0].ipBlock.cidr", "192.0.2.1/32")));
    assertThat(egress(named))
        .hasSize(5)
        .contains(Map.of(
            "ports",
            List.of(Map.of("port", port, "protocol", "TCP")),
            "to",
            List.of(Map.of("ipBlock", Map.of("cidr", "192.0.2.1/32")))));
  }

  private static List<Map<String, Object>> egress(RenderedChart rendered) {
    return list(at(rendered.the("NetworkPolicy"), "spec", "egress")).stream()
        .map(RenderedChart::map)
        .toList();
  }

  @Test
  void everyRouteLeadsToFhirAndNowhereElse() {
    var ingress = RenderedChart.of("no-operator", Map.of()).the("Ingress");
    assertThat(list(at(ingress, "spec", "rules")))
        .singleElement()
        .satisfies(rule -> assertThat(list(at(rule, "http", "paths")))
            .singleElement()
            .satisfies(path -> assertThat(map(path)).containsEntry("path", "/fhir")));
    var route = RenderedChart.of("production", Map.of()).the("HTTPRoute");
    assertThat(list(at(route, "spec", "rules")))
        .singleElement()
        .satisfies(rule -> assertThat(at(list(at(rule, "matches")).getFirst(), "path", "value"))
            .isEqualTo("/fhir"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"CustomResourceDefinition", "ServiceMonitor", "PrometheusRule", "HTTPRoute"})
  void withoutOperatorsNothingIsSentThatAClusterDoesNotKnow(String kind) {
    assertThat(RenderedChart.of("no-operator", Map.of()).kinds()).doesNotContain(kind);
    assertThat(RenderedChart.of("minimal", Map.of()).kinds()).doesNotContain(kind);
  }

  @Test
  void aDigestNamesTheImageExactly() {
    String digest = "sha256:" + "0".repeat(64);
    assertThat(at(container(RenderedChart.with("image.digest", digest).the("Deployment")), "image"))
        .isEqualTo("botox-fhir@" + digest);
  }

  private static Map<String, Object> annotations(Map<String, Object> manifest) {
    return map(at(manifest, "metadata", "annotations"));
  }

  private static Map<String, Object> podAnnotations(Map<String, Object> deployment) {
    return map(at(deployment, "spec", "template", "metadata", "annotations"));
  }

  /** As Helm does it: objects by their names, everything else as a whole. */
  private static void merge(Map<String, Object> values, Map<String, Object> more) {
    more.forEach((name, value) -> {
      if (value instanceof Map<?, ?> && values.get(name) instanceof Map<?, ?> held) {
        Map<String, Object> merged = new LinkedHashMap<>(map(held));
        merge(merged, map(value));
        values.put(name, merged);
      } else {
        values.put(name, value);
      }
    });
  }
}
