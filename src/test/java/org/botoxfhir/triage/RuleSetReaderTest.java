package org.botoxfhir.triage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.StringReader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every way in which an edit of the rule file could lose an alert is refused, with the file, the rule and the defect. */
class RuleSetReaderTest {
  private static final String ASPIRATION = """
        - id: aspiration
          urgency: emergency
          when: { symptom: aspiration }
      """;

  @Test
  void theShippedFileIsReadAsItIs() throws Exception {
    assertThat(RuleFile.edited("version: 2026", "version: 1999").version()).startsWith("1999.");
  }

  @ParameterizedTest(name = "{2}")
  @CsvSource(delimiter = '|', textBlock = """
      symptom: dysphagia, at-least  | symptom: dysphagea, at-least  | rule swallowing-severe: symptom 'dysphagea' is not known; known are allergic-reaction, anaphylaxis
      with: worst-ever              | with: worst-eve               | rule headache-worst-ever: detail 'worst-eve' is not known; known are cannot-swallow-liquids
      - risk: spasticity            | - risk: spastic               | rule child-with-spasticity: risk 'spastic' is not known; known are child, neuromuscular-disease, spasticity
      dysphagia, at-least: severe   | dysphagia, at-least: sever    | rule swallowing-severe: severity 'sever' is not known; known are mild, moderate, severe
      any: [swallowing-trouble, sp  | any: [swallow-trouble, sp     | rule bulbar-with-breathing: condition 'swallow-trouble' is not known; known are breathing-trouble
      symptom-and-another: dizz     | symptom-and-another: d        | rule dizziness-not-alone: symptom 'diness' is not known
      """)
  void aWordThatIsNotKnownIsRefused(String from, String to, String message) throws Exception {
    refuses(from, to, message);
  }

  @Test
  void anotherUrgencySourceAreaOrKindOfWarningIsRefused() throws Exception {
    refuses(
        ASPIRATION,
        ASPIRATION.replace("urgency: emergency", "urgency: emergent"),
        "rule aspiration: urgency 'emergent' is not known; known are emergency, routine, urgent");
    refuses(
        "spread.\n    source: boxed-warning",
        "spread.\n    source: box-warning",
        "source 'box-warning' is not known; known are adverse-reactions, boxed-warning");
    refuses("area: voice", "area: throat", "symptom dysphonia: area 'throat' is not known");
    refuses(
        "boxed-warning: class-text",
        "boxed-warning: yes",
        "symptom blurred-vision: boxed-warning 'yes' is not known; known are class-text, named, not-named");
    refuses("  ptosis:\n", "  ptoses:\n", "symptom ptoses: symptom 'ptoses' is not known");
  }

  @Test
  void aMistypedPropertyIsRefusedWhereverItStands() throws Exception {
    refuses(
        ASPIRATION,
        ASPIRATION.replace("urgency:", "urgancy:"),
        "rule aspiration: property 'urgancy' is not known; known are id, reason, source, urgency, when",
        "rule aspiration: urgency is missing");
    refuses("    icd-10-cm: [H53.2]", "    icd10: [H53.2]", "symptom diplopia: property 'icd10'");
    refuses(
        "version: 2026", "versoin: 2026", "property 'versoin' is not known", "version is missing");
    refuses(
        "when: { symptom: aspiration }",
        "when: { symptom: aspiration, atleast: severe }",
        "rule aspiration: a condition is one of symptom (with, at-least)");
    refuses(
        "when: { signs-of-spread: 2 }",
        "when: { sign-of-spread: 2 }",
        "rule spread-over-two-areas: a condition is one of");
    refuses(
        "when: { symptom: aspiration }",
        "when: {}",
        "rule aspiration: a condition is one of",
        "not nothing");
  }

