package org.botoxfhir.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.botoxfhir.BotoxFhirApplication;
import org.botoxfhir.dev.EmbeddedKafka;
import org.botoxfhir.outbox.EventSink.EventSinkException;
import org.botoxfhir.testing.TestServers;
import org.botoxfhir.testing.Topics;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringApplication;

/** Profile {@code topics}: what a job of the chart runs, so that the service needs no right to make topics. */
class TopicRunTest {
  private final String name = "made-up-" + UUID.randomUUID();

  @Test
  void brokersThatAreAwayAreAFailureThatNamesThem() {
    String away = "127.0.0.1:" + EmbeddedKafka.freePort();
    assertThatThrownBy(() -> run(
            away,
            Map.of(
                "botox.kafka.properties.default.api.timeout.ms", "600",
                "botox.kafka.properties.request.timeout.ms", "500")))
        .hasCauseInstanceOf(EventSinkException.class)
        .hasStackTraceContaining("Kafka at " + away);
  }

  @Test
  void aPositionTopicThatForgetsIsAFailureThatSaysHowItHasToBe() {
    Topics.create(
        TestServers.bootstrapServers(),
        name + ".positions",
        Map.of(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_DELETE));
    assertThatThrownBy(() -> run(TestServers.bootstrapServers(), Map.of()))
        .hasCauseInstanceOf(EventSinkException.class)
        .hasStackTraceContaining("set it to compact");
  }

  @Test
  void whatIsMissingIsMadeWhateverTheServiceItselfMayAndTheRestStaysAsItIs() throws Exception {
    Topics.create(TestServers.bootstrapServers(), name, Map.of());

    run(
        TestServers.bootstrapServers(),
        Map.of("botox.kafka.create-topics", "false", "botox.kafka.partitions", "3"));

    try (Admin admin = Admin.create(Map.of("bootstrap.servers", TestServers.bootstrapServers()))) {
      var made = admin
          .describeTopics(List.of(name, name + ".dlq", name + ".positions"))
          .allTopicNames()
          .get();
      assertThat(made.values().stream()
              .collect(Collectors.toMap(
                  TopicDescription::name, topic -> topic.partitions().size())))
          .isEqualTo(Map.of(name, 1, name + ".dlq", 3, name + ".positions", 1));
      var positions = new ConfigResource(ConfigResource.Type.TOPIC, name + ".positions");
      assertThat(admin.describeConfigs(List.of(positions)).all().get().values())
          .extracting(config -> config.get(TopicConfig.CLEANUP_POLICY_CONFIG).value())
          .containsExactly(TopicConfig.CLEANUP_POLICY_COMPACT);
    }
  }

  private void run(String brokers, Map<String, String> settings) {
    SpringApplication application = new SpringApplication(BotoxFhirApplication.class);
    application.setAdditionalProfiles("topics");
    application
        .run(Stream.concat(
                Stream.of(
                    "--botox.kafka.bootstrap-servers=" + brokers,
                    "--botox.kafka.topics=" + name,
                    "--botox.kafka.position-topic=" + name + ".positions"),
                settings.entrySet().stream()
                    .map(setting -> "--" + setting.getKey() + "=" + setting.getValue()))
            .toArray(String[]::new))
        .close();
  }
}
