package org.botoxfhir.validation;

import java.time.Duration;
import java.util.Map;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * {@code botox.validation}.
 *
 * @param mode what becomes of a write that does not conform
 * @param requiredProfiles canonical URLs of profiles of ours, by the type whose resources must all conform to it, claimed or not
 * @param concurrency validations at the same time; each takes a processor
 * @param waiting {@code $validate} that may wait for their turn
 * @param timeout how long a caller waits for its turn, or for the definitions to be read
 */
@ConfigurationProperties("botox.validation")
record ValidationSettings(
    @DefaultValue("enforce") Mode mode,
    @DefaultValue Map<String, String> requiredProfiles,
    @DefaultValue("2") int concurrency,
    @DefaultValue("16") int waiting,
    @DefaultValue("30s") Duration timeout) {

  /** What becomes of a write that does not conform; {@code $validate} is there in each of them. */
  enum Mode {
    /** Refused. */
    ENFORCE,
    /** Stored; the answer warns. */
    WARN,
    /** Nothing is looked at. */
    OFF
  }
}
