package org.botoxfhir.symptom;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.triage.Severity;
import org.hl7.fhir.r4.model.AdverseEvent;
import org.hl7.fhir.r4.model.AdverseEvent.AdverseEventActuality;
import org.hl7.fhir.r4.model.CodeType;
import org.hl7.fhir.r4.model.CodeableConcept;
import org.hl7.fhir.r4.model.Coding;
import org.hl7.fhir.r4.model.DateTimeType;
import org.hl7.fhir.r4.model.Reference;

/**
 * An adverse event that a clinician has yet to confirm, change or refute. It is a potential one and tagged unconfirmed; seriousness and
 * outcome are the clinician's to judge and stay out.
 */
final class CandidateAdverseEvent {
  private static final String SEVERITIES =
      "http://terminology.hl7.org/CodeSystem/adverse-event-severity";
  private static final String DATA_ABSENT_REASON =
      "http://hl7.org/fhir/StructureDefinition/data-absent-reason";

  private CandidateAdverseEvent() {}

  /** @param leading the symptom that asks for it most */
  static AdverseEvent of(ResourceKey key, SymptomAnswer leading, Assessment assessment) {
    ReportRecord report = assessment.report();
    var event = new AdverseEvent();
    event.setId(key.id());
    event.getMeta().addTag(LocalCodes.unconfirmed());
    event.setActuality(AdverseEventActuality.POTENTIAL);
    event.setEvent(SymptomObservation.code(leading));
    event.setSubject(report.subject().copy());
    event.setRecorder(report.subject().copy());
    if (leading.onset() != null) {
      event.setDateElement(leading.onset().copy());
    }
    if (report.authored().hasValue()) {
      event.setRecordedDateElement(new DateTimeType(report.authored().getValueAsString()));
    }
    // What triage took an unreadable answer for is no judgement of the patient.
    Optional.ofNullable(leading.severity())
        .filter(Coding::hasCode)
        .flatMap(chosen -> Severity.of(chosen.getCode()))
        .ifPresent(severity -> event.setSeverity(new CodeableConcept(
            new Coding().setSystem(SEVERITIES).setCode(severity.name().toLowerCase(Locale.ROOT)))));
    for (ResourceKey procedure : assessment.history().procedures()) {
      event.addSuspectEntity().setInstance(new Reference(procedure.toString()));
    }
    Set<ResourceKey> evidence = new LinkedHashSet<>(List.of(report.key()));
    evidence.addAll(assessment.observations());
    for (ResourceKey reported : evidence) {
      event.addExtension(LocalCodes.SYMPTOM_REPORT_EVIDENCE, new Reference(reported.toString()));
    }
    ContainedReferences.remove(event);
    if (event.getSubject().isEmpty()) {
      event.getSubject().addExtension(DATA_ABSENT_REASON, new CodeType("unknown"));
    }
    return event;
  }
}
