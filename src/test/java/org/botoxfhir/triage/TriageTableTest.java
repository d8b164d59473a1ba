package org.botoxfhir.triage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.botoxfhir.triage.Urgency.EMERGENCY;
import static org.botoxfhir.triage.Urgency.ROUTINE;
import static org.botoxfhir.triage.Urgency.URGENT;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.botoxfhir.triage.TriageResult.FiredRule;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The clinical table, line by line, by SNOMED CT code and not by our own names. */
class TriageTableTest {
  private static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");
  private static final Injection LIMB =
      new Injection(Moment.at(NOON.minus(Duration.ofDays(9))), false);
  private static final Injection FACE =
      new Injection(Moment.at(NOON.minus(Duration.ofDays(9))), true);

  private final RuleSet rules = RuleSet.shipped();

  @ParameterizedTest(name = "{2} ({0}) alone is {1}")
  @CsvSource({
    "267036007, EMERGENCY, trouble breathing",
    "65710008, EMERGENCY, respiratory failure",
    "373895009, EMERGENCY, respiratory distress",
    "1023001, EMERGENCY, apnoea",
    "40739000, URGENT, trouble swallowing",
    "288939007, URGENT, difficulty swallowing",
    "288959006, EMERGENCY, cannot swallow saliva",
    "68052005, EMERGENCY, aspiration",
    "16617009, URGENT, dysphonia",
    "50219008, URGENT, hoarse",
    "441913003, URGENT, aphonia",
    "8011004, URGENT, slurred speech",
    "1137501002, URGENT, weak all over",
    "13791008, URGENT, asthenia",
    "26544005, ROUTINE, weak in one area",
    "24982008, URGENT, double vision",
    "11934000, URGENT, drooping eyelid",
    "111516008, URGENT, blurred vision",
    "246636008, URGENT, blurred vision by its other code",
    "165232002, URGENT, leaking urine",
    "267064002, URGENT, cannot pass urine",
    "68566005, URGENT, urinary infection",
    "39579001, EMERGENCY, anaphylaxis",
    "735173007, EMERGENCY, anaphylactic shock",
    "419076005, URGENT, allergic reaction",
    "126485001, URGENT, hives",
    "271807003, URGENT, rash",
    "418363000, URGENT, itch",
    "271594007, URGENT, fainting",
    "404640003, ROUTINE, dizziness",
    "81680005, ROUTINE, neck pain",
    "25064002, ROUTINE, headache",
    "162290004, URGENT, dry eye",
    "41652007, URGENT, eye pain",
    "409668002, URGENT, light sensitivity",
    "87715008, ROUTINE, dry mouth",
    "84229001, ROUTINE, tiredness",
    "422587007, ROUTINE, nausea",
    "95891005, ROUTINE, flu-like",
    "68962001, ROUTINE, muscle pain",
  })
  void aSymptomAloneHasTheUrgencyOfItsLine(String code, Urgency expected, String wording) {
    assertThat(urgency(List.of(LIMB), reported(code))).as(wording).isEqualTo(expected);
    assertThat(urgency(List.of(), reported(code)))
        .as("%s, no injection on file", wording)
        .isEqualTo(expected);
  }

  @ParameterizedTest(name = "{0} with {1} is {2}")
  @CsvSource({
    "40739000, choking, EMERGENCY",
    "40739000, cannot-swallow-liquids, EMERGENCY",
    "40739000, cannot-swallow-saliva, EMERGENCY",
    "40739000, trouble-breathing, EMERGENCY",
    "8011004, sudden-onset, EMERGENCY",
    "26544005, spreading, URGENT",
    "267064002, painful-no-urine-passed, EMERGENCY",
    "419076005, trouble-breathing, EMERGENCY",
    "126485001, face-or-airway-swelling, EMERGENCY",
    "271807003, faintness, EMERGENCY",
    "25064002, worst-ever, EMERGENCY",
    "25064002, sudden-onset, URGENT",
    "81680005, face-or-airway-swelling, EMERGENCY",
    "95666008, sudden-onset, EMERGENCY",
    "95666008, one-sided, EMERGENCY",
  })
  void aDetailRaisesTheUrgency(String code, String detail, Urgency expected) {
    assertThat(urgency(List.of(LIMB), reported(code, detail))).isEqualTo(expected);
  }

