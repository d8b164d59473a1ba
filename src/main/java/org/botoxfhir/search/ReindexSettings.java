package org.botoxfhir.search;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of the job that makes index rows anew.
 *
 * @param batchSize resources in a transaction; their writers wait for its end
 * @param pause between two transactions
 * @param poll how often each replica asks whether there is something to do, and whether it is done
 */
@ConfigurationProperties("botox.reindex")
record ReindexSettings(
    @DefaultValue("100") int batchSize,
    @DefaultValue("50ms") Duration pause,
    @DefaultValue("2s") Duration poll) {

  ReindexSettings {
    if (batchSize < 1 || batchSize > 1000) {
      throw new IllegalArgumentException(
          "botox.reindex.batch-size is %d; it may be 1 to 1000".formatted(batchSize));
    }
  }
}
