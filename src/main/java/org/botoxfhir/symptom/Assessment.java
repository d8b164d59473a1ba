package org.botoxfhir.symptom;

import java.util.List;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.triage.ReportedSymptom;
import org.botoxfhir.triage.TriageResult;

/**
 * All that is known of a report once it is triaged.
 *
 * @param reported when it was made, or came in
 * @param symptoms as triage took them, in the order of the report
 * @param instruction what the patient should do now, in the language of the report
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

  /**
   * Writes into the report what the service adds to it: the triage result; the reference of a subject that was found by its identifier, so
   * that a search by patient finds the report; the category by which a symptom that is sent again is found.
   */
  void complete() {
    ResourceKey patient = history.patient();
    if (patient != null && !report.subject().hasReference()) {
      report.subject().setReference(patient.toString());
    }
    if (report instanceof ObservationReport(var ignored, var observation)) {
      SymptomObservation.categorise(observation);
    }
    TriageResultExtension.set(this);
  }
}
