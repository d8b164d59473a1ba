package org.botoxfhir.triage;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a patient adds, the urgency never falls. Reports are drawn at random; the seed names the run. */
class TriageMonotonicityTest {
  private static final Moment NOON = Moment.at(Instant.parse("2026-11-22T12:00:00Z"));

  private final RuleSet rules = RuleSet.shipped();

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void addingASymptomAGradeADetailOrARiskNeverLowersTheUrgency(long seed) {
    var random = new Random(seed);
    for (int run = 0; run < 5_000; run++) {
      TriageFacts facts = facts(random);
      Urgency before = rules.triage(facts).urgency();
      for (TriageFacts more : additions(random, facts)) {
        assertThat(rules.triage(more).urgency())
            .as("seed %d: %s after %s", seed, more, facts)
            .isGreaterThanOrEqualTo(before);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {11, 12})
  void withoutAnInjectionOnFileTheUrgencyIsNeverLower(long seed) {
    var random = new Random(seed);
    for (int run = 0; run < 5_000; run++) {
      TriageFacts facts = facts(random);
      Urgency before = rules.triage(facts).urgency();
      for (int index = 0; index < facts.injections().size(); index++) {
        var fewer = new ArrayList<>(facts.injections());
        fewer.remove(index);
        assertThat(rules
                .triage(new TriageFacts(facts.symptoms(), facts.risks(), fewer))
                .urgency())
            .as("seed %d: %s without injection %d", seed, facts, index)
            .isGreaterThanOrEqualTo(before);
      }
    }
  }

  private static List<TriageFacts> additions(Random random, TriageFacts facts) {
    var additions = new ArrayList<TriageFacts>();
    var longer = new ArrayList<>(facts.symptoms());
    longer.add(random.nextInt(longer.size() + 1), symptom(random));
    // A report without a readable symptom counts as urgent, since it may hold anything; a routine
    // symptom tells more than none.
    if (!facts.symptoms().isEmpty()) {
      additions.add(new TriageFacts(longer, facts.risks(), facts.injections()));
    }
    Set<Risk> risks = EnumSet.noneOf(Risk.class);
    risks.addAll(facts.risks());
    risks.add(Risk.values()[random.nextInt(Risk.values().length)]);
    additions.add(new TriageFacts(facts.symptoms(), risks, facts.injections()));
    for (int index = 0; index < facts.symptoms().size(); index++) {
      ReportedSymptom reported = facts.symptoms().get(index);
      Set<Detail> details = EnumSet.noneOf(Detail.class);
      details.addAll(reported.details());
      details.add(Detail.values()[random.nextInt(Detail.values().length)]);
      additions.add(replaced(
          facts,
          index,
          new ReportedSymptom(reported.symptom(), reported.severity(), details, NOON)));
      Severity worse = worse(reported.severity());
      additions.add(replaced(
          facts, index, new ReportedSymptom(reported.symptom(), worse, reported.details(), NOON)));
    }
    return additions;
  }

  private static Severity worse(@Nullable Severity severity) {
    return severity == null || severity == Severity.MILD ? Severity.MODERATE : Severity.SEVERE;
  }

  private static TriageFacts replaced(TriageFacts facts, int index, ReportedSymptom with) {
    var symptoms = new ArrayList<>(facts.symptoms());
    symptoms.set(index, with);
    return new TriageFacts(symptoms, facts.risks(), facts.injections());
  }

  private static TriageFacts facts(Random random) {
    var symptoms = new ArrayList<ReportedSymptom>();
    for (int count = random.nextInt(4); count > 0; count--) {
      symptoms.add(symptom(random));
    }
    Set<Risk> risks = EnumSet.noneOf(Risk.class);
    for (Risk risk : Risk.values()) {
      if (random.nextInt(4) == 0) {
        risks.add(risk);
      }
    }
    var injections = new ArrayList<Injection>();
    for (int count = random.nextInt(4); count > 0; count--) {
      Instant performed = NOON.from().minus(Duration.ofDays(random.nextInt(200)));
      injections.add(new Injection(Moment.at(performed), random.nextBoolean()));
    }
    return new TriageFacts(symptoms, risks, injections);
  }

  private static ReportedSymptom symptom(Random random) {
    int drawn = random.nextInt(Symptom.values().length + 1);
    Symptom symptom = drawn == Symptom.values().length ? null : Symptom.values()[drawn];
    int grade = random.nextInt(Severity.values().length + 1);
    Severity severity = grade == Severity.values().length ? null : Severity.values()[grade];
    Set<Detail> details = EnumSet.noneOf(Detail.class);
    for (Detail detail : Detail.values()) {
      if (random.nextInt(12) == 0) {
        details.add(detail);
      }
    }
    return new ReportedSymptom(symptom, severity, details, NOON);
  }
}
