package org.botoxfhir.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.botoxfhir.dev.EmbeddedKafka;

/** A Kafka broker as an operating system process of its own, so that a test can kill it; it keeps its folder and its port. */
final class BrokerProcess {
  private static final int START_SECONDS = 300;

  private static final String LOGGING = """
      <configuration>
        <appender name="out" class="ch.qos.logback.core.ConsoleAppender">
          <encoder><pattern>%d %level %logger{0} %msg%n</pattern></encoder>
        </appender>
        <root level="WARN"><appender-ref ref="out"/></root>
      </configuration>
      """;

  private final Path folder;
  private final List<String> jvmOptions;
  private final int port = EmbeddedKafka.freePort();
  private Process process;

  /** Starts it. @param folder for its log, its settings and its output */
  BrokerProcess(Path folder, List<String> jvmOptions) {
    this.folder = folder;
    this.jvmOptions = jvmOptions;
    process = launch();
  }

  String bootstrapServers() {
    return "127.0.0.1:" + port;
  }

  ProcessHandle handle() {
    return process.toHandle();
  }

  /** Ends it as {@code kill -9} does, and returns when it is gone. */
  void kill() {
    process.destroyForcibly();
    process.onExit().join();
  }

  /** Starts it again on what it had, and returns when it answers. */
  void start() {
    process = launch();
  }

  private Process launch() {
    try {
      return launched();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the broker started", e);
    }
  }

  private Process launched() throws IOException, InterruptedException {
    Properties settings = EmbeddedKafka.prepare(folder.resolve("kafka"), port);
    Path file = folder.resolve("server.properties");
    try (Writer writer = Files.newBufferedWriter(file)) {
      settings.store(writer, null);
    }
    Files.writeString(folder.resolve("logback.xml"), LOGGING);
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(jvmOptions);
    command.addAll(List.of(
        "-Dlogback.configurationFile=" + folder.resolve("logback.xml"),
        "-cp",
        ServiceProcess.classPath(),
        // Kafka's own main class, as in kafka-server-start.sh
        "kafka.Kafka",
        file.toString()));
    Process started = new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(
            ProcessBuilder.Redirect.appendTo(folder.resolve("kafka.log").toFile()))
        .start();
    Runtime.getRuntime().addShutdownHook(new Thread(started::destroyForcibly));
    awaitAnswer(started);
    return started;
  }

  private void awaitAnswer(Process started) throws InterruptedException {
    try (Admin admin = Admin.create(Map.of(
        "bootstrap.servers", bootstrapServers(), "default.api.timeout.ms", 1000 * START_SECONDS))) {
      admin.describeCluster().nodes().get(START_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | java.util.concurrent.TimeoutException e) {
      throw new IllegalStateException(
          "the broker does not start (alive: %s), see %s"
              .formatted(started.isAlive(), folder.resolve("kafka.log")),
          e);
    }
  }
}
