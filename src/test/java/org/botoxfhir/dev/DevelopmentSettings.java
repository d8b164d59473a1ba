package org.botoxfhir.dev;

import java.nio.file.Path;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of the development servers; they exist only under {@code mvn -Pstart}.
 *
 * @param data folder that keeps what PostgreSQL and Kafka store between runs
 * @param postgresPort port of the embedded PostgreSQL on 127.0.0.1
 * @param kafkaPort port of the embedded Kafka broker on 127.0.0.1
 */
@ConfigurationProperties("botox.dev")
record DevelopmentSettings(
    @DefaultValue(".botox-data") Path data,
    @DefaultValue("54329") int postgresPort,
    @DefaultValue("9092") int kafkaPort) {}
