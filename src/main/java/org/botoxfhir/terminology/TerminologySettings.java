package org.botoxfhir.terminology;

import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * {@code botox.terminology}.
 *
 * @param maxExpansion most codes in an answer to {@code $expand}
 * @param remoteUrl FHIR base of a terminology server that is asked for what is not on file; null for none
 * @param remoteTimeout how long that server may take for an answer
 */
@ConfigurationProperties("botox.terminology")
record TerminologySettings(
    @DefaultValue("10000") int maxExpansion,
    @Nullable URI remoteUrl,
    @DefaultValue("10s") Duration remoteTimeout) {
  TerminologySettings {
    if (maxExpansion < 1) {
      throw new IllegalArgumentException(
          "botox.terminology.max-expansion is %d; it is 1 or more".formatted(maxExpansion));
    }
    if (remoteUrl != null
        && (remoteUrl.getHost() == null
            || remoteUrl.getUserInfo() != null
            || remoteUrl.getQuery() != null
            || !("http".equals(remoteUrl.getScheme()) || "https".equals(remoteUrl.getScheme())))) {
      throw new IllegalArgumentException(
          "botox.terminology.remote-url is no address of a FHIR server, such as https://terminology.example.org/r4 without a user in it");
    }
  }
}
