package org.botoxfhir.dev;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.slf4j.LoggerFactory;

/** Prints every event of the service, from the first one on, until it is stopped. */
public final class EventWatch {
  private static final Pattern TOPICS = Pattern.compile("botox\\..*");

  private EventWatch() {}

  /** Never returns. @param bootstrapServers {@code host:port} of the broker */
  public static void run(String bootstrapServers) {
    // Without Spring nobody else quiets the client's log.
    ((Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME)).setLevel(Level.WARN);
    System.out.printf("Watching %s at %s; Ctrl-C ends it.%n", TOPICS, bootstrapServers);
    Map<String, Object> settings = Map.of(
        "bootstrap.servers",
        bootstrapServers,
        "group.id",
        "watch-" + UUID.randomUUID(),
        "auto.offset.reset",
        "earliest",
        "enable.auto.commit",
        false,
        "isolation.level",
        "read_committed",
        "metadata.max.age.ms",
        2000);
    try (var consumer =
        new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
      consumer.subscribe(TOPICS);
      while (true) {
        consumer.poll(Duration.ofSeconds(1)).forEach(EventWatch::print);
      }
    }
  }

  private static void print(ConsumerRecord<String, String> event) {
    System.out.printf("%n%s  key %s%n", event.topic(), event.key());
    event
        .headers()
        .forEach(header -> System.out.printf(
            "  %s: %s%n", header.key(), new String(header.value(), StandardCharsets.UTF_8)));
    System.out.println(event.value());
  }
}
