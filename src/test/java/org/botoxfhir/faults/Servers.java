package org.botoxfhir.faults;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.botoxfhir.dev.DevelopmentPostgres;
import org.botoxfhir.dev.EmbeddedKafka;
import org.postgresql.ds.PGSimpleDataSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/** A database and a broker that can be killed; they come back at their ports with what they had. */
final class Servers implements AutoCloseable {
  private final Path folder;
  private final int postgresPort = EmbeddedKafka.freePort();
  private final BrokerProcess broker;
  private DevelopmentPostgres postgres;

  Servers(Path folder) throws IOException {
    this.folder = folder;
    var startingBroker = CompletableFuture.supplyAsync(() -> new BrokerProcess(folder));
    postgres = DevelopmentPostgres.start(folder, postgresPort);
    broker = startingBroker.join();
  }

  /** The service's settings that name them. */
  Map<String, String> settings() {
    return Map.of(
        "spring.datasource.url",
        postgres.url(),
        "spring.datasource.username",
        "postgres",
        "spring.datasource.password",
        "",
        "botox.kafka.bootstrap-servers",
        broker.bootstrapServers());
  }

  String bootstrapServers() {
    return broker.bootstrapServers();
  }

  JdbcClient database() {
    var database = new PGSimpleDataSource();
    database.setUrl(postgres.url());
    database.setUser("postgres");
    return JdbcClient.create(database);
  }

  void killBroker() {
    broker.kill();
  }

  void startBroker() {
    broker.start();
  }

  void killPostgres() throws IOException {
    postgres.kill();
  }

  void startPostgres() throws IOException {
    postgres = DevelopmentPostgres.start(folder, postgresPort);
  }

  @Override
  public void close() throws IOException {
    broker.kill();
    postgres.close();
  }
}
