package org.botoxfhir.symptom;

import java.util.ArrayList;
import java.util.List;
import org.botoxfhir.fault.Finding;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.triage.ReportedSymptom;
import org.botoxfhir.triage.TriageResult;

/**
 * All that is known of a report once it is triaged.
 *
 * @param reported when it was made, or came in
 * @param symptoms as triage took them, in the order of the report
 * @param instruction what the patient should do now
 */
record Assessment(
    ReportRecord report,
    SymptomReport read,
    PatientHistory history,
    WrittenDate reported,
    List<ReportedSymptom> symptoms,
    TriageResult triage,
    String instruction) {
  Assessment {
    symptoms = List.copyOf(symptoms);
  }

  List<ResourceKey> observations() {
    return report.observations(read);
  }

  /** What the sender is told: first what to do now. */
  List<Finding> findings() {
    var findings = new ArrayList<Finding>();
    findings.add(Finding.information("informational", instruction, null));
    findings.addAll(read.findings());
    findings.addAll(history.findings());
    return findings;
  }
}
