package org.botoxfhir.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.botoxfhir.helm.RenderedChart.at;
import static org.botoxfhir.helm.RenderedChart.container;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.awaitility.Awaitility;
import org.botoxfhir.dev.EmbeddedKafka;
import org.botoxfhir.testing.CertificateAuthority;
import org.botoxfhir.testing.EncryptedServers;
import org.botoxfhir.testing.Events;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.TokenIssuer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The production installation of the chart runs: its jobs and then its service, each as the manifest says, out of the packaged jar, against
 * PostgreSQL, Kafka and an issuer that speak TLS only. Only addresses are the test's own.
 */
class RenderedChartIT {
  private static final String PASSWORD = "made-up-password-of-the-service";

  private final CertificateAuthority authority = new CertificateAuthority("made-up authority");
  private final SSLContext trust = authority.clients(null);

  @TempDir
  Path folder;

  private EncryptedServers servers;
  private TokenIssuer issuer;
  private Process service;

  @AfterEach
  void stop() throws IOException {
    if (service != null) {
      service.destroyForcibly();
    }
    if (issuer != null) {
      issuer.close();
    }
    if (servers != null) {
      servers.close();
    }
  }

  @Test
  void theProductionInstallationMigratesMakesTopicsIsReadyServesWhoHasATokenAndPublishes()
      throws Exception {
    servers =
        new EncryptedServers(Files.createDirectory(folder.resolve("servers")), authority, PASSWORD);
    issuer = TokenIssuer.startEncrypted(authority.clients(authority.issueForHost("127.0.0.1")));
    RenderedChart chart = RenderedChart.of("production", addresses());
    PodProcess pods =
        new PodProcess(chart, secrets(), Files.createDirectory(folder.resolve("pods")));

    finish(pods, chart.named("Job", "made-up-botox-fhir-topics"), "topics");
    finish(pods, chart.named("Job", "made-up-botox-fhir-migration"), "migration");
    var deployment = chart.the("Deployment");
    Path log = folder.resolve("service.log");
    service = pods.start(deployment, log);
    awaitReady(deployment, log);

    Fhir anybody = new Fhir(
        URI.create("https://127.0.0.1:%d/fhir".formatted(port(deployment, "http"))), trust);
    assertThat(anybody.get("Patient?_count=1").status()).isEqualTo(401);
    Fhir portal = anybody.with(issuer.token("system/*.cruds"));
    String report =
        Files.readString(Path.of("src/test/resources/examples/chronic-migraine-report.json"));
    var answer = portal.post("QuestionnaireResponse", report);
    assertThat(answer.status()).as(answer.body()).isEqualTo(201);
    String location = answer.headers().firstValue("Location").orElseThrow();
    String reference = location.substring(location.indexOf("QuestionnaireResponse"));
    assertThat(portal.get(reference).status()).isEqualTo(200);
    try (var events =
        new Events(servers.bootstrapServers(), "botox\\..*", Map.copyOf(login("SCRAM-SHA-512")))) {
      events.await(reference);
    }

    service.destroy();
    assertThat(service.waitFor(120, TimeUnit.SECONDS)).isTrue();
    assertThat(Files.readString(log)).contains("Graceful shutdown complete");
  }

