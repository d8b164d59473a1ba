package org.botoxfhir.triage;

import org.botoxfhir.triage.TriageResult.FiredRule;

/**
 * One rule of the file.
 *
 * @param criterion when it fires
 * @param fired what it then says
 */
record Rule(Criterion criterion, FiredRule fired) {
  String id() {
    return fired.id();
  }
}