  @ParameterizedTest(name = "{0} and {1} together are an emergency")
  @CsvSource({
    // any two boxed-warning symptoms of different areas
    "24982008, 165232002",
    "11934000, 165232002",
    "165232002, 1137501002",
    "8011004, 16617009",
    "111516008, 40739000",
    // a bulbar symptom and breathing
    "40739000, 267036007",
    "16617009, 267036007",
    "8011004, 1023001",
    "40739000, 16617009",
    "40739000, 8011004",
    // eyes and bulbar symptoms or weakness
    "24982008, 40739000",
    "24982008, 16617009",
    "24982008, 1137501002",
    "11934000, 40739000",
    "11934000, 441913003",
    "11934000, 13791008",
    "1137501002, 40739000",
    "1137501002, 8011004",
    "1137501002, 16617009",
    // allergy and faintness or breathing
    "126485001, 271594007",
    "271807003, 404640003",
    "418363000, 267036007",
  })
  void redFlagPairsAreAnEmergency(String one, String other) {
    assertThat(urgency(List.of(), reported(one), reported(other))).isEqualTo(EMERGENCY);
    assertThat(urgency(List.of(LIMB), reported(other), reported(one))).isEqualTo(EMERGENCY);
  }

  /** Any two symptoms that the boxed warning names, from different areas of the body, by code. */
  @TestFactory
  Stream<DynamicTest> anyTwoBoxedWarningSymptomsOfDifferentAreasAreAnEmergency() {
    Map<String, List<String>> areas = Map.of(
        "breathing", List.of("267036007", "65710008", "373895009", "1023001"),
        "swallowing", List.of("40739000", "288939007", "288959006"),
        "voice", List.of("16617009", "50219008", "441913003"),
        "speech", List.of("8011004"),
        "whole body", List.of("1137501002", "13791008"),
        "eyes", List.of("24982008", "11934000", "111516008", "246636008"),
        "bladder", List.of("165232002"));
    return areas.entrySet().stream()
        .flatMap(one -> areas.entrySet().stream()
            .filter(other -> one.getKey().compareTo(other.getKey()) < 0)
            .map(other -> dynamicTest(one.getKey() + " and " + other.getKey(), () -> {
              for (String first : one.getValue()) {
                for (String second : other.getValue()) {
                  assertThat(urgency(List.of(LIMB), reported(first), reported(second)))
                      .as("%s and %s", first, second)
                      .isEqualTo(EMERGENCY);
                }
              }
            })));
  }

  @ParameterizedTest(name = "{0} means {1}")
  @CsvSource({
    "R06.00 R06.02 R06.03, DYSPNEA",
    "J96.00 J96.01 J96.02 R09.2, RESPIRATORY_FAILURE",
    "R13.10 R13.11 R13.12 R13.13 R13.14 R13.19, DYSPHAGIA",
    "J69.0, ASPIRATION",
    "R49.0 R49.1, DYSPHONIA",
    "R47.1 R47.81, DYSARTHRIA",
    "M62.81 R53.1, GENERALIZED_WEAKNESS",
    "H53.2, DIPLOPIA",
    "H02.401 H02.402 H02.403 H02.409, PTOSIS",
    "H53.8, BLURRED_VISION",
    "R32, URINARY_INCONTINENCE",
    "R33.9, URINARY_RETENTION",
    "N39.0, URINARY_TRACT_INFECTION",
    "T88.6XXA T78.2XXA, ANAPHYLAXIS",
    "T78.40XA L50.9 R21, ALLERGIC_REACTION",
    "R55, SYNCOPE",
    "R42, DIZZINESS",
    "M54.2, NECK_PAIN",
    "R51.9, HEADACHE",
    "R29.810, FACIAL_WEAKNESS",
    "H04.123 H57.10, EYE_IRRITATION",
    "R68.2 R53.83 R11.0, GENERAL_COMPLAINT",
    "M79.18, MUSCLE_PAIN",
  })
  void billingCodesMeanTheSymptomOfTheirLine(String codes, Symptom expected) {
    for (String code : codes.split(" ")) {
      assertThat(Symptom.of(ClinicalCode.ICD_10_CM, code)).as(code).contains(expected);
    }
  }

