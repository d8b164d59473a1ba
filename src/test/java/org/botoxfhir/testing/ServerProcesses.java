package org.botoxfhir.testing;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.botoxfhir.dev.DevelopmentPostgres;
import org.botoxfhir.dev.EmbeddedKafka;
import org.postgresql.ds.PGSimpleDataSource;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * A database and a broker of a test's own, as processes that can be killed; they come back at their ports with what they had. As durable
 * as in production: the database waits for the disk.
 */
public final class ServerProcesses implements AutoCloseable {
  private final Path folder;
  private final int postgresPort = EmbeddedKafka.freePort();
  private final BrokerProcess broker;
  private DevelopmentPostgres postgres;

  /** For tests that start a broker again and again: soon there, and slow. */
  public static final List<String> SOON =
      List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

  /** For measurements: late there, and fast. */
  public static final List<String> FAST = List.of("-Xmx512m");

  /** Starts both. @param folder for their data @param broker options of the JVM of the broker */
  public ServerProcesses(Path folder, List<String> broker) throws IOException {
    this.folder = folder;
    // They complain of each server that is killed, and zonky of each that cannot be stopped then.
    ((Logger) LoggerFactory.getLogger("io.zonky.test")).setLevel(Level.OFF);
    ((Logger) LoggerFactory.getLogger("org.apache.kafka")).setLevel(Level.ERROR);
    var startingBroker = CompletableFuture.supplyAsync(() -> new BrokerProcess(folder, broker));
    postgres = DevelopmentPostgres.start(folder, postgresPort);
    this.broker = startingBroker.join();
  }

  /** The service's settings that name them. */
  public Map<String, String> settings() {
    Map<String, String> settings = new HashMap<>(database().settings());
    settings.put("botox.kafka.bootstrap-servers", broker.bootstrapServers());
    return settings;
  }

  /** The database, with superuser. */
  public TestDatabase database() {
    return new TestDatabase(postgres.url(), "postgres", "");
  }

  /** The server of the database. */
  public DevelopmentPostgres postgres() {
    return postgres;
  }

  /** SQL, over a new connection each time. */
  public JdbcClient jdbc() {
    return jdbc(postgres);
  }

  /** The same of any server. */
  public static JdbcClient jdbc(DevelopmentPostgres server) {
    var database = new PGSimpleDataSource();
    database.setUrl(server.url());
    return JdbcClient.create(database);
  }

  /** Processor time that the broker has used. */
  public Duration brokerTime() {
    return broker.handle().info().totalCpuDuration().orElseThrow();
  }

  /** Processor time of those processes of the database that are alive. */
  public Duration databaseTime() throws IOException {
    return postgres.processes().stream()
        .map(process -> process.info().totalCpuDuration().orElse(Duration.ZERO))
        .reduce(Duration.ZERO, Duration::plus);
  }

  /** {@code host:port} of the broker. */
  public String bootstrapServers() {
    return broker.bootstrapServers();
  }

  /** Ends the broker as {@code kill -9} does, and returns when it is gone. */
  public void killBroker() {
    broker.kill();
  }

  /** Starts the killed broker again. */
  public void startBroker() {
    broker.start();
  }

  /** Ends all processes of the database as {@code kill -9} does, and returns when they are gone. */
  public void killPostgres() throws IOException {
    postgres.kill();
  }

  /** Starts the killed database again, which recovers. */
  public void startPostgres() throws IOException {
    postgres = DevelopmentPostgres.start(folder, postgresPort);
  }

  @Override
  public void close() throws IOException {
    broker.kill();
    postgres.close();
  }
}
