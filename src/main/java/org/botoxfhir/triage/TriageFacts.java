package org.botoxfhir.triage;

import java.util.List;
import java.util.Set;

/**
 * All that the urgency depends on.
 *
 * @param symptoms empty when nothing of the report could be read; that counts as urgent
 * @param risks what is known about the patient
 * @param injections those on file or named by the patient; that there is none never lowers the urgency
 */
public record TriageFacts(
    List<ReportedSymptom> symptoms, Set<Risk> risks, List<Injection> injections) {
  public TriageFacts {
    symptoms = List.copyOf(symptoms);
    risks = Set.copyOf(risks);
    injections = List.copyOf(injections);
  }
}