  @Test
  void swellingOfFaceOrAirwayIsAnEmergencyWithWhateverSymptomItComes() {
    for (Symptom symptom : Symptom.values()) {
      var swollen = new ReportedSymptom(
          symptom, Severity.MILD, Set.of(Detail.FACE_OR_AIRWAY_SWELLING), Moment.at(NOON));
      assertThat(urgency(List.of(FACE), swollen)).as("%s", symptom).isEqualTo(EMERGENCY);
    }
    var unknown =
        new ReportedSymptom(null, null, Set.of(Detail.FACE_OR_AIRWAY_SWELLING), Moment.at(NOON));
    assertThat(urgency(List.of(FACE), unknown)).isEqualTo(EMERGENCY);
  }

  @Test
  void twoBoxedWarningSymptomsOfTheSameAreaStayUrgent() {
    assertThat(urgency(List.of(LIMB), reported("24982008"), reported("11934000")))
        .isEqualTo(URGENT);
  }

  @Test
  void everyBoxedWarningSymptomIsAnEmergencyWithANeuromuscularDiseaseOrInAChildWithSpasticity() {
    for (Symptom symptom : Symptom.values()) {
      if (symptom.boxedWarning()) {
        var alone = List.of(new ReportedSymptom(symptom, null, Set.of(), Moment.at(NOON)));
        assertThat(rules
                .triage(new TriageFacts(alone, Set.of(Risk.NEUROMUSCULAR_DISEASE), List.of()))
                .urgency())
            .as("%s with a neuromuscular disease", symptom)
            .isEqualTo(EMERGENCY);
        assertThat(rules
                .triage(new TriageFacts(alone, Set.of(Risk.CHILD, Risk.SPASTICITY), List.of()))
                .urgency())
            .as("%s in a child", symptom)
            .isEqualTo(EMERGENCY);
      }
    }
  }

  @Test
  void troubleSwallowingInAnyChildIsAnEmergency() {
    var facts = new TriageFacts(List.of(reported("40739000")), Set.of(Risk.CHILD), List.of());
    assertThat(rules.triage(facts).urgency()).isEqualTo(EMERGENCY);
  }

  @Test
  void spasticityOfAnAdultRaisesNothing() {
    var facts = new TriageFacts(List.of(reported("11934000")), Set.of(Risk.SPASTICITY), List.of());
    assertThat(rules.triage(facts).urgency()).isEqualTo(URGENT);
  }

  @Test
  void weaknessOfTheFaceIsRoutineOnlyWhereAnInjectionIntoTheFaceIsKnown() {
    assertThat(urgency(List.of(FACE), reported("95666008"))).isEqualTo(ROUTINE);
    assertThat(urgency(List.of(LIMB), reported("95666008"))).isEqualTo(URGENT);
    assertThat(urgency(List.of(), reported("95666008"))).isEqualTo(URGENT);
    assertThat(urgency(List.of(), reported("95666008", "sudden-onset", "one-sided")))
        .isEqualTo(EMERGENCY);
    assertThat(urgency(List.of(FACE), reported("95666008", "sudden-onset", "one-sided")))
        .isEqualTo(ROUTINE);
  }

  @Test
  void dizzinessIsUrgentOnceItIsNotAlone() {
    assertThat(urgency(List.of(LIMB), reported("404640003"), reported("404640003")))
        .isEqualTo(ROUTINE);
    assertThat(urgency(List.of(LIMB), reported("404640003"), reported("422587007")))
        .isEqualTo(URGENT);
  }

  @Test
  void anUnknownSymptomCountsAsUrgentAndSoDoesAReportWithoutOne() {
    assertThat(urgency(List.of(LIMB), new ReportedSymptom(null, null, Set.of(), Moment.at(NOON))))
        .isEqualTo(URGENT);
    assertThat(urgency(List.of(LIMB))).isEqualTo(URGENT);
  }

  @Test
  void aSevereGradeIsAtLeastUrgentAndTurnsSwallowingAndAllergyIntoEmergencies() {
    assertThat(urgency(List.of(LIMB), severe("81680005"))).isEqualTo(URGENT);
    assertThat(urgency(List.of(LIMB), severe("24982008"))).isEqualTo(URGENT);
    assertThat(urgency(List.of(LIMB), severe("40739000"))).isEqualTo(EMERGENCY);
    assertThat(urgency(List.of(LIMB), severe("419076005"))).isEqualTo(EMERGENCY);
    assertThat(urgency(List.of(LIMB), severe("25064002"))).isEqualTo(URGENT);
  }

  @Test
  void aMildGradeLowersNothing() {
    var mild = new ReportedSymptom(Symptom.DYSPNEA, Severity.MILD, Set.of(), Moment.at(NOON));
    assertThat(urgency(List.of(LIMB), mild)).isEqualTo(EMERGENCY);
  }

