package org.botoxfhir.kafka;

import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Profile;

/**
 * Makes the topics that are missing, whatever {@code botox.kafka.create-topics} says, and ends (profile {@code topics}), so that a job does
 * what the service itself then needs no right for. A topic that cannot be made or used is an exit status other than 0, and named.
 * Named by {@code application-topics.yaml}.
 */
@Configuration(proxyBeanMethods = false)
@Profile("topics")
@EnableConfigurationProperties(KafkaSettings.class)
class TopicRun {

  @Bean
  ApplicationRunner missingTopics(KafkaSettings settings) {
    KafkaSettings making = settings.makingTopics();
    KafkaTopics topics = new KafkaTopics(making, new KafkaClients(making));
    return arguments -> topics.requireAll();
  }
}
