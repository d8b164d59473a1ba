package org.botoxfhir.testing;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.botoxfhir.dev.EmbeddedKafka;
import org.botoxfhir.leaks.Captured;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/**
 * PostgreSQL and Kafka that speak to the service over TLS only. PostgreSQL wants a certificate of the client and a password, Kafka a user by
 * SCRAM.
 */
public final class EncryptedServers implements AutoCloseable {
  /** Name of the service at both. */
  public static final String USER = "botox";

  private final Path folder;
  private final CertificateAuthority authority;
  private final String password;
  private final EmbeddedPostgres postgres;
  private final EmbeddedKafka kafka;

  /** Starts both. @param folder for their data and for certificates */
  public EncryptedServers(Path folder, CertificateAuthority authority, String password)
      throws Exception {
    this.folder = folder;
    this.authority = authority;
    this.password = password;
    authority.writeTo(folder.resolve("authority.pem"));
    CertificateAuthority.Issued server = authority.issueForHost("127.0.0.1");
    server.writeCertificate(folder.resolve("server.pem"));
    server.writeKey(folder.resolve("server.key"));
    server.writeKeyAndCertificate(folder.resolve("server-both.pem"));
    CertificateAuthority.Issued client = authority.issueForClient(USER);
    client.writeCertificate(folder.resolve("client.pem"));
    client.writeBinaryKey(folder.resolve("client.pk8"));
    var starting = CompletableFuture.supplyAsync(() ->
        EmbeddedKafka.start(folder.resolve("kafka"), EmbeddedKafka.freePort(), brokerSettings()));
    postgres = startPostgres();
    kafka = starting.join();
    addKafkaUser();
  }

  /** JDBC URL with all that TLS takes, as an operator writes it. @param host as the service calls it @param root file of the authority */
  public String databaseUrl(String host, Path root) {
    return "jdbc:postgresql://%s:%d/service?sslmode=verify-full&sslrootcert=%s&sslcert=%s&sslkey=%s"
        .formatted(
            host,
            postgres.getPort(),
            root,
            folder.resolve("client.pem"),
            folder.resolve("client.pk8"));
  }

  /** File of the authority that issued the servers' certificates. */
  public Path root() {
    return folder.resolve("authority.pem");
  }

  public String bootstrapServers() {
    return kafka.bootstrapServers();
  }

  /** Properties of a Kafka client. @param mechanism of SASL @param root file of the authority */
  public Map<String, String> kafkaProperties(
      String mechanism, String user, String secret, Path root) {
    String module = mechanism.equals("PLAIN")
        ? "org.apache.kafka.common.security.plain.PlainLoginModule"
        : "org.apache.kafka.common.security.scram.ScramLoginModule";
    return Map.of(
        "security.protocol",
        "SASL_SSL",
        "sasl.mechanism",
        mechanism,
        "sasl.jaas.config",
        "%s required username=\"%s\" password=\"%s\";".formatted(module, user, secret),
        "ssl.truststore.type",
        "PEM",
        "ssl.truststore.location",
        root.toString());
  }

  /** SQL as the superuser. */
  public JdbcClient jdbc() {
    return JdbcClient.create(
        new DriverManagerDataSource(postgres.getJdbcUrl("postgres", "postgres")));
  }

  @Override
  public void close() throws IOException {
    Map<String, String> client =
        new HashMap<>(kafkaProperties("SCRAM-SHA-512", USER, password, root()));
    client.put("bootstrap.servers", bootstrapServers());
    Captured.records(client);
    kafka.close();
    postgres.close();
  }

  private EmbeddedPostgres startPostgres() throws IOException, SQLException {
    Path access = Files.writeString(folder.resolve("pg_hba.conf"), """
        host    postgres postgres 127.0.0.1/32 trust
        hostssl service  botox    127.0.0.1/32 scram-sha-256 clientcert=verify-full
        """);
    EmbeddedPostgres started = EmbeddedPostgres.builder()
        .setDataDirectory(folder.resolve("postgresql"))
        .setPGStartupWait(Duration.ofSeconds(90))
        .setServerConfig("unix_socket_directories", "")
        .setServerConfig("hba_file", access.toString())
        .setServerConfig("ssl", "on")
        .setServerConfig("ssl_cert_file", folder.resolve("server.pem").toString())
        .setServerConfig("ssl_key_file", folder.resolve("server.key").toString())
        .setServerConfig("ssl_ca_file", root().toString())
        .setOutputRedirector(ProcessBuilder.Redirect.appendTo(
            Captured.log("postgresql-encrypted").toFile()))
        .start();
    try (var connection = started.getPostgresDatabase().getConnection();
        var statement = connection.createStatement()) {
      statement.execute("create role botox login password '" + password + "'");
      statement.execute("create database service owner botox");
    }
    return started;
  }

  private Map<String, String> brokerSettings() {
    Map<String, String> settings = new HashMap<>();
    settings.put("listener.security.protocol.map", "BROKER:SASL_SSL,CONTROLLER:PLAINTEXT");
    settings.put("sasl.enabled.mechanisms", "SCRAM-SHA-512,PLAIN");
    settings.put("sasl.mechanism.inter.broker.protocol", "PLAIN");
    settings.put(
        "listener.name.broker.plain.sasl.jaas.config",
        "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"broker\" password=\"%1$s\" user_broker=\"%1$s\";"
            .formatted(password));
    settings.put(
        "listener.name.broker.scram-sha-512.sasl.jaas.config",
        "org.apache.kafka.common.security.scram.ScramLoginModule required;");
    settings.put("ssl.keystore.type", "PEM");
    settings.put("ssl.keystore.location", folder.resolve("server-both.pem").toString());
    settings.put("ssl.truststore.type", "PEM");
    settings.put("ssl.truststore.location", root().toString());
    return settings;
  }

  /** By the other mechanism, which is tried so, too. */
  private void addKafkaUser() throws ExecutionException, InterruptedException {
    Map<String, Object> properties =
        new HashMap<>(kafkaProperties("PLAIN", "broker", password, root()));
    properties.put("bootstrap.servers", bootstrapServers());
    try (Admin admin = Admin.create(properties)) {
      admin
          .alterUserScramCredentials(List.of(new UserScramCredentialUpsertion(
              USER, new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096), password)))
          .all()
          .get();
    }
  }
}
