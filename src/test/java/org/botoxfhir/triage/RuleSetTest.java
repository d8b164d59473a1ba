package org.botoxfhir.triage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the rules know of codes and of themselves. */
class RuleSetTest {

  @ParameterizedTest
  @ValueSource(strings = {"", "267036007x", "12345", "276036007", "1234567890123456789"})
  void whatIsNoIdentifierHasNoValidCheckDigit(String text) {
    assertThat(VerhoeffDigit.isValid(text)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"267036007", "1137501002", "404909007", "124171000119105"})
  void identifiersThatWereSeenHaveAValidCheckDigit(String code) {
    assertThat(VerhoeffDigit.isValid(code)).isTrue();
  }

  @Test
  void aCodeWithoutASystemIsTakenForSnomed() {
    assertThat(Symptom.of(null, "24982008")).contains(Symptom.DIPLOPIA);
    assertThat(Symptom.of("http://example.org/codes", "24982008")).isEmpty();
    assertThat(Symptom.of("http://hl7.org/fhir/sid/icd-10-cm", "R13.10"))
        .contains(Symptom.DYSPHAGIA);
  }

  /** Events and records name the version, so two sets of rules under one version could not be told apart. */
  @Test
  void rulesThatChangeChangeTheirVersion() throws Exception {
    assertThat(RuleFile.digestOfWhatCounts())
        .as(
            "the rules have changed: give triage/rules.yaml a new version, then note it and its digest here")
        .isEqualTo("2026.11.1 3d3bb3937b37bebf");
  }

  @Test
  void theFiredRulesCannotBeChangedByWhoReadsThem() {
    TriageResult result = RuleSet.shipped().triage(RuleFile.nothingReadable());
    assertThatThrownBy(() -> result.rules().clear())
        .isInstanceOf(UnsupportedOperationException.class);
  }
}
