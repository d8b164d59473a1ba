package org.botoxfhir.store;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings {@code botox.replica.*}: a streaming replica of the database that reads go to.
 *
 * @param url JDBC URL of one or several standbys of the database of {@code spring.datasource}, taken with the same user; none: every read
 *     goes to the primary
 * @param poolSize most connections to it
 * @param maxWait how long a read waits for the standby to have what was committed before the read began, before it goes to the primary
 * @param pause how long all reads go to the primary after one that the standby could not answer
 */
@ConfigurationProperties("botox.replica")
record ReplicaSettings(
    @Nullable String url,
    @DefaultValue("16") int poolSize,
    @DefaultValue("100ms") Duration maxWait,
    @DefaultValue("5s") Duration pause) {
  ReplicaSettings {
    if (poolSize < 1) {
      throw new IllegalArgumentException(
          "botox.replica.pool-size is %d; at least 1 connection is needed".formatted(poolSize));
    }
    if (maxWait.isNegative() || pause.isNegative()) {
      throw new IllegalArgumentException(
          "botox.replica.max-wait is %s and botox.replica.pause is %s; both are 0 or longer"
              .formatted(maxWait, pause));
    }
  }
}
