package org.botoxfhir.testing;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.metadata.authorizer.StandardAuthorizer;
import org.botoxfhir.leaks.Captured;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.kafka.KafkaContainer;
import org.testcontainers.postgresql.PostgreSQLContainer;
import org.testcontainers.utility.DockerImageName;

/**
 * The servers as containers. Opt-in, because a Docker engine cannot be assumed; images by the system properties
 * {@code botox.test.postgres-image} and {@code botox.test.kafka-image}. Testcontainers removes them when the JVM ends.
 */
record ContainerServers(TestDatabase administration, ContainerBroker broker)
    implements TestServers.Servers {
  private static final int ENGINE_SECONDS = 20;

  static ContainerServers start() {
    if (!isEngineThere()) {
      throw new IllegalStateException(
          "The profile \"containers\" needs a Docker engine, and none answered within %d s. Start one, or leave the profile out: the same tests then run on embedded servers."
              .formatted(ENGINE_SECONDS));
    }
    var postgres =
        new PostgreSQLContainer(image("botox.test.postgres-image", "postgres:18", "postgres"));
    postgres.withCommand("postgres", "-c", "fsync=off", "-c", "max_connections=800");
    postgres.withLogConsumer(frame -> Captured.logLine("postgresql", frame.getUtf8String()));
    postgres.start();
    return new ContainerServers(
        new TestDatabase(postgres.getJdbcUrl(), postgres.getUsername(), postgres.getPassword()),
        newBroker());
  }

  static ContainerBroker newBroker() {
    var kafka = new KafkaContainer(
            image("botox.test.kafka-image", "apache/kafka:4.2.1", "apache/kafka"))
        .withEnv("KAFKA_AUTO_CREATE_TOPICS_ENABLE", "false")
        .withEnv("KAFKA_AUTHORIZER_CLASS_NAME", StandardAuthorizer.class.getName())
        .withEnv("KAFKA_ALLOW_EVERYONE_IF_NO_ACL_FOUND", "true")
        .withLogConsumer(frame -> Captured.logLine("kafka", frame.getUtf8String()));
    kafka.start();
    return new ContainerBroker(kafka);
  }

  private static DockerImageName image(String property, String otherwise, String compatible) {
    return DockerImageName.parse(System.getProperty(property, otherwise))
        .asCompatibleSubstituteFor(compatible);
  }

  /** Whether a Docker engine answers. One that is there and hangs is none. */
  static boolean isEngineThere() {
    try {
      return CompletableFuture.supplyAsync(() -> DockerClientFactory.instance().isDockerAvailable())
          .get(ENGINE_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException hangs) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException("a Docker engine cannot be looked for", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while looking for a Docker engine", e);
    }
  }

  /** A broker in a container; it goes away by being paused, since a restarted container would come back at another port. */
  record ContainerBroker(KafkaContainer container) implements TestServers.Broker {
    @Override
    public String bootstrapServers() {
      return container.getBootstrapServers();
    }

    @Override
    public void interrupt() {
      container.getDockerClient().pauseContainerCmd(container.getContainerId()).exec();
    }

    @Override
    public void resume() {
      container
          .getDockerClient()
          .unpauseContainerCmd(container.getContainerId())
          .exec();
    }

    @Override
    public void close() {
      Captured.records(Map.of("bootstrap.servers", bootstrapServers()));
      container.stop();
    }
  }
}
