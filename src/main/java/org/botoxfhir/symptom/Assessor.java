package org.botoxfhir.symptom;

import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.botoxfhir.fault.Finding;
import org.botoxfhir.resource.WriteDerivation.OnFile;
import org.botoxfhir.security.Access;
import org.botoxfhir.triage.Injection;
import org.botoxfhir.triage.ReportedSymptom;
import org.botoxfhir.triage.RuleSet;
import org.botoxfhir.triage.TriageFacts;
import org.botoxfhir.triage.TriageResult;
import org.botoxfhir.triage.Urgency;

/** Reads a report, looks up what is on file about its patient, and asks the rules. Writes nothing. */
final class Assessor {
  /** Once for all: it looks through the class path for translations. */
  private static final PatientInstruction INSTRUCTION = new PatientInstruction();

  private final RuleSet rules = RuleSet.shipped();
  private final InstantSource clock;
  private final Function<Supplier<TriageResult>, TriageResult> timed;

  /** @param timed runs the rules, and may take the time */
  Assessor(InstantSource clock, Function<Supplier<TriageResult>, TriageResult> timed) {
    this.clock = clock;
    this.timed = timed;
  }

  Assessment assess(ReportRecord report, OnFile onFile) {
    WrittenDate reported = WrittenDate.of(report.authored())
        .orElseGet(
            () -> WrittenDate.of(clock.instant().truncatedTo(ChronoUnit.MILLIS).toString()));
    SymptomReport read = report.read();
    PatientHistory history = new PatientHistoryReader(onFile, report).read(read, reported);
    List<ReportedSymptom> symptoms =
        read.symptoms().stream().map(answer -> answer.fact(reported.moment())).toList();
    var facts = new TriageFacts(symptoms, history.risks(), injections(read, history));
    TriageResult triage = timed.apply(() -> rules.triage(facts));
    return new Assessment(
        report,
        read,
        history,
        reported,
        symptoms,
        triage,
        INSTRUCTION.text(triage.urgency(), read, report.resource().getLanguage()));
  }

  /**
   * What the sender is told: first what to do now, in the sender's language. The report keeps its own, for whoever sends the same report
   * again must not change it.
   */
  List<Finding> findings(Assessment assessment, Access access) {
    String now = INSTRUCTION.text(
        assessment.triage().urgency(),
        assessment.read(),
        access.acceptLanguage(),
        assessment.report().resource().getLanguage());
    var findings = new ArrayList<Finding>();
    findings.add(Finding.information("informational", now, null));
    findings.addAll(assessment.read().findings());
    findings.addAll(assessment.history().findings());
    return findings;
  }

  private static List<Injection> injections(SymptomReport read, PatientHistory history) {
    var known = new ArrayList<>(history.injections());
    if (read.injectionDate() != null) {
      known.add(new Injection(read.injectionDate().moment(), false));
    }
    return known;
  }

  /** The symptom that is most urgent alone; among equals one of the boxed warning, then the first. */
  Optional<SymptomAnswer> leading(Assessment assessment) {
    SymptomAnswer leading = null;
    Urgency most = Urgency.ROUTINE;
    for (int index = 0; index < assessment.symptoms().size(); index++) {
      SymptomAnswer answer = assessment.read().symptoms().get(index);
      Urgency alone = rules
          .triage(new TriageFacts(
              List.of(assessment.symptoms().get(index)), assessment.history().risks(), List.of()))
          .urgency();
      int order = alone.compareTo(most);
      if (leading == null
          || order > 0
          || (order == 0 && answer.boxedWarning() && !leading.boxedWarning())) {
        leading = answer;
        most = alone;
      }
    }
    return Optional.ofNullable(leading);
  }
}
