package org.botoxfhir.dev;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;

/**
 * Starts PostgreSQL and Kafka before the application context, tells it where they are, and stops them after it. Anything in the way
 * (a taken port, another run on the same folder) ends the program with one line.
 */
public final class DevelopmentServers
    implements ApplicationContextInitializer<ConfigurableApplicationContext> {
  private static final String DATA = "botox.dev.data";

  private @Nullable FileLock lock;
  private @Nullable DevelopmentPostgres postgres;
  private @Nullable EmbeddedKafka kafka;

  @Override
  @SuppressWarnings("SystemExitOutsideMain") // this is the development main, in two classes
  public void initialize(ConfigurableApplicationContext context) {
    // Spring runs it once every context is closed, so the service finds its servers to its last
    // moment.
    SpringApplication.getShutdownHandlers().add(this::stop);
    try {
      start(context.getEnvironment());
    } catch (CannotStartException e) {
      System.err.println(e.getMessage());
      System.exit(1);
    } catch (AccessDeniedException e) {
      System.err.printf(
          "%s cannot be written by this user; delete it, or choose another folder: --%s=FOLDER%n",
          e.getFile(), DATA);
      System.exit(1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the development servers started", e);
    }
  }

  private void start(ConfigurableEnvironment environment) throws IOException, InterruptedException {
    var settings = Binder.get(environment).bindOrCreate("botox.dev", DevelopmentSettings.class);
    requireFree(environment.getRequiredProperty("server.port", Integer.class), "server.port");
    requireFree(
        environment.getRequiredProperty("management.server.port", Integer.class),
        "management.server.port");
    requireFree(settings.kafkaPort(), "botox.dev.kafka-port");
    Path data = settings.data().toAbsolutePath();
    Files.createDirectories(data);
    lock(data);
    DevelopmentPostgres.stopOrphan(data);
    requireFree(settings.postgresPort(), "botox.dev.postgres-port");

    var startingKafka = CompletableFuture.supplyAsync(
        () -> EmbeddedKafka.start(data.resolve("kafka"), settings.kafkaPort()));
    DevelopmentPostgres startedPostgres = DevelopmentPostgres.start(data, settings.postgresPort());
    postgres = startedPostgres;
    EmbeddedKafka startedKafka;
    try {
      startedKafka = startingKafka.join();
    } catch (CompletionException e) {
      throw new IllegalStateException("the embedded Kafka broker does not start", e.getCause());
    }
    kafka = startedKafka;

    Map<String, Object> servers = new LinkedHashMap<>();
    servers.put("spring.datasource.url", startedPostgres.url());
    servers.put("spring.datasource.username", "postgres");
    servers.put("spring.datasource.password", "");
    servers.put("botox.kafka.bootstrap-servers", startedKafka.bootstrapServers());
    environment
        .getPropertySources()
        .addFirst(new MapPropertySource("development servers", servers));
    environment
        .getPropertySources()
        // Who presses Ctrl-C has no clients who have yet to notice.
        .addLast(new MapPropertySource("development", Map.of("botox.shutdown.drain", "0s")));
  }

  private static void requireFree(int port, String setting) {
    if (port == 0) {
      return;
    }
    try (var probe = new ServerSocket()) {
      probe.bind(new InetSocketAddress("127.0.0.1", port));
    } catch (IOException e) {
      throw new CannotStartException(
          "Port %d is taken: stop what listens there, or choose another port with --%s=PORT (mvn -Pstart -Dspring-boot.run.arguments=--%s=PORT)"
              .formatted(port, setting, setting));
    }
  }

  /** The lock is the kernel's: it ends with this process, however that ends. */
  private void lock(Path data) throws IOException {
    var channel = FileChannel.open(
        data.resolve("lock"),
        StandardOpenOption.CREATE,
        StandardOpenOption.READ,
        StandardOpenOption.WRITE);
    FileLock taken = channel.tryLock();
    if (taken == null) {
      String holder = Files.readString(data.resolve("lock")).strip();
      channel.close();
      throw new CannotStartException(
          "%s is in use by another run, process %s: stop it, or choose another folder with --%s=FOLDER"
              .formatted(data, holder, DATA));
    }
    lock = taken;
    channel.truncate(0);
    channel.write(ByteBuffer.wrap(
        Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII)));
  }

  private void stop() {
    try {
      if (kafka != null) {
        kafka.close();
      }
    } finally {
      try {
        if (postgres != null) {
          postgres.close();
        }
        if (lock != null) {
          lock.acquiredBy().close();
        }
      } catch (IOException e) {
        System.err.println("the development servers did not stop cleanly: " + e.getMessage());
      }
    }
  }
}
