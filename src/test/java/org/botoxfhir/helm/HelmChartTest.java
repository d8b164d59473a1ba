package org.botoxfhir.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.botoxfhir.helm.RenderedChart.INSTALLATION;
import static org.botoxfhir.helm.RenderedChart.at;
import static org.botoxfhir.helm.RenderedChart.container;
import static org.botoxfhir.helm.RenderedChart.list;
import static org.botoxfhir.helm.RenderedChart.map;
import static org.botoxfhir.helm.RenderedChart.pod;
import static org.botoxfhir.helm.RenderedChart.withAll;

import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
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
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** How values become settings, secrets and files of the service. */
class HelmChartTest {
  /** Settings that come from secrets, so that no value may hold them. */
  private static final Set<String> SECRET = Set.of(
      "botox.events.pseudonym-key",
      "botox.security.introspection-client-id",
      "botox.security.introspection-client-secret");

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
    assertThatThrownBy(() -> RenderedChart.of(values)).hasMessageContaining(message);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      ingress.enabled | ingress.hosts is missing
      gateway.enabled | gateway.hosts and gateway.parents are missing
      """)
  void aRouteWithoutANameIsToldWhatIsMissing(String name, String message) {
    assertThatThrownBy(() -> RenderedChart.with(name, true)).hasMessageContaining(message);
  }

  @Test
  void anIssuerNeedsAudiencesAndThenNoGateway() {
    var values = new HashMap<>(INSTALLATION);
    values.remove("settings.botox.security.authenticating-gateway");
    values.put("settings.botox.security.issuer", "https://login.example.org/realms/clinic");
    assertThatThrownBy(() -> RenderedChart.of(values))
        .hasMessageContaining("settings.botox.security.audiences is missing");
    values.put("settings.botox.security.audiences[0]", "https://fhir.example.org/fhir");
    assertThat(RenderedChart.of(values).manifests()).isNotEmpty();
    values.put("settings.botox.security.introspection-uri", "https://login.example.org/introspect");
    assertThatThrownBy(() -> RenderedChart.of(values))
        .hasMessageContaining("secrets.introspection is missing");
  }

  @ParameterizedTest
  @CsvSource({
    "settings.botox.kafka.bootstrap-server, kafka.example:9092",
    "settings.spring.datasource.password, made-up",
    "settings.botox.limits.reqests-per-second, 5",
    "settings.spring.ssl.bundle.pem.web.keystore.certficate, file:made-up",
    "replicaCount, 3",
    "global.made-up, 1",
    "resources.limits.memroy, 1Gi",
    "networkPolicy.clients[0].podSelectors, made-up",
    "settings.botox.fhir.referential-integrity, sometimes",
    "settings.botox.audit.retention, forever",
    "settings.botox.shutdown.drain, 1d",
    "shutdown.delaySeconds, 5",
    "image.digest, sha1:00",
    "settings.spring.datasource.url, jdbc:mysql://db.example/fhir"
  })
  void aValueThatTheChartDoesNotKnowIsRefused(String name, String value) {
    assertThatThrownBy(() -> RenderedChart.with(name, value))
        .hasMessageContaining("values don't meet the specifications of the schema");
  }

  /** Only texts by free names (labels, properties of the Kafka client, environment) and bundles by theirs are open. */
  @Test
  void theSchemaIsClosedEverywhere() throws IOException {
    List<String> open = new ArrayList<>();
    collectOpen("", schema(), open);
    assertThat(open).isEmpty();
  }

  @Test
  void everySettingOfTheServiceMayBeGivenUnlessItIsASecret() throws IOException {
    JsonNode given = schema().path("properties").path("settings");
    Set<String> missing = new TreeSet<>();
    settingsRecords().forEach((prefix, type) -> {
      for (RecordComponent component : type.getRecordComponents()) {
        String name = prefix + "."
            + component.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
        JsonNode at = given;
        for (String step : name.split("\\.")) {
          at = at.path("properties").path(step);
        }
        if (at.isMissingNode() != SECRET.contains(name)) {
          missing.add(name);
        }
      }
    });
    assertThat(missing)
        .as("to be added to properties.settings in values.schema.json")
        .isEmpty();
  }

  @Test
  void everyValueIsExplained() throws IOException {
    assertThat(Files.readAllLines(RenderedChart.CHART.resolve("values.yaml")).stream()
            .filter(line -> line.matches("\\s*[-a-zA-Z]+: \\S.*"))
            .filter(line -> !line.contains("  # ")))
        .isEmpty();
  }

  @Test
  void aPodRestartsWhenASettingChanges() {
    assertThat(checksum(RenderedChart.with("settings.botox.fhir.search-timeout", "5s")))
        .isNotEqualTo(checksum(RenderedChart.of(INSTALLATION)));
  }

  @Test
  void everySecretIsAReferenceToOneThatExistsAlready() {
    var rendered = RenderedChart.of(withAll(Map.of(
        "secrets.kafka",
        "made-up-kafka",
        "secrets.introspection",
        "made-up-introspection",
        "migration.job",
        true,
        "topics.job",
        true,
        "topics.secret",
        "made-up-kafka-admin")));
    assertThat(rendered.kinds()).doesNotContain("Secret");
    assertThat(RenderedChart.secrets(rendered.the("Deployment")))
        .isEqualTo(Map.of(
            "SPRING_DATASOURCE_USERNAME", "made-up-database/username",
            "SPRING_DATASOURCE_PASSWORD", "made-up-database/password",
            "BOTOX_EVENTS_PSEUDONYMKEY", "made-up-events/pseudonym-key",
            "BOTOX_SECURITY_INTROSPECTIONCLIENTID", "made-up-introspection/client-id",
            "BOTOX_SECURITY_INTROSPECTIONCLIENTSECRET", "made-up-introspection/client-secret",
            "BOTOX_KAFKA_PROPERTIES_SASL_JAAS_CONFIG", "made-up-kafka/sasl.jaas.config"));
    assertThat(RenderedChart.secrets(rendered.named("Job", "made-up-botox-fhir-migration")))
        .isEqualTo(Map.of(
            "SPRING_DATASOURCE_USERNAME", "made-up-database/username",
            "SPRING_DATASOURCE_PASSWORD", "made-up-database/password"));
    assertThat(RenderedChart.secrets(rendered.named("Job", "made-up-botox-fhir-topics")))
        .isEqualTo(Map.of(
            "BOTOX_KAFKA_PROPERTIES_SASL_JAAS_CONFIG", "made-up-kafka-admin/sasl.jaas.config"));
  }

  @Test
  void certificatesAndKeysAreMountedFromSecretsAndNamedBySettings() throws IOException {
    var rendered = RenderedChart.of(withAll(Map.of(
        "secrets.files[0]",
        "made-up-web",
        "secrets.files[1]",
        "made-up-kafka",
        "settings.server.ssl.bundle",
        "web",
        "settings.management.server.ssl.enabled",
        false,
        "settings.spring.ssl.bundle.pem.web.keystore.certificate",
        "file:/etc/botox-fhir-files/made-up-web/tls.crt",
        "settings.botox.limits.requests-per-second",
        50)));

    assertThat(list(at(container(rendered.the("Deployment")), "volumeMounts")).stream()
            .map(RenderedChart::map))
        .contains(Map.of(
            "name", "files-0",
            "mountPath", "/etc/botox-fhir-files/made-up-web",
            "readOnly", true));
    assertThat(
            list(at(pod(rendered.the("Deployment")), "volumes")).stream().map(RenderedChart::map))
        .contains(Map.of(
            "name",
            "files-1",
            "secret",
            Map.of("secretName", "made-up-kafka", "defaultMode", 0440)));
    var settings = settings(rendered).getFirst();
    assertThat(settings.getProperty("server.ssl.bundle")).isEqualTo("web");
    assertThat(settings.getProperty("botox.limits.requests-per-second")).isEqualTo(50);
  }

  @Test
  void aMillionStaysAMillion() throws IOException {
    var rendered = RenderedChart.with("settings.botox.limits.clients", 2_000_000);
    assertThat(settings(rendered).getFirst().getProperty("botox.limits.clients"))
        .isEqualTo(2_000_000);
    assertThat(settings(rendered).getFirst().getProperty("botox.outbox.max-rows"))
        .isEqualTo(1_000_000);
  }

  @Test
  void everyBotoxSettingOfTheChartIsOneThatTheServiceBindsAndNoOtherIsGiven() throws IOException {
    var rendered = RenderedChart.of(withAll(Map.of(
        "secrets.kafka",
        "made-up-kafka",
        "settings.botox.kafka.properties.security\\.protocol",
        "SASL_SSL",
        "settings.botox.fhir.types[0]",
        "*")));
    Map<String, Object> environment = new HashMap<>();
    RenderedChart.secrets(rendered.the("Deployment"))
        .forEach((name, reference) ->
            environment.put(name, "made up, and long enough for a key: " + reference));

    List<PropertySource<?>> sources = settings(rendered);
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

  private static List<PropertySource<?>> settings(RenderedChart rendered) throws IOException {
    return new ArrayList<>(new YamlPropertySourceLoader()
        .load(
            "chart",
            new ByteArrayResource(rendered.applicationYaml().getBytes(StandardCharsets.UTF_8))));
  }

  private static JsonNode schema() throws IOException {
    return JsonMapper.shared()
        .readTree(Files.readString(RenderedChart.CHART.resolve("values.schema.json")));
  }

  private static void collectOpen(String place, JsonNode node, List<String> open) {
    if (node.path("type").asString("").equals("object")) {
      JsonNode others = node.path("additionalProperties");
      boolean closed = others.isObject() || (others.isBoolean() && !others.asBoolean());
      if (!closed) {
        open.add(place);
      }
    }
    node.propertyStream()
        .forEach(child -> collectOpen(place + "/" + child.getKey(), child.getValue(), open));
    node.valueStream().filter(JsonNode::isContainer).forEach(child -> {
      if (node.isArray()) {
        collectOpen(place + "[]", child, open);
      }
    });
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
        // those of development servers are no part of the service
        .filter(type -> !type.getPackageName().equals("org.botoxfhir.dev"))
        .collect(Collectors.toMap(
            type -> type.getAnnotation(ConfigurationProperties.class).value(), type -> type));
  }

  private static Object checksum(RenderedChart rendered) {
    return map(at(rendered.the("Deployment"), "spec", "template", "metadata", "annotations"))
        .get("checksum/settings");
  }
}
