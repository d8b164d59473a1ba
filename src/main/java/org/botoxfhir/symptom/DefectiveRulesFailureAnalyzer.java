package org.botoxfhir.symptom;

import org.botoxfhir.triage.DefectiveRulesException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Shows whoever edited the triage rules what is wrong with them instead of a stack trace. */
class DefectiveRulesFailureAnalyzer extends AbstractFailureAnalyzer<DefectiveRulesException> {
  @Override
  protected FailureAnalysis analyze(Throwable rootFailure, DefectiveRulesException cause) {
    return new FailureAnalysis(
        cause.getMessage(),
        "Correct the lines that are named; the head of the file says how it is read.",
        cause);
  }
}
