package org.botoxfhir.testing;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.botoxfhir.leaks.Captured;
import org.slf4j.LoggerFactory;

/**
 * One PostgreSQL and one Kafka for all tests of this JVM, started when first asked for. System property {@code botox.test.servers}
 * chooses: {@code embedded} (default), {@code containers} for Testcontainers on a Docker engine, or {@code auto} for the second where an
 * engine answers and else the first.
 */
public final class TestServers {
  private static final AtomicInteger DATABASES = new AtomicInteger();

  private TestServers() {}

  /** The two servers, whichever way they run. */
  interface Servers {
    /** A database to connect to when making others. */
    TestDatabase administration();

    Broker broker();
  }

  /** The shared Kafka broker, or one of a test's own. */
  public interface Broker extends AutoCloseable {
    String bootstrapServers();

    /** Takes the broker away from its clients, its log kept. */
    void interrupt();

    /** Brings it back at the same address. */
    void resume();

    @Override
    void close();
  }

  private static final class Shared {
    static final Servers SERVERS = choose();

    private static Servers choose() {
      quietBrokerLogs();
      String asked = System.getProperty("botox.test.servers", "embedded");
      String choice = asked.equals("auto")
          ? ContainerServers.isEngineThere() ? "containers" : "embedded"
          : asked;
      System.out.println(
          "Tests run on PostgreSQL and Kafka: %s (botox.test.servers=%s)".formatted(choice, asked));
      Servers servers = switch (choice) {
        case "embedded" -> EmbeddedServers.start();
        case "containers" -> ContainerServers.start();
        default ->
          throw new IllegalArgumentException(
              "botox.test.servers is embedded, containers or auto, not " + choice);
      };
      Captured.atEnd(
          () -> Captured.records(Map.of("bootstrap.servers", servers.broker().bootstrapServers())));
      return servers;
    }
  }

  /** A fresh, empty database. */
  public static TestDatabase newDatabase() {
    TestDatabase administration = Shared.SERVERS.administration();
    String name =
        "test_" + DATABASES.incrementAndGet() + "_" + ProcessHandle.current().pid();
    try (var connection = DriverManager.getConnection(
            administration.url(), administration.user(), administration.password());
        var statement = connection.createStatement()) {
      // The plainest locale: what holds with its sort order and case rules holds on every server.
      statement.execute(
          "create database " + name + " template template0 encoding 'UTF8' locale 'C'");
    } catch (SQLException e) {
      throw new IllegalStateException("cannot make a test database", e);
    }
    String url = administration.url();
    int query = url.indexOf('?');
    String beforeQuery = query < 0 ? url : url.substring(0, query);
    String server = beforeQuery.substring(0, beforeQuery.lastIndexOf('/') + 1);
    var database = new TestDatabase(
        server + name + (query < 0 ? "" : url.substring(query)),
        administration.user(),
        administration.password());
    Captured.atEnd(database::captureNames);
    return database;
  }

  /** {@code host:port} of the shared Kafka. */
  public static String bootstrapServers() {
    return Shared.SERVERS.broker().bootstrapServers();
  }

  /** A broker that only the caller uses, so that it may take it away; the caller closes it. */
  public static Broker newBroker() {
    return Shared.SERVERS instanceof EmbeddedServers
        ? EmbeddedServers.newBroker()
        : ContainerServers.newBroker();
  }

  /** Loggers that tell pages about every start and stop at INFO. */
  static List<String> quietLoggers() {
    return List.of(
        "kafka",
        "org.apache.kafka",
        "state.change.logger",
        "io.zonky.test",
        "org.testcontainers",
        "tc",
        "com.github.dockerjava");
  }

  private static void quietBrokerLogs() {
    for (String logger : quietLoggers()) {
      ((Logger) LoggerFactory.getLogger(logger)).setLevel(Level.WARN);
    }
  }
}
