package org.botoxfhir.testing;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.botoxfhir.BotoxFhirApplication;
import org.botoxfhir.dev.EmbeddedKafka;

/** The service as an operating system process of its own, so that a test can kill it. Its output goes to {@code target/}. */
public final class ServiceProcess implements AutoCloseable {
  private static final AtomicInteger PROCESSES = new AtomicInteger();
  private static final Duration START = Duration.ofSeconds(300);

  private final Process process;
  private final Path log;
  private final int port;
  private final int managementPort;

  private ServiceProcess(Process process, Path log, int port, int managementPort) {
    this.process = process;
    this.log = log;
    this.port = port;
    this.managementPort = managementPort;
  }

  /**
   * Starts the service on free ports and waits until it is ready.
   *
   * @param settings of the service; database and Kafka have to be among them, see {@link TestDatabase#settings}
   */
  public static ServiceProcess start(Map<String, String> settings) {
    // A short life: it is up sooner when the second compiler stays away.
    return start(List.of("-XX:TieredStopAtLevel=1"), settings);
  }

  /** The same, @param javaOptions of its JVM */
  public static ServiceProcess start(List<String> javaOptions, Map<String, String> settings) {
    return start(
        javaOptions, List.of("-cp", classPath(), BotoxFhirApplication.class.getName()), settings);
  }

  /** The same, @param jar the service as an earlier release packaged it */
  public static ServiceProcess start(
      List<String> javaOptions, Path jar, Map<String, String> settings) {
    return start(javaOptions, List.of("-jar", jar.toString()), settings);
  }

  private static ServiceProcess start(
      List<String> javaOptions, List<String> program, Map<String, String> settings) {
    int port = EmbeddedKafka.freePort();
    int managementPort = EmbeddedKafka.freePort();
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(javaOptions);
    command.addAll(program);
    command.add("--server.port=" + port);
    command.add("--management.server.port=" + managementPort);
    Map<String, String> all = new LinkedHashMap<>(settings);
    // What takes longer than it lives, and the processor from others.
    all.putIfAbsent("botox.definitions.load", "false");
    all.putIfAbsent("botox.validation.mode", "off");
    all.putIfAbsent("botox.shutdown.drain", "0s");
    all.forEach((name, value) -> command.add("--" + name + "=" + value));
    try {
      Path log = Files.createDirectories(Path.of("target", "service-processes"))
          .resolve(
              "%d-%d.log".formatted(ProcessHandle.current().pid(), PROCESSES.incrementAndGet()));
      Process process = new ProcessBuilder(command)
          .redirectErrorStream(true)
          .redirectOutput(log.toFile())
          .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
          .start();
      // A test run that is ended early takes its processes along.
      Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
      var service = new ServiceProcess(process, log, port, managementPort);
      service.awaitReady();
      return service;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The process; an end by itself is seen there, too. */
  public ProcessHandle handle() {
    return process.toHandle();
  }

  /** A client of its FHIR interface. */
  public Fhir fhir() {
    return Fhir.ofPort(port);
  }

  /** Asks its management interface. @param path e.g. {@code health/readiness} or {@code prometheus} */
  public Fhir.Answer management(String path) {
    return new Fhir(managementBase()).get(path, "Accept", "*/*");
  }

  /** What it has printed so far. */
  public String output() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends it as {@code kill -9} does, and returns when it is gone. */
  public void kill() {
    end(process.destroyForcibly());
  }

  /** Asks it to end as {@code kill} does, and returns when it is gone. */
  public void stop() {
    process.destroy();
    end(process);
  }

  @Override
  public void close() {
    kill();
  }

  private URI managementBase() {
    return URI.create("http://127.0.0.1:" + managementPort + "/actuator");
  }

  private void awaitReady() {
    try (HttpClient http = HttpClient.newHttpClient()) {
      var request = HttpRequest.newBuilder(URI.create(managementBase() + "/health/readiness"))
          .timeout(Duration.ofSeconds(5))
          .build();
      Awaitility.await("readiness of the service, see " + log)
          .atMost(START)
          .failFast("the service ended, see " + log, () -> !process.isAlive())
          .ignoreExceptionsInstanceOf(IOException.class)
          .until(() -> http.send(request, BodyHandlers.discarding()).statusCode() == 200);
    } catch (RuntimeException e) {
      process.destroyForcibly();
      throw e;
    }
  }

  private static void end(Process process) {
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for the service to end", e);
    }
  }

  /**
   * The class path of the tests, for a process of its own. Under surefire java.class.path may be a jar that only points to the real one,
   * which ends in an empty entry: the folder itself.
   */
  public static String classPath() {
    String path =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path", ""));
    return path.endsWith(File.pathSeparator) ? path.substring(0, path.length() - 1) : path;
  }
}
