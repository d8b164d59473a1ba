package org.botoxfhir.validation;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * {@code botox.validation}.
 *
 * @param concurrency validations at the same time; each takes a processor
 * @param waiting validations that may wait for their turn
 * @param timeout how long a caller waits for the outcome
 */
@ConfigurationProperties("botox.validation")
record ValidationSettings(
    @DefaultValue("2") int concurrency,
    @DefaultValue("16") int waiting,
    @DefaultValue("30s") Duration timeout) {}
