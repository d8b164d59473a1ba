package org.botoxfhir.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class PatientPseudonymTest {
  private static final String KEY = "made-up-and-long-enough-for-a-test";

  @ParameterizedTest
  @NullSource
  @ValueSource(strings = {"", "31-bytes-are-one-byte-too-little"})
  void withoutALongEnoughKeyTheServiceDoesNotStart(@Nullable String key) {
    String tooShort = key == null || key.isEmpty() ? key : key.substring(0, 31);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new PatientPseudonymSettings(tooShort))
        .withMessageContaining("botox.events.pseudonym-key must be set")
        .withMessageContaining("32 bytes");
  }

  @Test
  void theKeyIsNeverPrinted() {
    assertThat(new PatientPseudonymSettings(KEY).toString()).doesNotContain(KEY);
  }

  @Test
  void aPatientAlwaysHasTheSamePseudonymAndAnotherPatientOrKeyAnother() {
    var pseudonym = new PatientPseudonym(new PatientPseudonymSettings(KEY));
    assertThat(pseudonym.of("Patient/1")).isEqualTo(pseudonym.of("Patient/1")).hasSize(43);
    assertThat(pseudonym.of("Patient/1")).isNotEqualTo(pseudonym.of("Patient/2"));
    assertThat(pseudonym.of("Patient/1"))
        .isNotEqualTo(
            new PatientPseudonym(new PatientPseudonymSettings(KEY + "!")).of("Patient/1"));
  }

  @Test
  void thePseudonymIsTheKeyedHashThatOthersCompute() {
    // Made with: printf 'Patient/1' | openssl dgst -sha256 -hmac (the key) -binary, then base64url
    var pseudonym = new PatientPseudonym(new PatientPseudonymSettings(KEY));
    assertThat(pseudonym.of("Patient/1")).isEqualTo("knSWMzLEwpgLpGWHO9HXc4ouR9Gi8w8Iwvwfvk_U1DY");
  }
}
