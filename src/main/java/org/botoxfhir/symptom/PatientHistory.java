package org.botoxfhir.symptom;

import java.util.List;
import java.util.Set;
import org.botoxfhir.fault.Finding;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.triage.Risk;
import org.jspecify.annotations.Nullable;

/**
 * What is on file about the patient of a report.
 *
 * @param patient key of the patient, or null when the report names none that could be on this server
 * @param onFile whether the patient is
 * @param risks what of it makes spread more dangerous
 * @param injections before the report, latest first; product and units are looked up for the first only
 * @param findings warnings on what was looked for and is not there
 */
record PatientHistory(
    @Nullable ResourceKey patient,
    boolean onFile,
    Set<Risk> risks,
    List<LinkedInjection> injections,
    List<Finding> findings) {
  PatientHistory {
    risks = Set.copyOf(risks);
    injections = List.copyOf(injections);
    findings = List.copyOf(findings);
  }
}
