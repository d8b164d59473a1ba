package org.botoxfhir.dev;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ThreadLocalRandom;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.authorizer.StandardAuthorizer;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.Feature;
import org.apache.kafka.server.common.MetadataVersion;

/**
 * One Kafka broker with its own controller, in this JVM, on loopback. The broker's classes are no public API of Kafka: the version
 * is pinned by the build, and this is the only class that touches them.
 */
public final class EmbeddedKafka implements AutoCloseable {
  private static final String CONTROLLER = "CONTROLLER";
  private static final String BROKER = "BROKER";
  private static final int NODE = 1;

  private final KafkaRaftServer server;
  private final int port;

  private EmbeddedKafka(KafkaRaftServer server, int port) {
    this.server = server;
    this.port = port;
  }

  /**
   * Starts a broker and returns when it takes requests.
   *
   * @param folder where it keeps its log; formatted when it is new, continued when it is not
   * @param port for clients, on 127.0.0.1; must be free
   */
  public static EmbeddedKafka start(Path folder, int port) {
    return start(folder, port, Map.of());
  }

  /** The same, @param more settings of the broker, which win */
  public static EmbeddedKafka start(Path folder, int port, Map<String, String> more) {
    Properties settings = prepare(folder, port);
    settings.putAll(more);
    var server = new KafkaRaftServer(KafkaConfig.fromProps(settings), Time.SYSTEM);
    server.startup();
    return new EmbeddedKafka(server, port);
  }

  /**
   * Formats the folder when it is new. @return the settings ({@code server.properties}) that a broker on this folder is started with,
   * here or in a process of its own
   */
  public static Properties prepare(Path folder, int port) {
    format(folder);
    // The controller is spoken to by this broker only, so any free port does; it is no part of the
    // stored state.
    return settings(folder, port, freePort());
  }

  /** {@code host:port} for clients. */
  public String bootstrapServers() {
    return "127.0.0.1:" + port;
  }

  /** Port for clients. */
  public int port() {
    return port;
  }

  /** Stops the broker and returns when it has let go of its port and its folder. */
  @Override
  public void close() {
    server.shutdown();
    server.awaitShutdown();
  }

  /**
   * A port of 127.0.0.1 that nobody listens on now. Below those that the system gives to outgoing connections: a client that tries again
   * and again to reach a server that is away would at some time be given the server's port, be connected with itself, and keep the
   * server from coming back.
   */
  public static int freePort() {
    for (int attempt = 0; ; attempt++) {
      int port = ThreadLocalRandom.current().nextInt(12_000, 32_000);
      try (var socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return socket.getLocalPort();
      } catch (IOException e) {
        if (attempt == 100) {
          throw new UncheckedIOException("no free port after 100 attempts", e);
        }
      }
    }
  }

  private static void format(Path folder) {
    Path formatted = folder.resolveSibling(folder.getFileName() + ".formatted");
    try {
      if (Files.exists(formatted)) {
        return;
      }
      // Without the mark the folder is at most half formatted and never held an event.
      Folders.delete(folder);
      Files.createDirectories(folder);
      new Formatter()
          .setNodeId(NODE)
          .setClusterId(Uuid.randomUuid().toString())
          .addDirectory(folder.toString())
          .setMetadataLogDirectory(folder.toString())
          .setControllerListenerName(CONTROLLER)
          .setSupportedFeatures(Feature.PRODUCTION_FEATURES)
          .setReleaseVersion(MetadataVersion.latestProduction())
          .setPrintStream(
              new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8))
          .run();
      Files.createFile(formatted);
    } catch (Exception e) { // what Formatter.run declares
      throw new IllegalStateException("cannot prepare a Kafka log in " + folder, e);
    }
  }

  private static Properties settings(Path folder, int port, int controllerPort) {
    var settings = new Properties();
    settings.setProperty("process.roles", "broker,controller");
    settings.setProperty("node.id", Integer.toString(NODE));
    settings.setProperty("log.dirs", folder.toString());
    settings.setProperty(
        "listeners",
        "%s://127.0.0.1:%d,%s://127.0.0.1:%d".formatted(BROKER, port, CONTROLLER, controllerPort));
    settings.setProperty("advertised.listeners", "%s://127.0.0.1:%d".formatted(BROKER, port));
    settings.setProperty(
        "listener.security.protocol.map",
        "%s:PLAINTEXT,%s:PLAINTEXT".formatted(BROKER, CONTROLLER));
    settings.setProperty("inter.broker.listener.name", BROKER);
    settings.setProperty("controller.listener.names", CONTROLLER);
    settings.setProperty(
        "controller.quorum.voters", "%d@127.0.0.1:%d".formatted(NODE, controllerPort));
    for (String one : List.of(
        "offsets.topic.replication.factor",
        "offsets.topic.num.partitions",
        "transaction.state.log.replication.factor",
        "transaction.state.log.num.partitions",
        "transaction.state.log.min.isr",
        "share.coordinator.state.topic.replication.factor",
        "share.coordinator.state.topic.num.partitions",
        "share.coordinator.state.topic.min.isr",
        "default.replication.factor",
        "min.insync.replicas",
        "num.partitions")) {
      settings.setProperty(one, "1");
    }
    // A topic is made by whoever owns it, as in production; one that is missing shall be noticed
    // here already.
    settings.setProperty("auto.create.topics.enable", "false");
    // Whoever connects may do anything that nobody has forbidden: rights can be tried out.
    settings.setProperty("authorizer.class.name", StandardAuthorizer.class.getName());
    settings.setProperty("allow.everyone.if.no.acl.found", "true");
    settings.setProperty("group.initial.rebalance.delay.ms", "0");
    // After a kill -9 the controller refuses the broker until the session of the killed one is
    // over.
    settings.setProperty("broker.session.timeout.ms", "3000");
    settings.setProperty("broker.heartbeat.interval.ms", "500");
    settings.setProperty("log.cleaner.dedupe.buffer.size", "4194304");
    settings.setProperty("num.network.threads", "2");
    settings.setProperty("num.io.threads", "2");
    settings.setProperty("background.threads", "2");
    return settings;
  }
}
