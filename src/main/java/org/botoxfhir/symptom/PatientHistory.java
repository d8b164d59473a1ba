package org.botoxfhir.symptom;

import java.util.List;
import java.util.Set;
import org.botoxfhir.fault.Finding;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.triage.Injection;
import org.botoxfhir.triage.Risk;
import org.jspecify.annotations.Nullable;

/**
 * What is on file about the patient of a report.
 *
 * @param patient key of the patient, or null when the report names none that could be on this server
 * @param onFile whether the patient is
 * @param risks what of it makes spread more dangerous
 * @param injections all before the report, as triage takes them
 * @param linked those that the report may be about, latest first: within whose window it or an onset lies, and the latest in any case
 * @param findings warnings on what was looked for and is not there
 */
record PatientHistory(
    @Nullable ResourceKey patient,
    boolean onFile,
    Set<Risk> risks,
    List<Injection> injections,
    List<LinkedInjection> linked,
    List<Finding> findings) {
  PatientHistory {
    risks = Set.copyOf(risks);
    injections = List.copyOf(injections);
    linked = List.copyOf(linked);
    findings = List.copyOf(findings);
  }

  /** The Procedures of {@link #linked}, each once. */
  List<ResourceKey> procedures() {
    return linked.stream().map(LinkedInjection::procedure).distinct().toList();
  }
}
