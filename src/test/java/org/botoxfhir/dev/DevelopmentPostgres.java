package org.botoxfhir.dev;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/** A real PostgreSQL server as a child process, its data kept between runs, as durable as in production. */
public final class DevelopmentPostgres implements AutoCloseable {
  /** In the folder's name, because a newer major version cannot read the files of an older one. */
  private static final String FOLDER = "postgresql-18";

  private static final String INITIALIZED = ".initialized";

  private static final Duration STOP = Duration.ofSeconds(20);

  private final EmbeddedPostgres server;
  private final Path folder;

  private DevelopmentPostgres(EmbeddedPostgres server, Path folder) {
    this.server = server;
    this.folder = folder;
  }

  /**
   * Stops the server that a killed run left behind, if there is one. The caller holds the lock on {@code data}, so no living run
   * can be using it.
   */
  static void stopOrphan(Path data) throws IOException, InterruptedException {
    Path pidFile = data.resolve(FOLDER).resolve("postmaster.pid");
    if (!Files.exists(pidFile)) {
      return;
    }
    var lines = Files.readAllLines(pidFile);
    var orphan = lines.isEmpty()
        ? java.util.Optional.<ProcessHandle>empty()
        : ProcessHandle.of(Long.parseLong(lines.getFirst().strip()));
    // After a reboot the number may belong to another program.
    if (orphan.isEmpty()
        || !orphan.get().info().command().map(DevelopmentPostgres::isPostgres).orElse(false)) {
      return;
    }
    orphan.get().destroy();
    try {
      orphan.get().onExit().get(STOP.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new CannotStartException(
          "PostgreSQL of an earlier run, process %d, does not stop; end it and start again"
              .formatted(orphan.get().pid()));
    }
  }

  private static boolean isPostgres(String command) {
    return Path.of(command).getFileName().toString().startsWith("postgres");
  }

  /**
   * Starts a server and returns when it takes connections.
   *
   * @param data where it keeps its data; prepared when it is new, recovered when the last server on it was killed
   * @param port on 127.0.0.1; must be free
   */
  public static DevelopmentPostgres start(Path data, int port) throws IOException {
    Path folder = data.resolve(FOLDER);
    Path initialized = data.resolve(FOLDER + INITIALIZED);
    if (!Files.exists(initialized)) {
      // Without the mark its preparation was interrupted and it never held a record.
      Folders.delete(folder);
    }
    Path log = data.resolve("postgresql.log");
    try {
      var server = EmbeddedPostgres.builder()
          .setDataDirectory(folder)
          .setCleanDataDirectory(false)
          .setPort(port)
          .setPGStartupWait(Duration.ofSeconds(60))
          .setRegisterShutdownHook(false)
          .setLocaleConfig("locale", "C")
          .setServerConfig("unix_socket_directories", "")
          .setServerConfig("fsync", "on")
          .setServerConfig("synchronous_commit", "on")
          // What docs/operations.md advises, in small.
          .setServerConfig("shared_buffers", "256MB")
          .setServerConfig("max_wal_size", "4GB")
          .setServerConfig("checkpoint_timeout", "15min")
          .setOutputRedirector(ProcessBuilder.Redirect.appendTo(log.toFile()))
          .start();
      if (!Files.exists(initialized)) {
        Files.createFile(initialized);
      }
      return new DevelopmentPostgres(server, folder);
    } catch (IllegalStateException e) {
      throw new CannotStartException(
          "PostgreSQL does not start (%s); its own words are in %s".formatted(e.getMessage(), log));
    }
  }

  /**
   * The data folder for a server that {@link #start} is to find prepared. The caller fills it before.
   *
   * @param data as for {@link #start}
   */
  public static Path prepared(Path data) throws IOException {
    Files.createFile(Files.createDirectories(data).resolve(FOLDER + INITIALIZED));
    return data.resolve(FOLDER);
  }

  /** Its data folder. */
  public Path folder() {
    return folder;
  }

  /** Where it listens on 127.0.0.1. */
  public int port() {
    return server.getPort();
  }

  /** JDBC URL of the database {@code postgres}. */
  public String url() {
    return server.getJdbcUrl("postgres", "postgres");
  }

  /** The postmaster and its children. */
  public List<ProcessHandle> processes() throws IOException {
    ProcessHandle postmaster = ProcessHandle.of(Long.parseLong(
            Files.readAllLines(folder.resolve("postmaster.pid")).getFirst().strip()))
        .orElseThrow();
    return Stream.concat(Stream.of(postmaster), postmaster.descendants()).toList();
  }

  /** Ends all processes of the server as {@code kill -9} does, and returns when they are gone. Start anew on the same folder after it. */
  public void kill() throws IOException {
    List<ProcessHandle> processes = processes();
    processes.forEach(ProcessHandle::destroyForcibly);
    processes.forEach(process -> process.onExit().join());
    server.close(); // lets go of the folder; there is nothing left to stop
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
