package org.botoxfhir;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.botoxfhir.dev.DevelopmentServers;
import org.botoxfhir.dev.EventWatch;
import org.botoxfhir.dev.Welcome;
import org.springframework.boot.SpringApplication;

/**
 * The whole service on a developer's machine, with PostgreSQL and Kafka of its own: {@code mvn -Pstart}. With the
 * argument {@code --watch}, or {@code --watch=host:port}, it prints the events of a service that runs already.
 */
public final class TestApplication {
  /** What the service needs and only a production installation can choose; an argument or environment variable still wins. */
  private static final Map<String, Object> DEVELOPMENT = Map.of(
      "botox.events.pseudonym-key", "development-only-key-that-protects-nobody",
      "botox.kafka.create-topics", "true",
      "logging.level.kafka", "WARN",
      "logging.level.org.apache.kafka", "WARN",
      "logging.level.state.change.logger", "WARN",
      "logging.level.io.zonky.test", "WARN");

  private static final String WATCH = "--watch";

  private TestApplication() {}

  /** Takes the same arguments as the service, those of {@code botox.dev.*}, or {@code --watch}. */
  public static void main(String[] args) {
    var watch =
        Arrays.stream(args).filter(argument -> argument.startsWith(WATCH)).findFirst();
    if (watch.isPresent()) {
      String broker = watch.get().substring(WATCH.length());
      EventWatch.run(broker.isEmpty() ? "127.0.0.1:9092" : broker.substring(1));
      return;
    }
    endWithMaven();
    var application = new SpringApplication(BotoxFhirApplication.class);
    application.setDefaultProperties(DEVELOPMENT);
    application.addInitializers(new DevelopmentServers());
    application.addListeners(new Welcome());
    try {
      // Text for people where production writes JSON; application.yaml would win over a default
      // property.
      application.run(
          Stream.concat(Stream.of("--logging.structured.format.console="), Arrays.stream(args))
              .toArray(String[]::new));
    } catch (RuntimeException e) {
      // Spring has said why; threads of the broker would keep a service alive that is none.
      System.exit(1);
    }
  }

  /** A Maven that is killed the hard way cannot take this process along, which would then hold the ports. */
  private static void endWithMaven() {
    ProcessHandle.current()
        .parent()
        .filter(parent ->
            parent.info().command().map(command -> command.endsWith("java")).orElse(false))
        .ifPresent(maven -> maven.onExit().thenRun(() -> System.exit(1)));
  }
}
