package org.botoxfhir.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DateIntervalTest {

  @ParameterizedTest
  @CsvSource({
    "2024, 2024-01-01T00:00:00Z, 2024-12-31T23:59:59.999999Z",
    "2024-02, 2024-02-01T00:00:00Z, 2024-02-29T23:59:59.999999Z",
    "2024-02-29, 2024-02-29T00:00:00Z, 2024-02-29T23:59:59.999999Z",
    "2024-02-29T10:20+02:00, 2024-02-29T08:20:00Z, 2024-02-29T08:20:59.999999Z",
    "2024-02-29T10:20:30Z, 2024-02-29T10:20:30Z, 2024-02-29T10:20:30.999999Z",
    "2024-02-29T10:20:30-05:00, 2024-02-29T15:20:30Z, 2024-02-29T15:20:30.999999Z",
    "2024-02-29T10:20:30.5Z, 2024-02-29T10:20:30.5Z, 2024-02-29T10:20:30.599999Z",
    "2024-02-29T10:20:30.123Z, 2024-02-29T10:20:30.123Z, 2024-02-29T10:20:30.123999Z",
    "2024-02-29T10:20:30.123456789Z, 2024-02-29T10:20:30.123456Z, 2024-02-29T10:20:30.123456Z",
    "2024-02-29T10:20, 2024-02-29T10:20:00Z, 2024-02-29T10:20:59.999999Z"
  })
  void aDateStandsForAllTheTimeThatItsPrecisionLeavesOpen(String text, Instant low, Instant high) {
    assertThat(DateInterval.parse(text)).contains(new DateInterval(low, high));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "banana",
        "2024-13",
        "2024-02-30",
        "24",
        "2024-02-29T25:00:00Z",
        "2024-2-9",
        "10:20"
      })
  void whatIsNoDateIsNotGuessed(String text) {
    assertThat(DateInterval.parse(text)).isEmpty();
  }

  @Test
  void foldingLeavesNoCaseAccentOrDoubleSpace() {
    assertThat(Folding.fold("  Ñandú   ÇELİK ")).isEqualTo("nandu celik");
    assertThat(Folding.fold("x".repeat(500))).hasSize(200);
  }
}
