package org.botoxfhir.symptom;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.triage.Severity;
import org.hl7.fhir.r4.model.AdverseEvent;
import org.hl7.fhir.r4.model.AdverseEvent.AdverseEventActuality;
import org.hl7.fhir.r4.model.CodeType;
import org.hl7.fhir.r4.model.CodeableConcept;
import org.hl7.fhir.r4.model.Coding;
import org.hl7.fhir.r4.model.QuestionnaireResponse;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.Resource;

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

  /**
   * @param leading the symptom that asks for it most
   * @param observations of all symptoms of the report
   * @param injections that may have led to it
   */
  static AdverseEvent of(
      ResourceKey key,
      SymptomAnswer leading,
      ResourceKey report,
      QuestionnaireResponse response,
      List<ResourceKey> observations,
      List<LinkedInjection> injections) {
    var event = new AdverseEvent();
    event.setId(key.id());
    event.getMeta().addTag(LocalCodes.unconfirmed());
    event.setActuality(AdverseEventActuality.POTENTIAL);
    event.setEvent(SymptomObservation.code(leading));
    event.setSubject(response.getSubject().copy());
    event.setRecorder(response.getSubject().copy());
    if (leading.onset() != null) {
      event.setDateElement(leading.onset().copy());
    }
    if (response.hasAuthored()) {
      event.setRecordedDateElement(response.getAuthoredElement().copy());
    }
    // What triage took an unreadable answer for is no judgement of the patient.
    Optional.ofNullable(leading.severity())
        .filter(Coding::hasCode)
        .flatMap(chosen -> Severity.of(chosen.getCode()))
        .ifPresent(severity -> event.setSeverity(new CodeableConcept(
            new Coding().setSystem(SEVERITIES).setCode(severity.name().toLowerCase(Locale.ROOT)))));
    for (LinkedInjection injection : injections) {
      event.addSuspectEntity().setInstance(new Reference(injection.procedure().toString()));
    }
    event.addExtension(LocalCodes.SYMPTOM_REPORT_EVIDENCE, new Reference(report.toString()));
    for (ResourceKey observation : observations) {
      event.addExtension(LocalCodes.SYMPTOM_REPORT_EVIDENCE, new Reference(observation.toString()));
    }
    ContainedReferences.remove(event);
    if (event.getSubject().isEmpty()) {
      event.getSubject().addExtension(DATA_ABSENT_REASON, new CodeType("unknown"));
    }
    return event;
  }

  /** Whether nobody has taken the record over yet. */
  static boolean isUnconfirmed(Resource stored) {
    Coding tag = LocalCodes.unconfirmed();
    return stored.getMeta().getTag(tag.getSystem(), tag.getCode()) != null;
  }
}
