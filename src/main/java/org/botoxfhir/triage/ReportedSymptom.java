package org.botoxfhir.triage;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One symptom of a report.
 *
 * @param symptom what it is, or null when its code is unknown or the patient used free words; that counts as urgent
 * @param severity null when not answered
 * @param details empty when none applies or none was answered
 * @param onset when it began; when it was reported if the patient did not say
 */
public record ReportedSymptom(
    @Nullable Symptom symptom, @Nullable Severity severity, Set<Detail> details, Moment onset) {
  public ReportedSymptom {
    details = Set.copyOf(details);
  }
}
