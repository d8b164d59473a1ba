package org.botoxfhir.audit;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of the audit log.
 *
 * @param enabled whether interactions are put on record; off for benchmarks only
 * @param retention how long events are kept at least; those of a month are dropped together, once the last of them is older
 */
@ConfigurationProperties("botox.audit")
record AuditSettings(
    @DefaultValue("true") boolean enabled,
    @DefaultValue("2190d") Duration retention) {
  AuditSettings {
    if (retention.compareTo(Duration.ofDays(1)) < 0) {
      throw new IllegalArgumentException(
          "botox.audit.retention is %s; set it to a day (1d) or more".formatted(retention));
    }
  }
}
