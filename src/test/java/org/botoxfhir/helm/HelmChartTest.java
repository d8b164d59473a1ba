package org.botoxfhir.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.TemplateCommand;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.handler.NoUnboundElementsBindHandler;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.context.annotation.ClassPathScanningCandidateComponentProvider;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.core.type.filter.AnnotationTypeFilter;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

class HelmChartTest {
  private static final Path CHART = Path.of("helm/botox-fhir");

  /** The least that an installation gives. */
  private static final Map<String, Object> INSTALLATION = Map.of(
      "settings.spring.datasource.url", "jdbc:postgresql://db.example:5432/fhir",
      "settings.botox.kafka.bootstrap-servers", "kafka.example:9092",
      "settings.botox.security.authenticating-gateway", true,
      "secrets.database", "made-up-database",
      "secrets.events", "made-up-events");

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      secrets.database | secrets.database is missing: the name of an existing secret with the keys username and password
      secrets.events | secrets.events is missing: the name of an existing secret with the key pseudonym-key
      settings.spring.datasource.url | settings.spring.datasource.url is missing: the JDBC URL
      settings.botox.kafka.bootstrap-servers | settings.botox.kafka.bootstrap-servers is missing: host:port
      settings.botox.security.authenticating-gateway | settings.botox.security.authenticating-gateway=true
      """)
  void anInstallationThatLeavesOutWhatTheServiceNeedsIsToldWhat(String leftOut, String message) {
    var values = new HashMap<>(INSTALLATION);
    values.remove(leftOut);
    assertThatThrownBy(() -> render(values)).hasMessageContaining(message);
  }

  @Test
  void anIssuerNeedsAudiencesAndThenNoGateway() {
    var values = new HashMap<>(INSTALLATION);
    values.remove("settings.botox.security.authenticating-gateway");
    values.put("settings.botox.security.issuer", "https://login.example.org/realms/clinic");
    assertThatThrownBy(() -> render(values))
        .hasMessageContaining("settings.botox.security.audiences is missing");
    values.put("settings.botox.security.audiences[0]", "https://fhir.example.org/fhir");
    assertThat(render(values)).isNotEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "settings.botox.kafka.bootstrap-server, kafka.example:9092",
    "settings.spring.datasource.password, made-up",
    "replicaCount, 3",
    "settings.botox.fhir.referential-integrity, sometimes",
    "settings.spring.datasource.url, jdbc:mysql://db.example/fhir"
  })
  void aValueThatTheChartDoesNotKnowIsRefused(String name, String value) {
    var values = new HashMap<>(INSTALLATION);
    values.put(name, value);
    assertThatThrownBy(() -> render(values))
        .hasMessageContaining("values don't meet the specifications of the schema");
  }

  @Test
  void theChartPassesTheStrictLint() {
    var result = new Helm(CHART).lint().strict().call();
    assertThat(result.isFailed()).as(result.getMessages().toString()).isFalse();
  }

  @Test
  void twoReplicasRunWithoutAnyPrivilege() {
    var deployment = renderedOnce("Deployment");
    assertThat(at(deployment, "spec", "replicas")).isEqualTo(2);
    var pod = map(at(deployment, "spec", "template", "spec"));
    assertThat(at(pod, "automountServiceAccountToken")).isEqualTo(false);
    assertThat(map(at(pod, "securityContext")))
        .containsEntry("runAsNonRoot", true)
        .containsEntry("seccompProfile", Map.of("type", "RuntimeDefault"));
    assertThat(map(at(container(deployment), "securityContext")))
        .isEqualTo(Map.of(
            "allowPrivilegeEscalation", false,
            "readOnlyRootFilesystem", true,
            "capabilities", Map.of("drop", List.of("ALL"))));
    assertThat(map(at(container(deployment), "resources"))).containsKeys("requests", "limits");
  }

  @Test
  void allProbesAskTheManagementPort() {
    var container = container(renderedOnce("Deployment"));
    for (var probe : List.of("startupProbe", "livenessProbe", "readinessProbe")) {
      assertThat(at(container, probe, "httpGet", "port")).as(probe).isEqualTo("management");
    }
    assertThat(at(container, "readinessProbe", "httpGet", "path"))
        .isEqualTo("/actuator/health/readiness");
  }

  @Test
  void theServiceExposesFhirAndNotTheManagementPort() {
    var service = renderedOnce("Service");
    assertThat(list(at(service, "spec", "ports")))
        .singleElement()
        .satisfies(port ->
            assertThat(map(port)).containsEntry("targetPort", "http").containsEntry("port", 80));
    assertThat(map(at(service, "spec", "selector")))
        .isEqualTo(map(at(renderedOnce("Deployment"), "spec", "selector", "matchLabels")));
  }

  @Test
  void aPodRestartsWhenASettingChanges() {
    var values = new HashMap<>(INSTALLATION);
    values.put("settings.botox.fhir.search-timeout", "5s");
    assertThat(checksum(render(values))).isNotEqualTo(checksum(render(INSTALLATION)));
  }

  @Test
  void everySecretIsAReferenceToOneThatExistsAlready() {
    var values = new HashMap<>(INSTALLATION);
    values.put("secrets.kafka", "made-up-kafka");
    values.put("secrets.introspection", "made-up-introspection");
    var manifests = render(values);
    assertThat(manifests).extracting(manifest -> manifest.get("kind")).doesNotContain("Secret");
    assertThat(secrets(manifests))
        .isEqualTo(Map.of(
            "SPRING_DATASOURCE_USERNAME", "made-up-database/username",
            "SPRING_DATASOURCE_PASSWORD", "made-up-database/password",
            "BOTOX_EVENTS_PSEUDONYMKEY", "made-up-events/pseudonym-key",
            "BOTOX_SECURITY_INTROSPECTIONCLIENTID", "made-up-introspection/client-id",
            "BOTOX_SECURITY_INTROSPECTIONCLIENTSECRET", "made-up-introspection/client-secret",
            "BOTOX_KAFKA_PROPERTIES_SASL_JAAS_CONFIG", "made-up-kafka/sasl.jaas.config"));
  }

  @Test
  void everyBotoxSettingOfTheChartIsOneThatTheServiceBindsAndNoOtherIsGiven() throws IOException {
    var values = new HashMap<>(INSTALLATION);
    values.put("secrets.kafka", "made-up-kafka");
    values.put("settings.botox.kafka.properties.security\\.protocol", "SASL_SSL");
    values.put("settings.botox.fhir.types[0]", "*");
    var manifests = render(values);
    Map<String, Object> environment = new HashMap<>();
    secrets(manifests)
        .forEach((name, reference) ->
            environment.put(name, "made up, and long enough for a key: " + reference));

    List<PropertySource<?>> sources = new ArrayList<>(new YamlPropertySourceLoader()
        .load("chart", new ByteArrayResource(applicationYaml(manifests))));
    sources.add(new SystemEnvironmentPropertySource("systemEnvironment", environment));
    var binder = new Binder(ConfigurationPropertySources.from(sources));
    var records = settingsRecords();
    records.forEach((prefix, type) -> assertThatNoException()
        .as(prefix)
        .isThrownBy(() -> binder.bindOrCreate(
            prefix, Bindable.of(type), new NoUnboundElementsBindHandler(BindHandler.DEFAULT))));

    var prefixes = records.keySet().stream().map(ConfigurationPropertyName::of).toList();
    var homeless = sources.stream()
        .map(ConfigurationPropertySource::from)
        .map(IterableConfigurationPropertySource.class::cast)
        .flatMap(source -> StreamSupport.stream(source.spliterator(), false))
        .filter(name -> ConfigurationPropertyName.of("botox").isAncestorOf(name))
        .filter(name -> prefixes.stream().noneMatch(prefix -> prefix.isAncestorOf(name)));
    assertThat(homeless).isEmpty();
    assertThat(binder
            .bind("botox.kafka.properties", Bindable.mapOf(String.class, String.class))
            .get())
        .containsOnlyKeys("security.protocol", "sasl.jaas.config");
  }

  /** Every record of the service that holds settings, by its prefix. */
  private static Map<String, Class<?>> settingsRecords() {
    var scanner = new ClassPathScanningCandidateComponentProvider(false);
    scanner.addIncludeFilter(new AnnotationTypeFilter(ConfigurationProperties.class));
    return scanner.findCandidateComponents("org.botoxfhir").stream()
        .map(found -> {
          try {
            return Class.forName(found.getBeanClassName());
          } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
          }
        })
        .collect(Collectors.toMap(
            type -> type.getAnnotation(ConfigurationProperties.class).value(), type -> type));
  }

  private static List<Map<String, Object>> render(Map<String, Object> values) {
    TemplateCommand command = new Helm(CHART)
        .template()
        .withName("made-up")
        .withNamespace("clinic")
        .withKubeVersion("1.30.0");
    values.forEach(command::set);
    var yaml = new Yaml(new SafeConstructor(new LoaderOptions()));
    return StreamSupport.stream(yaml.loadAll(command.call()).spliterator(), false)
        .filter(Map.class::isInstance)
        .<Map<String, Object>>map(HelmChartTest::map)
        .toList();
  }

  private static Map<String, Object> renderedOnce(String kind) {
    return the(kind, render(INSTALLATION));
  }

  private static Map<String, Object> the(String kind, List<Map<String, Object>> manifests) {
    var found =
        manifests.stream().filter(manifest -> kind.equals(manifest.get("kind"))).toList();
    assertThat(found).as(kind).hasSize(1);
    return found.getFirst();
  }

  private static Object checksum(List<Map<String, Object>> manifests) {
    return at(
        the("Deployment", manifests),
        "spec",
        "template",
        "metadata",
        "annotations",
        "checksum/settings");
  }

  private static byte[] applicationYaml(List<Map<String, Object>> manifests) {
    return ((String) at(the("ConfigMap", manifests), "data", "application.yaml"))
        .getBytes(StandardCharsets.UTF_8);
  }

  /** Environment variable to "secret/key". */
  private static Map<String, String> secrets(List<Map<String, Object>> manifests) {
    return list(at(container(the("Deployment", manifests)), "env")).stream()
        .map(HelmChartTest::map)
        .filter(variable -> variable.containsKey("valueFrom"))
        .collect(Collectors.toMap(
            variable -> (String) at(variable, "name"),
            variable -> at(variable, "valueFrom", "secretKeyRef", "name") + "/"
                + at(variable, "valueFrom", "secretKeyRef", "key")));
  }

  private static Map<String, Object> container(Map<String, Object> deployment) {
    return list(at(deployment, "spec", "template", "spec", "containers")).stream()
        .map(HelmChartTest::map)
        .collect(Collectors.collectingAndThen(Collectors.toList(), List::getFirst));
  }

  private static Object at(Object tree, String... path) {
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
  private static Map<String, Object> map(Object node) {
    return (Map<String, Object>) node;
  }

  private static List<?> list(Object node) {
    return (List<?>) node;
  }
}
