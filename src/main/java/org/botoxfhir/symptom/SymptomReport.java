package org.botoxfhir.symptom;

import java.util.List;
import org.botoxfhir.fault.Finding;
import org.jspecify.annotations.Nullable;

/**
 * What could be read of a symptom report.
 *
 * @param symptoms in the order of the report; empty when none could be read
 * @param injectionDate the day of the injection that the patient names, or null
 * @param injection reference to the injection that the patient names, or null
 * @param findings warnings on what could not be read
 */
record SymptomReport(
    List<SymptomAnswer> symptoms,
    @Nullable WrittenDate injectionDate,
    @Nullable String injection,
    List<Finding> findings) {
  SymptomReport {
    symptoms = List.copyOf(symptoms);
    findings = List.copyOf(findings);
  }
}
