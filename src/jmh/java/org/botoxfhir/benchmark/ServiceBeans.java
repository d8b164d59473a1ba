package org.botoxfhir.benchmark;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.botoxfhir.BotoxFhirApplication;
import org.botoxfhir.dev.DevelopmentPostgres;
import org.botoxfhir.dev.EmbeddedKafka;
import org.botoxfhir.dev.Folders;
import org.botoxfhir.testing.TestDatabase;
import org.slf4j.LoggerFactory;
import org.springframework.boot.builder.SpringApplicationBuilder;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What benchmarks of single methods work on: parts of the service as it wires them, and resources of {@link MadeUpRecords}. */
public final class ServiceBeans {
  private ServiceBeans() {}

  /** A part of the service that needs neither its database nor its broker once it is started: both are gone on return. */
  public static <T> T bean(Class<T> type) throws IOException {
    // PostgreSQL starts before Spring has said what is logged; it would stand between JMH's lines.
    ((Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)).setLevel(Level.ERROR);
    Path folder = Files.createTempDirectory("botox-jmh-");
    try (var postgres = DevelopmentPostgres.start(folder, EmbeddedKafka.freePort())) {
      Map<String, String> settings =
          new HashMap<>(new TestDatabase(postgres.url(), "postgres", "").settings());
      settings.put("server.port", "0");
      settings.put("management.server.port", "0");
      settings.put("botox.kafka.bootstrap-servers", "127.0.0.1:" + EmbeddedKafka.freePort());
      settings.put("botox.events.pseudonym-key", "key-of-the-tests-that-protects-nobody");
      settings.put("botox.definitions.load", "false");
      settings.put("botox.validation.mode", "off");
      settings.put("botox.shutdown.drain", "0s");
      settings.put("logging.level.root", "ERROR");
      String[] arguments = settings.entrySet().stream()
          .map(setting -> "--" + setting.getKey() + "=" + setting.getValue())
          .toArray(String[]::new);
      try (var service = new SpringApplicationBuilder(BotoxFhirApplication.class).run(arguments)) {
        return service.getBean(type);
      }
    } finally {
      Folders.delete(folder);
    }
  }

  /** JSON of the first resource of a type in {@link MadeUpRecords#visit}. */
  public static String resource(String type) {
    JsonNode bundle =
        JsonMapper.shared().readTree(MadeUpRecords.visit("made-up", new SplittableRandom(1)));
    for (JsonNode entry : bundle.path("entry")) {
      JsonNode resource = entry.path("resource");
      if (resource.path("resourceType").asString().equals(type)) {
        // As the service stores it: references of a transaction are those to what it made of the
        // entries.
        return resource.toString().replaceAll("urn:uuid:", "Patient/");
      }
    }
    throw new IllegalArgumentException("a visit has no " + type);
  }
}