  @Test
  void theWindowReachesFromTheInjectionToTwelveWeeksAndIsOnlyATag() {
    assertThat(withinWindow(Duration.ZERO)).isTrue();
    assertThat(withinWindow(Duration.ofDays(84))).isTrue();
    assertThat(withinWindow(Duration.ofDays(84).plusMillis(1))).isFalse();
    assertThat(withinWindow(Duration.ofMillis(-1))).isFalse();
  }

  @Test
  void aLateReportIsAsUrgentAsAnyAndOnlyLacksTheTag() {
    var late = new Injection(Moment.at(NOON.minus(Duration.ofDays(300))), false);
    for (Symptom symptom : Symptom.values()) {
      var report = List.of(new ReportedSymptom(symptom, null, Set.of(), Moment.at(NOON)));
      TriageResult inTime = rules.triage(new TriageFacts(report, Set.of(), List.of(LIMB)));
      TriageResult tooLate = rules.triage(new TriageFacts(report, Set.of(), List.of(late)));
      assertThat(tooLate.rules()).as("%s", symptom).isEqualTo(inTime.rules());
      assertThat(inTime.withinWindow()).isTrue();
      assertThat(tooLate.withinWindow()).isFalse();
    }
  }

  @Test
  void aDayCountsAsWithinTheWindowWhenAnyOfItsInstantsIs() {
    Instant injected = NOON;
    Instant end = injected.plus(Injection.WINDOW);
    assertThat(tagged(new Moment(injected.minusSeconds(60), injected))).isTrue();
    assertThat(tagged(new Moment(injected.minusSeconds(60), injected.minusMillis(1))))
        .isFalse();
    assertThat(tagged(new Moment(end, end.plusSeconds(60)))).isTrue();
    assertThat(tagged(new Moment(end.plusMillis(1), end.plusSeconds(60)))).isFalse();
  }

  @Test
  void everyRuleThatFiredIsGivenWithReasonAndSourceMostUrgentFirst() {
    TriageResult result = rules.triage(
        new TriageFacts(List.of(reported("40739000"), reported("24982008")), Set.of(), List.of()));
    assertThat(result.rules())
        .extracting(FiredRule::id)
        .contains(
            "swallowing-trouble",
            "double-vision",
            "spread-over-two-areas",
            "eyes-with-bulbar-or-weakness");
    assertThat(result.rules())
        .allSatisfy(rule -> assertThat(rule.reason() + rule.source()).isNotBlank());
    assertThat(result.rules().getFirst().urgency()).isEqualTo(result.urgency());
    assertThat(result.ruleSet()).isEqualTo(rules.version());
  }

  @Test
  void noReasonCallsItselfADiagnosisOrSaysDiplopiaIsBlindness() {
    for (Rule rule : rules.rules()) {
      assertThat(rule.fired().reason())
          .doesNotContainIgnoringCase("diagnos")
          .doesNotContainIgnoringCase("blind");
    }
  }

  private boolean withinWindow(Duration afterInjection) {
    return tagged(Moment.at(NOON.plus(afterInjection)));
  }

  /** Whether a symptom that began then is tagged as within the window of an injection at noon. */
  private boolean tagged(Moment onset) {
    var injection = new Injection(Moment.at(NOON), false);
    var symptom = new ReportedSymptom(Symptom.HEADACHE, null, Set.of(), onset);
    return rules
        .triage(new TriageFacts(List.of(symptom), Set.of(), List.of(injection)))
        .withinWindow();
  }

  private Urgency urgency(List<Injection> injections, ReportedSymptom... symptoms) {
    return rules
        .triage(new TriageFacts(List.of(symptoms), Set.of(), injections))
        .urgency();
  }

  private static ReportedSymptom severe(String code) {
    return new ReportedSymptom(
        Symptom.of(null, code).orElseThrow(), Severity.SEVERE, Set.of(), Moment.at(NOON));
  }

  private static ReportedSymptom reported(String code, String... details) {
    var known = new ArrayList<Detail>();
    Arrays.stream(details).map(Detail::of).forEach(detail -> known.add(detail.orElseThrow()));
    return new ReportedSymptom(
        Symptom.of(ClinicalCode.SNOMED, code).orElseThrow(),
        null,
        known.isEmpty() ? Set.of() : EnumSet.copyOf(known),
        Moment.at(NOON));
  }
}
