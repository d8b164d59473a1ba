package org.botoxfhir.testing;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.botoxfhir.leaks.Captured;
import org.botoxfhir.outbox.NewEvent;
import org.botoxfhir.outbox.Outbox;
import org.botoxfhir.outbox.ParkedEvents;
import org.botoxfhir.outbox.Replays;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcClientAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The publishing half of one replica of the service: outbox, relay and, if wanted, the Kafka sink, wired by Spring as in the
 * service, without its FHIR half. A test may run several on one database.
 */
public final class Replica implements AutoCloseable {
  private final ConfigurableApplicationContext context;

  private Replica(ConfigurableApplicationContext context) {
    this.context = context;
  }

  /** Starts one that publishes to Kafka. @param settings of the service, beside the database's */
  public static Replica publishing(TestDatabase database, Map<String, String> settings) {
    return start(WithKafka.class, database, settings);
  }

  /** Starts one without a sink: it appends and never publishes. */
  public static Replica appendingOnly(TestDatabase database, Map<String, String> settings) {
    return start(WithoutSink.class, database, settings);
  }

  private static Replica start(
      Class<?> wiring, TestDatabase database, Map<String, String> settings) {
    Map<String, Object> properties = new HashMap<>(database.settings());
    TestServers.quietLoggers().forEach(logger -> properties.put("logging.level." + logger, "WARN"));
    properties.putAll(settings);
    // As arguments, which win over application.yaml
    String[] arguments = properties.entrySet().stream()
        .map(setting -> "--" + setting.getKey() + "=" + setting.getValue())
        .toArray(String[]::new);
    return new Replica(
        new SpringApplicationBuilder(wiring).web(WebApplicationType.NONE).run(arguments));
  }

  /** Commits one transaction with these events. */
  public void commit(NewEvent... events) {
    transaction().executeWithoutResult(status -> outbox().append(List.of(events)));
  }

  public Outbox outbox() {
    return context.getBean(Outbox.class);
  }

  public Replays replays() {
    return context.getBean(Replays.class);
  }

  public ParkedEvents parked() {
    return context.getBean(ParkedEvents.class);
  }

  public TransactionTemplate transaction() {
    return context.getBean(TransactionTemplate.class);
  }

  public JdbcClient jdbc() {
    return context.getBean(JdbcClient.class);
  }

  /** Value of a gauge. */
  public double gauge(String name) {
    return context.getBean(MeterRegistry.class).get(name).gauge().value();
  }

  public MeterRegistry metrics() {
    return context.getBean(MeterRegistry.class);
  }

  /** Whether it is the one that publishes. */
  public boolean leads() {
    return gauge("botox.outbox.leader") == 1;
  }

  /** Health component {@code kafka}. */
  public Health kafkaHealth() {
    return health("kafka");
  }

  /** A health component. */
  public Health health(String component) {
    Health health =
        context.getBean(component + "HealthIndicator", HealthIndicator.class).health();
    if (health == null) {
      throw new AssertionError("no health of " + component);
    }
    return health;
  }

  /** Stops it in an orderly way. */
  @Override
  public void close() {
    if (context.isActive()) {
      Captured.meters(metrics());
    }
    context.close();
  }

  // No stereotype on these two: the scan of the service, which sees the test classes too, shall not
  // find them.

  @ImportAutoConfiguration({
    DataSourceAutoConfiguration.class,
    DataSourceTransactionManagerAutoConfiguration.class,
    JdbcTemplateAutoConfiguration.class,
    JdbcClientAutoConfiguration.class,
    TransactionAutoConfiguration.class,
    FlywayAutoConfiguration.class
  })
  @ComponentScan({"org.botoxfhir.outbox", "org.botoxfhir.trace"})
  @ConfigurationPropertiesScan("org.botoxfhir.outbox")
  static class WithoutSink {
    @Bean
    SimpleMeterRegistry metrics() {
      return new SimpleMeterRegistry();
    }
  }

  @ComponentScan("org.botoxfhir.kafka")
  @ConfigurationPropertiesScan("org.botoxfhir.kafka")
  static class WithKafka extends WithoutSink {}
}
