package org.botoxfhir.rest;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings {@code botox.shutdown.*}.
 *
 * @param drain how long the service goes on taking requests once it was told to end and is no longer ready; longer than it takes whoever
 *     sends requests here to notice that
 */
@ConfigurationProperties("botox.shutdown")
record ShutdownSettings(@DefaultValue("5s") Duration drain) {
  ShutdownSettings {
    if (drain.isNegative()) {
      throw new IllegalArgumentException(
          "botox.shutdown.drain is %s; it is 0 or longer".formatted(drain));
    }
  }
}
