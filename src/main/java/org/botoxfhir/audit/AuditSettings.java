package org.botoxfhir.audit;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of the audit log.
 *
 * @param enabled whether interactions are put on record; off for benchmarks only
 * @param linger how long at most events wait for those of requests that are under way, to be committed with them: a commit costs much the
 *     same for one as for many. The event of a request that is alone does not wait
 * @param retention how long events are kept at least; those of a month are dropped together, once the last of them is older
 */
@ConfigurationProperties("botox.audit")
record AuditSettings(
    @DefaultValue("true") boolean enabled,
    @DefaultValue("5ms") Duration linger,
    @DefaultValue("2190d") Duration retention) {
  AuditSettings {
    if (linger.isNegative()) {
      throw new IllegalArgumentException("botox.audit.linger must not be negative");
    }
    if (retention.compareTo(Duration.ofDays(1)) < 0) {
      throw new IllegalArgumentException(
          "botox.audit.retention is %s; set it to a day (1d) or more".formatted(retention));
    }
  }
}
