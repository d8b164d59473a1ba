package org.botoxfhir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.math.BigInteger;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSession;
import org.awaitility.Awaitility;
import org.botoxfhir.dev.EmbeddedKafka;
import org.botoxfhir.testing.CertificateAuthority;
import org.botoxfhir.testing.CertificateAuthority.Issued;
import org.botoxfhir.testing.EncryptedServers;
import org.botoxfhir.testing.Events;
import org.botoxfhir.testing.Replica;
import org.botoxfhir.testing.TestServers;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * The whole service with every connection encrypted and checked, set up as docs/tls.md says: with its clients by certificates of both
 * sides, with PostgreSQL likewise, with Kafka by SCRAM over TLS, its secrets in files.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EncryptedConnectionsTest {
  private static final String PASSWORD = "made-up-password-of-the-service";

  private final CertificateAuthority authority = new CertificateAuthority("made-up authority");
  private final CertificateAuthority stranger = new CertificateAuthority("another authority");

  private Path folder;
  private Path strangersRoot;
  private EncryptedServers servers;
  private ConfigurableApplicationContext service;

  @BeforeAll
  void start(@TempDir Path folder) throws Exception {
    this.folder = folder;
    servers = new EncryptedServers(folder, authority, PASSWORD);
    strangersRoot = stranger.writeTo(folder.resolve("stranger.pem"));
    renew(authority.issueForHost("127.0.0.1"));
    Path secrets = Files.createDirectory(folder.resolve("secrets"));
    var kafka =
        servers.kafkaProperties("SCRAM-SHA-512", EncryptedServers.USER, PASSWORD, servers.root());
    Files.writeString(secrets.resolve("spring.datasource.password"), PASSWORD);
    Files.writeString(
        secrets.resolve("botox.events.pseudonym-key"), "made-up-key-of-at-least-32-bytes");
    Files.writeString(
        secrets.resolve("botox.kafka.properties.sasl.jaas.config"), kafka.get("sasl.jaas.config"));
    Map<String, Object> settings = new HashMap<>();
    settings.put("spring.config.import", "configtree:" + secrets + "/");
    settings.put("spring.datasource.url", servers.databaseUrl("127.0.0.1", servers.root()));
    settings.put("spring.datasource.username", EncryptedServers.USER);
    settings.put("botox.kafka.bootstrap-servers", servers.bootstrapServers());
    settings.put("botox.kafka.create-topics", true);
    kafka.forEach((name, value) -> {
      if (!name.equals("sasl.jaas.config")) {
        settings.put("botox.kafka.properties." + name, value);
      }
    });
    settings.put("server.port", EmbeddedKafka.freePort());
    settings.put("server.ssl.bundle", "web");
    settings.put("server.ssl.client-auth", "need");
    String bundle = "spring.ssl.bundle.pem.web.";
    settings.put(bundle + "keystore.certificate", "file:" + folder.resolve("web.pem"));
    settings.put(bundle + "keystore.private-key", "file:" + folder.resolve("web.key"));
    settings.put(bundle + "truststore.certificate", "file:" + servers.root());
    settings.put(bundle + "reload-on-update", true);
    settings.put("spring.ssl.bundle.watch.file.quiet-period", "200ms");
    settings.put("management.server.port", EmbeddedKafka.freePort());
    settings.put("management.server.ssl.enabled", false);
    settings.put("botox.definitions.load", false);
    settings.put("botox.validation.mode", "off");
    settings.put("botox.shutdown.drain", "0s");
    settings.put("logging.structured.format.console", "");
    service = new SpringApplicationBuilder(BotoxFhirApplication.class)
        .run(settings.entrySet().stream()
            .map(setting -> "--" + setting.getKey() + "=" + setting.getValue())
            .toArray(String[]::new));
  }

  @AfterAll
  void stop() throws IOException {
    if (service != null) {
      service.close();
    }
    if (servers != null) {
      servers.close();
    }
  }

  @Test
  void whoShowsNoCertificateOrOneOfAStrangerIsNotServed() {
    for (SSLContext client :
        List.of(authority.clients(null), authority.clients(stranger.issueForClient("portal")))) {
      assertThatThrownBy(() -> get(client)).isInstanceOf(IOException.class);
    }
    assertThatThrownBy(() -> get(stranger.clients(authority.issueForClient("portal"))))
        .isInstanceOf(IOException.class);
  }

  @Test
  void withoutTlsNothingIsSaid() throws Exception {
    var request = HttpRequest.newBuilder(
        URI.create(base().replace("https", "http") + "/metadata?_elements=status"));
    assertThat(send(authority.clients(null), request).statusCode()).isEqualTo(400);
  }

  @Test
  void aNewCertificateIsServedWithoutARestart() throws Exception {
    SSLContext client = authority.clients(authority.issueForClient("portal"));
    assertThat(get(client).statusCode()).isEqualTo(200);
    BigInteger before = serial(get(client));
    Issued renewed = authority.issueForHost("127.0.0.1");

    renew(renewed);

    Awaitility.await("the new certificate")
        .until(
            () -> serial(get(authority.clients(authority.issueForClient("portal")))),
            renewed.certificate().getSerialNumber()::equals);
    assertThat(renewed.certificate().getSerialNumber()).isNotEqualTo(before);
  }

  @Test
  void aReportGoesFromAClientWithACertificateToAnEncryptedTopic() throws Exception {
    HttpResponse<String> answer = send(
        authority.clients(authority.issueForClient("portal")),
        HttpRequest.newBuilder(URI.create(base() + "/QuestionnaireResponse"))
            .header("Content-Type", "application/fhir+json")
            .POST(BodyPublishers.ofFile(
                Path.of("src/test/resources/examples/chronic-migraine-report.json"))));

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    String location = answer.headers().firstValue("Location").orElseThrow();
    try (var events = new Events(
        servers.bootstrapServers(),
        "botox\\..*",
        Map.copyOf(servers.kafkaProperties(
            "SCRAM-SHA-512", EncryptedServers.USER, PASSWORD, servers.root())))) {
      events.await(location.substring(location.indexOf("QuestionnaireResponse")));
    }
  }

  @Test
  void everySessionWithTheDatabaseIsEncryptedAndShowsTheCertificateOfTheService() {
    record Session(
        String application, boolean encrypted, @Nullable String certificate) {}
    List<Session> sessions = new ArrayList<>();
    Awaitility.await("sessions of pool, relay and index job").until(() -> {
      sessions.clear();
      sessions.addAll(servers.jdbc().sql("""
          select application_name as application, ssl as encrypted, client_dn as certificate
          from pg_stat_ssl join pg_stat_activity using (pid) where usename = 'botox'
          """).query(Session.class).list());
      return sessions.stream().map(Session::application).distinct().count() >= 3;
    });

    assertThat(sessions).allSatisfy(session -> {
      assertThat(session.encrypted()).as(session.application()).isTrue();
      assertThat(session.certificate()).isEqualTo("/CN=botox");
    });
  }

  @Test
  void aDatabaseOfAnotherNameOrAuthorityAndOneWithoutTlsAreNotSpokenTo() throws SQLException {
    var login = new Properties();
    login.setProperty("user", EncryptedServers.USER);
    login.setProperty("password", PASSWORD);

    assertThatThrownBy(() ->
            DriverManager.getConnection(servers.databaseUrl("127.0.0.1", strangersRoot), login))
        .isInstanceOf(SQLException.class)
        .hasStackTraceContaining("certificat");
    assertThatThrownBy(() ->
            DriverManager.getConnection(servers.databaseUrl("localhost", servers.root()), login))
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("localhost");
    var plain = TestServers.newDatabase();
    assertThatThrownBy(() -> DriverManager.getConnection(
            plain.url() + (plain.url().contains("?") ? "&" : "?") + "sslmode=verify-full",
            plain.user(),
            plain.password()))
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("SSL");
    DriverManager.getConnection(servers.databaseUrl("127.0.0.1", servers.root()), login)
        .close();
  }

  @ParameterizedTest
  @CsvSource({"wrong password, true", "wrong authority, false"})
  void brokersThatDoNotKnowTheServiceOrThatItDoesNotKnowGetNoEventsAndHealthSaysWhy(
      String what, boolean known) {
    String secret = known ? "made-up-wrong-password" : PASSWORD;
    Map<String, String> settings = new HashMap<>();
    settings.put("botox.kafka.bootstrap-servers", servers.bootstrapServers());
    servers
        .kafkaProperties(
            "SCRAM-SHA-512", EncryptedServers.USER, secret, known ? servers.root() : strangersRoot)
        .forEach((name, value) -> settings.put("botox.kafka.properties." + name, value));

    try (Replica replica = Replica.publishing(TestServers.newDatabase().migrated(), settings)) {
      Awaitility.await(what).until(() -> replica.kafkaHealth().getStatus(), Status.DOWN::equals);
      Health health = replica.kafkaHealth();
      assertThat(health.getDetails().toString())
          .contains(known ? "authentication" : "SSL")
          .doesNotContain(secret);
    }
  }

  private void renew(Issued certificate) throws IOException {
    certificate.writeKey(folder.resolve("web.key"));
    certificate.writeCertificate(folder.resolve("web.pem"));
  }

  private String base() {
    return "https://127.0.0.1:%s/fhir"
        .formatted(service.getEnvironment().getProperty("server.port"));
  }

  private HttpResponse<String> get(SSLContext client) throws IOException, InterruptedException {
    return send(client, HttpRequest.newBuilder(URI.create(base() + "/metadata?_elements=status")));
  }

  private static HttpResponse<String> send(SSLContext client, HttpRequest.Builder request)
      throws IOException, InterruptedException {
    try (HttpClient http = HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .sslContext(client)
        .build()) {
      return http.send(request.build(), BodyHandlers.ofString());
    }
  }

  private static BigInteger serial(HttpResponse<String> answer) throws IOException {
    SSLSession session = answer.sslSession().orElseThrow();
    return ((X509Certificate) session.getPeerCertificates()[0]).getSerialNumber();
  }
}
