package org.botoxfhir.triage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RuleSetTest {

  @Test
  void aRuleWithoutSourceOrReasonIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> rule("made-up", " ", "made up"))
        .withMessageContaining("made-up names no reason");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> rule("made-up", "made up", ""))
        .withMessageContaining("made-up names no source");
  }

  @Test
  void aMistypedSnomedCodeIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ClinicalCode.snomed("267036008", "made up"))
        .withMessageContaining("267036008");
  }

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
  void twoRulesOfOneNameAreRefused() {
    var rules = new ArrayList<>(RuleTable.rules());
    rules.add(rules.getFirst());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new RuleSet("made up", rules))
        .withMessageContaining("two rules are called breathing-trouble");
  }

  @Test
  void aSymptomWithoutARuleOfItsOwnIsRefused() {
    List<Rule> rules = RuleTable.rules().stream()
        .filter(rule -> !rule.id().equals("aspiration"))
        .toList();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new RuleSet("made up", rules))
        .withMessageContaining("no rule for [ASPIRATION] alone");
  }

  @Test
  void rulesThatLetTheUnknownPassAreRefused() {
    List<Rule> rules = RuleTable.rules().stream()
        .filter(rule -> !rule.id().equals("unknown-symptom"))
        .toList();
    assertThatIllegalArgumentException().isThrownBy(() -> new RuleSet("made up", rules));
  }

  @Test
  void aCriterionWithoutPartsIsRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> new Criterion.All(List.of()));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Criterion.Reported(EnumSet.noneOf(Symptom.class)));
  }

  @Test
  void aCodeWithoutASystemIsTakenForSnomed() {
    assertThat(Symptom.of(null, "24982008")).contains(Symptom.DIPLOPIA);
    assertThat(Symptom.of("http://example.org/codes", "24982008")).isEmpty();
    assertThat(Symptom.of("http://hl7.org/fhir/sid/icd-10-cm", "R13.10"))
        .contains(Symptom.DYSPHAGIA);
  }

  @Test
  void everyRuleOfTheTableCanFire() {
    assertThat(RuleTable.rules())
        .allSatisfy(rule -> assertThat(everything(rule)).as(rule.id()).isTrue());
  }

  /** Whether a rule fires when all there is, is reported, or when nothing is. */
  private static boolean everything(Rule rule) {
    var moment = Moment.at(java.time.Instant.EPOCH);
    var all = new ArrayList<ReportedSymptom>();
    for (Symptom symptom : Symptom.values()) {
      all.add(new ReportedSymptom(symptom, Severity.SEVERE, EnumSet.allOf(Detail.class), moment));
    }
    all.add(new ReportedSymptom(null, null, Set.of(), moment));
    return rule.criterion().holds(new TriageFacts(all, EnumSet.allOf(Risk.class), List.of()))
        || rule.criterion().holds(new TriageFacts(List.of(), Set.of(), List.of()));
  }

  private static Rule rule(String id, String reason, String source) {
    return new Rule(id, Urgency.ROUTINE, new Criterion.NotUnderstood(), reason, source);
  }
}