  @Test
  void noConditionCanAskThatSomethingIsAbsent() throws Exception {
    for (String condition : new String[] {
      "{ not: { symptom: dyspnea } }",
      "{ none: [dyspnea] }",
      "{ without: dyspnea }",
      "{ at-most: mild }"
    }) {
      refuses(
          "when: { symptom: aspiration }",
          "when: " + condition,
          "rule aspiration: a condition is one of");
    }
    refuses("not-known", "known", "injection-into-face can only be not-known, not 'known'");
    refuses("readable-symptoms: none", "readable-symptoms: some", "can only be none, not 'some'");
  }

  /** More symptoms make it untrue: within another condition it could lower the urgency. */
  @Test
  void nothingReadableStandsAlone() throws Exception {
    refuses(
        "when: { symptom: aspiration }",
        "when: { any: [{ symptom: aspiration }, { readable-symptoms: none }] }",
        "rule aspiration: a condition is one of");
  }

  @Test
  void aRuleWithoutReasonSourceConditionOrIdIsRefused() throws Exception {
    String reason = "    reason: Food or drink in the lungs can be life threatening.\n";
    refuses(reason, "", "rule aspiration: reason is missing");
    refuses(reason, "    reason: \"  \"\n", "rule aspiration: reason is blank");
    refuses(reason, "    reason:\n", "rule aspiration: reason is blank");
    refuses(reason, "    reason: [Food]\n", "rule aspiration: there should be a text here");
    refuses(reason + "    source: warnings\n", reason, "rule aspiration: source is missing");
    refuses(
        reason + "    source: warnings\n",
        reason + "    source:\n",
        "rule aspiration: source is blank");
    refuses("    when: { symptom: aspiration }\n", "", "rule aspiration: when is missing");
    refuses("  - id: aspiration\n    urgency", "  - urgency", "a rule: id is missing");
    refuses(
        "- id: aspiration", "- id: Aspiration 1", "its id is not lower-case words with hyphens");
    refuses(
        "warnings: \"BOTOX prescribing information, warnings: breathing, swallowing and speech difficulties\"",
        "warnings: \"\"",
        "source warnings: the text is blank");
  }

  @Test
  void twoRulesOfOneNameOrOfOneConditionAreRefused() throws Exception {
    String rule = RuleFile.ruleText("aspiration");
    refuses(rule, rule + rule, "rule aspiration: two rules have this id");
    refuses(
        rule,
        rule + rule.replace("id: aspiration", "id: lungs").replace("emergency", "urgent"),
        "rule lungs: rule aspiration has the same condition");
  }

  @Test
  void aPropertyThatIsGivenTwiceIsRefused() throws Exception {
    refuses(
        "    urgency: emergency\n    when: { symptom: aspiration }",
        "    urgency: emergency\n    urgency: routine\n    when: { symptom: aspiration }",
        "rule aspiration: 'urgency' stands here twice");
    refuses("  syncope:\n", "  dizziness:\n", "'dizziness' stands here twice");
  }

  @Test
  void aRuleThatNoReportCanReachIsRefused() throws Exception {
    refuses(
        "when: { signs-of-spread: 2 }",
        "when: { signs-of-spread: 8 }",
        "rule spread-over-two-areas: no report can ever make it apply");
    refuses(
        "when: { symptom: aspiration }",
        "when: { symptom: [] }",
        "rule aspiration: the list is empty");
    refuses(
        "when: { symptom: aspiration }", "when: { any: [] }", "rule aspiration: the list is empty");
    refuses(
        "when: { signs-of-spread: 2 }",
        "when: { signs-of-spread: none }",
        "signs-of-spread is a number of areas from 1 to 9, not 'none'");
  }

