package org.botoxfhir.testing;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.botoxfhir.dev.EmbeddedKafka;
import org.botoxfhir.dev.Folders;
import org.botoxfhir.leaks.Captured;

/** The servers without Docker: PostgreSQL as a child process, Kafka in this JVM, both in a temporary folder. */
record EmbeddedServers(TestDatabase administration, EmbeddedBroker broker)
    implements TestServers.Servers {

  static EmbeddedServers start() {
    Path folder = temporaryFolder();
    var broker = CompletableFuture.supplyAsync(EmbeddedBroker::start);
    try {
      EmbeddedPostgres postgres = EmbeddedPostgres.builder()
          .setDataDirectory(folder.resolve("postgresql"))
          .setCleanDataDirectory(true)
          .setPGStartupWait(Duration.ofSeconds(90))
          .setRegisterShutdownHook(false)
          .setServerConfig("unix_socket_directories", "")
          // A test may kill the server process; a commit must survive that. Loss of power is not
          // simulated: no fsync.
          .setServerConfig("synchronous_commit", "on")
          // Spring keeps the services of all test classes, each with a pool.
          .setServerConfig("max_connections", "800")
          .setOutputRedirector(
              ProcessBuilder.Redirect.appendTo(Captured.log("postgresql").toFile()))
          .start();
      Runtime.getRuntime()
          .addShutdownHook(new Thread(() -> stop(postgres, folder), "stop test servers"));
      return new EmbeddedServers(
          new TestDatabase(postgres.getJdbcUrl("postgres", "postgres"), "postgres", ""),
          broker.join());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static EmbeddedBroker newBroker() {
    return EmbeddedBroker.start();
  }

  private static void stop(EmbeddedPostgres postgres, Path folder) {
    try {
      postgres.close();
      Folders.delete(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path temporaryFolder() {
    try {
      return Files.createTempDirectory("botox-test-");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A broker in this JVM that can go away and come back. */
  static final class EmbeddedBroker implements TestServers.Broker {
    private final Path folder;
    private EmbeddedKafka kafka;
    private boolean away;
    private boolean closed;

    private EmbeddedBroker(Path folder, EmbeddedKafka kafka) {
      this.folder = folder;
      this.kafka = kafka;
    }

    static EmbeddedBroker start() {
      Path folder = temporaryFolder();
      var broker = new EmbeddedBroker(
          folder, EmbeddedKafka.start(folder.resolve("kafka"), EmbeddedKafka.freePort()));
      Runtime.getRuntime().addShutdownHook(new Thread(broker::stop, "stop test broker"));
      return broker;
    }

    @Override
    public synchronized String bootstrapServers() {
      return kafka.bootstrapServers();
    }

    @Override
    public synchronized void interrupt() {
      kafka.close();
      away = true;
    }

    @Override
    public synchronized void resume() {
      kafka = EmbeddedKafka.start(folder.resolve("kafka"), kafka.port());
      away = false;
    }

    @Override
    public synchronized void close() {
      if (!away && !closed) {
        Captured.records(Map.of("bootstrap.servers", bootstrapServers()));
      }
      stop();
    }

    /** First the broker, then its log: a running broker that loses its log ends the JVM. */
    private synchronized void stop() {
      if (!closed) {
        closed = true;
        kafka.close();
        deleteFolder();
      }
    }

    private void deleteFolder() {
      try {
        Folders.delete(folder);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
