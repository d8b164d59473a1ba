package org.botoxfhir.terminology;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TerminologySettingsTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "terminology.example.org",
        "/r4",
        "ftp://terminology.example.org/r4",
        "https://user:secret@terminology.example.org/r4",
        "https://terminology.example.org/r4?key=secret"
      })
  void anAddressThatIsNoFhirServersOrHoldsASecretIsRefusedWithoutRepeatingIt(String url) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new TerminologySettings(100, URI.create(url), Duration.ofSeconds(1)))
        .withMessageContaining("botox.terminology.remote-url")
        .withMessageNotContaining("secret");
  }

  @Test
  void anExpansionOfNothingIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new TerminologySettings(0, null, Duration.ofSeconds(1)))
        .withMessageContaining("botox.terminology.max-expansion is 0");
  }
}