  @Test
  void aCodeThatIsMistypedOrMeansTwoSymptomsIsRefused() throws Exception {
    refuses(
        "267036007: Dyspnea",
        "267036008: Dyspnea",
        "symptom dyspnea: '267036008' is no SNOMED CT identifier: its check digit is wrong");
    refuses(
        "[R47.1, R47.81]", "[R47-1, R47.81]", "symptom dysarthria: 'R47-1' is no ICD-10-CM code");
    refuses("icd-10-cm: [H53.2]", "icd-10-cm: [H53.2, R42]", "R42 means diplopia already");
    refuses(
        "snomed: { 24982008: Diplopia }",
        "snomed: {}",
        "symptom diplopia: no SNOMED CT code means it");
    refuses("24982008: Diplopia", "24982008: \"\"", "symptom diplopia: the text is blank");
  }

  @Test
  void aSymptomWithoutASectionOrWithoutARuleThatAppliesToItAloneIsRefused() throws Exception {
    refuses("""
          aspiration:
            area: breathing
            snomed: { 68052005: Pulmonary aspiration }
            icd-10-cm: [J69.0]
        """, "", "symptom aspiration has no section");
    refusesWithout(
        "aspiration", "symptom aspiration has no rule that applies when it is reported alone");
    refuses(
        "when: { symptom: aspiration }",
        "when: { all: [{ symptom: aspiration }, { injection-into-face: not-known }] }",
        "symptom aspiration has no rule that applies when it is reported alone");
  }

  @Test
  void rulesThatLetWhatIsNotUnderstoodPassAreRefused() throws Exception {
    String unknown = "no rule makes a symptom that is not understood at least urgent";
    refusesWithout("unknown-symptom", unknown);
    String rule = RuleFile.ruleText("unknown-symptom");
    refuses(rule, rule.replace("urgency: urgent", "urgency: routine"), unknown);
    String unreadable = "no rule makes a report without a readable symptom at least urgent";
    refusesWithout("no-readable-symptom", unreadable);
    rule = RuleFile.ruleText("no-readable-symptom");
    refuses(rule, rule.replace("urgency: urgent", "urgency: routine"), unreadable);
  }

  @Test
  void whatIsAskedOrDefinedAndThenDecidesNothingIsRefused() throws Exception {
    refusesWithout("headache-worst-ever", "no rule asks for worst-ever");
    refuses(
        "- risk: neuromuscular-disease", "- risk: child", "no rule asks for neuromuscular-disease");
    refuses(
        "conditions:\n",
        "conditions:\n  made-up:\n    symptom: ptosis\n",
        "condition made-up: no rule uses it");
    refuses("sources:\n", "sources:\n  made-up: Made up\n", "source made-up: no rule uses it");
  }

  @Test
  void allDefectsAreNamedAtOnceWithTheirLines() throws Exception {
    long line = RuleFile.text()
        .substring(0, RuleFile.text().indexOf("symptom: aspiration }"))
        .lines()
        .count();
    refuses(
        "symptom: aspiration }",
        "symptom: aspirin, with: chocking }",
        "edited.yaml line %d, rule aspiration: symptom 'aspirin'".formatted(line),
        "edited.yaml line %d, rule aspiration: detail 'chocking'".formatted(line));
  }

  @Test
  void whatIsNoRuleFileAtAllIsRefused() {
    for (String text :
        new String[] {"", "# only words", "rules: [", "just words", "- a\n- b", "rules: {a: b}"}) {
      assertThatExceptionOfType(DefectiveRulesException.class)
          .as(text)
          .isThrownBy(() -> RuleSetReader.read("made-up.yaml", new StringReader(text)))
          .withMessageContaining("made-up.yaml");
    }
  }

  private static void refuses(String from, String to, String... messages) {
    assertThatExceptionOfType(DefectiveRulesException.class)
        .isThrownBy(() -> RuleFile.edited(from, to))
        .satisfies(refusal -> assertThat(refusal.getMessage()).contains(messages));
  }

  private static void refusesWithout(String rule, String message) {
    assertThatExceptionOfType(DefectiveRulesException.class)
        .isThrownBy(() -> RuleFile.without(rule))
        .withMessageContaining(message);
  }
}
