package org.botoxfhir.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The JavaScript programs of {@code src/test/clients} and the packages that they need. */
public final class NodePackages {
  private static final Path CLIENTS = Path.of("src", "test", "clients");

  private NodePackages() {}

  /** How a program ended and all that it printed. */
  public record Outcome(int status, String output) {}

  /** Whether Node.js and npm are installed. */
  public static boolean available() {
    return starts("node", "--version") && starts("npm", "--version");
  }

  /** Fetches the packages that {@code package.json} names, unless that was done since it was changed last. */
  public static synchronized void install() {
    try {
      Path done = CLIENTS.resolve("node_modules").resolve(".package-lock.json");
      Path wanted = CLIENTS.resolve("package.json");
      if (Files.exists(done)
          && Files.getLastModifiedTime(done).compareTo(Files.getLastModifiedTime(wanted)) >= 0) {
        return;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Outcome outcome = run(List.of(
        "npm",
        "install",
        "--prefer-offline",
        "--omit=optional",
        "--ignore-scripts",
        "--no-package-lock",
        "--no-audit",
        "--no-fund"));
    if (outcome.status() != 0) {
      throw new IllegalStateException(
          "npm install failed in %s: %s".formatted(CLIENTS, outcome.output()));
    }
  }

  /** Runs a program of {@code src/test/clients}. @param arguments its name first */
  public static Outcome node(String... arguments) {
    List<String> command = new ArrayList<>(List.of("node", "--experimental-websocket"));
    command.addAll(List.of(arguments));
    return run(command);
  }

  private static Outcome run(List<String> command) {
    try {
      Process process = new ProcessBuilder(command)
          .directory(CLIENTS.toFile())
          .redirectErrorStream(true)
          .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
          .start();
      Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
      String output =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      return new Outcome(process.waitFor(), output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for " + command, e);
    }
  }

  /** Whether a program can be started and ends well. */
  public static boolean starts(String... command) {
    try {
      return new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException notInstalled) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