  /** Where the servers of the test are, in place of the addresses of the example. */
  private Map<String, Object> addresses() {
    String url = servers.databaseUrl("127.0.0.1", Path.of("made-up"));
    Map<String, Object> values = new HashMap<>();
    values.put(
        "settings.spring.datasource.url",
        url.substring(0, url.indexOf('?'))
            + "?sslmode=verify-full&sslrootcert=/etc/botox-fhir-files/botox-trust/database-ca.pem"
            + "&sslcert=/etc/botox-fhir-files/botox-database-client/tls.crt"
            + "&sslkey=/etc/botox-fhir-files/botox-database-client/tls.pk8");
    values.put("settings.botox.kafka.bootstrap-servers", servers.bootstrapServers());
    values.put("settings.botox.security.issuer", issuer.address());
    values.put("settings.botox.security.introspection-uri", issuer.address() + "/introspect");
    values.put("settings.botox.security.audiences[0]", TokenIssuer.AUDIENCE);
    values.put("settings.server.address", "127.0.0.1");
    values.put("settings.server.port", EmbeddedKafka.freePort());
    values.put("settings.management.server.address", "127.0.0.1");
    values.put("settings.management.server.port", EmbeddedKafka.freePort());
    // One broker
    values.put("topics.replicationFactor", 1);
    // What takes longer than the test, and the processor from others
    values.put("settings.botox.definitions.load", false);
    return values;
  }

  private Map<String, Map<String, byte[]>> secrets() throws IOException {
    Path files = folder.resolve("servers");
    var web = authority.issueForHost("127.0.0.1");
    Path root = servers.root();
    return Map.of(
        "botox-database",
        Map.of("username", bytes(EncryptedServers.USER), "password", bytes(PASSWORD)),
        "botox-events",
        Map.of("pseudonym-key", bytes("made-up-key-of-at-least-32-bytes")),
        "botox-introspection",
        Map.of(
            "client-id", bytes(TokenIssuer.INTROSPECTION_CLIENT),
            "client-secret", bytes(TokenIssuer.INTROSPECTION_SECRET)),
        "botox-kafka",
        Map.of("sasl.jaas.config", bytes(login("SCRAM-SHA-512").get("sasl.jaas.config"))),
        "botox-kafka-admin",
        Map.of("sasl.jaas.config", bytes(login("SCRAM-SHA-512").get("sasl.jaas.config"))),
        "botox-trust",
        Map.of(
            "database-ca.pem", Files.readAllBytes(root),
            "kafka-ca.pem", Files.readAllBytes(root),
            "issuer-ca.pem", Files.readAllBytes(root)),
        "botox-web",
        Map.of(
            "tls.crt", Files.readAllBytes(web.writeCertificate(folder.resolve("web.pem"))),
            "tls.key", Files.readAllBytes(web.writeKey(folder.resolve("web.key")))),
        "botox-database-client",
        Map.of(
            "tls.crt", Files.readAllBytes(files.resolve("client.pem")),
            "tls.pk8", Files.readAllBytes(files.resolve("client.pk8"))));
  }

  private Map<String, String> login(String mechanism) {
    return servers.kafkaProperties(mechanism, EncryptedServers.USER, PASSWORD, servers.root());
  }

  private void finish(PodProcess pods, Map<String, Object> job, String name) throws Exception {
    Path log = folder.resolve(name + ".log");
    Process process = pods.start(job, log);
    try {
      assertThat(process.waitFor(240, TimeUnit.SECONDS)).as(name).isTrue();
      assertThat(process.exitValue()).as(Files.readString(log)).isZero();
    } finally {
      process.destroyForcibly();
    }
  }

  /** As kubelet asks, by the probe of the manifest. */
  private void awaitReady(Map<String, Object> deployment, Path log) {
    var probe = at(container(deployment), "readinessProbe", "httpGet");
    Fhir management = new Fhir(URI.create(
        "http://127.0.0.1:%d".formatted(port(deployment, (String) at(probe, "port")))));
    String path = ((String) at(probe, "path")).substring(1);
    Awaitility.await("readiness, see " + log)
        .atMost(Duration.ofSeconds(240))
        .failFast("the service ended", () -> !service.isAlive())
        .ignoreExceptions()
        .until(() -> management.get(path, "Accept", "*/*").status() == 200);
  }

  private static int port(Map<String, Object> deployment, String name) {
    return RenderedChart.list(at(container(deployment), "ports")).stream()
        .filter(port -> at(port, "name").equals(name))
        .map(port -> (Integer) at(port, "containerPort"))
        .findFirst()
        .orElseThrow();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
