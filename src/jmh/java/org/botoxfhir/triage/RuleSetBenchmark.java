package org.botoxfhir.triage;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** The shipped rules over what a patient reports. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class RuleSetBenchmark {
  private static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");

  private final RuleSet rules = RuleSet.shipped();
  private final List<Injection> injections =
      List.of(new Injection(Moment.at(NOON.minus(Duration.ofDays(9))), true));
  private final TriageFacts one = facts(Symptom.PTOSIS);
  private final TriageFacts all = facts(Symptom.values());

  private TriageFacts facts(Symptom... symptoms) {
    List<ReportedSymptom> reported = Arrays.stream(symptoms)
        .map(symptom -> new ReportedSymptom(symptom, Severity.MODERATE, Set.of(), Moment.at(NOON)))
        .toList();
    return new TriageFacts(reported, Set.of(), injections);
  }

  @Benchmark
  public TriageResult oneSymptom() {
    return rules.triage(one);
  }

  @Benchmark
  public TriageResult everySymptom() {
    return rules.triage(all);
  }
}
