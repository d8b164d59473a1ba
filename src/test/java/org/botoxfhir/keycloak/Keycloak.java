package org.botoxfhir.keycloak;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.botoxfhir.dev.EmbeddedKafka;

/** A Keycloak with one realm, {@code clinic}, on loopback; it keeps nothing. The build unpacks it, so {@code mvn} has to have run. */
final class Keycloak implements AutoCloseable {
  private static final Path DISTRIBUTIONS = Path.of("target", "keycloak");
  private static final Duration START = Duration.ofMinutes(4);

  private final Process process;
  private final int port;

  private Keycloak(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /** @param realm of which it is the only one, as JSON */
  static Keycloak start(String realm) {
    int port = EmbeddedKafka.freePort();
    Path home = home().toAbsolutePath();
    try {
      Files.writeString(
          Files.createDirectories(home.resolve("data").resolve("import")).resolve("clinic.json"),
          realm);
      Path log = Path.of("target", "keycloak.log");
      var command = new ProcessBuilder(
              "bash",
              home.resolve("bin").resolve("kc.sh").toString(),
              "start-dev",
              "--import-realm",
              "--db=dev-mem",
              "--http-host=127.0.0.1",
              "--http-port=" + port)
          .redirectErrorStream(true)
          .redirectOutput(log.toFile())
          .redirectInput(new File("/dev/null"));
      command.environment().put("JAVA_HOME", System.getProperty("java.home"));
      command.environment().put("JAVA_OPTS_KC_HEAP", "-Xms64m -Xmx512m");
      // It lives for a minute.
      command.environment().put("JAVA_OPTS_APPEND", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC");
      Process process = command.start();
      var keycloak = new Keycloak(process, port);
      // A test run that is ended early takes it along.
      Runtime.getRuntime().addShutdownHook(new Thread(keycloak::close));
      keycloak.awaitReady(log);
      return keycloak;
    } catch (IOException e) {
      throw new IllegalStateException("Keycloak does not start", e);
    }
  }

  private static Path home() {
    try (var found = Files.list(DISTRIBUTIONS)) {
      return found
          .filter(one -> one.getFileName().toString().startsWith("keycloak-"))
          .findFirst()
          .orElseThrow();
    } catch (IOException e) {
      throw new IllegalStateException(
          "%s is missing; mvn process-test-classes makes it".formatted(DISTRIBUTIONS), e);
    }
  }

  /** Address of the realm, as in {@code iss}. */
  String issuer() {
    return "http://127.0.0.1:%d/realms/clinic".formatted(port);
  }

  URI tokenEndpoint() {
    return URI.create(issuer() + "/protocol/openid-connect/token");
  }

  private void awaitReady(Path log) {
    try (HttpClient http = HttpClient.newHttpClient()) {
      var request = HttpRequest.newBuilder(
              URI.create(issuer() + "/.well-known/openid-configuration"))
          .timeout(Duration.ofSeconds(10))
          .build();
      Awaitility.await("Keycloak, see " + log)
          .atMost(START)
          .pollInterval(Duration.ofMillis(500))
          .failFast("Keycloak ended, see " + log, () -> !process.isAlive())
          .ignoreExceptionsInstanceOf(IOException.class)
          .until(() -> http.send(request, BodyHandlers.discarding()).statusCode() == 200);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  @Override
  public void close() {
    List<ProcessHandle> all = process.descendants().toList();
    process.destroyForcibly();
    all.forEach(ProcessHandle::destroyForcibly);
  }
}
