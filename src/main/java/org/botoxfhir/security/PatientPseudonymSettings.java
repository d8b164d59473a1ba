package org.botoxfhir.security;

import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * How events name a patient in their key.
 *
 * @param pseudonymKey secret of at least 32 bytes (UTF-8), the same on every replica and for as long as events of one patient have to
 *     stay in order; there is no default, since whoever knows the key can tell which patient an event is about
 */
@ConfigurationProperties("botox.events")
record PatientPseudonymSettings(@Nullable String pseudonymKey) {
  private static final int BYTES = 32;

  PatientPseudonymSettings {
    if (pseudonymKey == null || pseudonymKey.getBytes(StandardCharsets.UTF_8).length < BYTES) {
      throw new IllegalArgumentException(
          "botox.events.pseudonym-key must be set to a secret of at least %d bytes, the same on every replica (make one with: openssl rand -base64 32)"
              .formatted(BYTES));
    }
  }

  byte[] secret() {
    return Objects.requireNonNull(pseudonymKey).getBytes(StandardCharsets.UTF_8);
  }

  /** Without the secret. */
  @Override
  public String toString() {
    return "PatientPseudonymSettings[pseudonymKey=***]";
  }
}
