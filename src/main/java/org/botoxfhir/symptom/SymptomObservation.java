package org.botoxfhir.symptom;

import org.botoxfhir.fhir.Canonical;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.triage.ClinicalCode;
import org.botoxfhir.triage.Detail;
import org.botoxfhir.triage.Symptom;
import org.hl7.fhir.r4.model.BooleanType;
import org.hl7.fhir.r4.model.CodeableConcept;
import org.hl7.fhir.r4.model.Coding;
import org.hl7.fhir.r4.model.InstantType;
import org.hl7.fhir.r4.model.Observation;
import org.hl7.fhir.r4.model.Observation.ObservationStatus;
import org.hl7.fhir.r4.model.QuestionnaireResponse;
import org.hl7.fhir.r4.model.QuestionnaireResponse.QuestionnaireResponseStatus;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.Type;
import org.jspecify.annotations.Nullable;

/** One symptom of a report as an Observation of profile {@code patient-reported-symptom}. */
final class SymptomObservation {
  static final String CATEGORIES = "http://terminology.hl7.org/CodeSystem/observation-category";

  static final String SURVEY = "survey";

  private SymptomObservation() {}

  static Observation of(
      SymptomAnswer answer, ResourceKey key, ResourceKey report, QuestionnaireResponse response) {
    var observation = new Observation();
    observation.setId(key.id());
    observation.getMeta().addProfile(Canonical.PATIENT_REPORTED_SYMPTOM);
    observation.setStatus(
        response.getStatus() == QuestionnaireResponseStatus.AMENDED
            ? ObservationStatus.AMENDED
            : ObservationStatus.FINAL);
    categorise(observation);
    observation.setCode(code(answer));
    observation.setSubject(response.getSubject().copy());
    observation.setEncounter(response.getEncounter().copy());
    if (response.hasSource()) {
      observation.addPerformer(response.getSource().copy());
    }
    if (answer.onset() != null) {
      observation.setEffective(answer.onset().copy());
    }
    if (isInstant(response.getAuthoredElement().getValueAsString())) {
      observation.setIssuedElement(
          new InstantType(response.getAuthoredElement().getValueAsString()));
    }
    observation.addDerivedFrom(new Reference(report.toString()));
    if (answer.severity() != null) {
      component(observation, "severity", "How bad it is", concept(answer.severity()));
    }
    if (answer.ongoing() != null) {
      component(observation, "ongoing", "Still there", new BooleanType(answer.ongoing()));
    }
    for (Detail detail : answer.details()) {
      component(
          observation,
          "detail",
          "Detail",
          new CodeableConcept(
              new Coding().setSystem(LocalCodes.SYMPTOM_DETAIL).setCode(detail.code())));
    }
    ContainedReferences.remove(observation);
    return observation;
  }

  /** The category of the profile, by which a report that is sent again is found. */
  static void categorise(Observation observation) {
    boolean there = observation.getCategory().stream()
        .flatMap(category -> category.getCoding().stream())
        .anyMatch(
            coding -> CATEGORIES.equals(coding.getSystem()) && SURVEY.equals(coding.getCode()));
    if (!there) {
      observation.addCategory().addCoding(new Coding(CATEGORIES, SURVEY, "Survey"));
    }
  }

  /** The code as it was sent with the clinical term; the patient's words as text. */
  static CodeableConcept code(SymptomAnswer answer) {
    Coding sent = answer.coding();
    if (sent == null) {
      return new CodeableConcept()
          .setText(answer.words() == null ? "Symptom without a name" : answer.words());
    }
    CodeableConcept code = concept(sent);
    Symptom symptom = answer.symptom();
    if (symptom != null) {
      symptom.codes().stream()
          .filter(known -> known.code().equals(sent.getCode()) && !known.term().isEmpty())
          .map(ClinicalCode::term)
          .findFirst()
          .ifPresent(term -> code.getCodingFirstRep().setDisplay(term));
    }
    return code;
  }

  private static CodeableConcept concept(Coding sent) {
    var concept = new CodeableConcept(sent.copy());
    if (sent.hasDisplay()) {
      concept.setText(sent.getDisplay());
    }
    return concept;
  }

  /** A day is no instant, which {@code issued} has to be. */
  private static boolean isInstant(@Nullable String dateTime) {
    return dateTime != null && dateTime.length() > "2026-11-22".length();
  }

  private static void component(Observation observation, String code, String display, Type value) {
    observation
        .addComponent()
        .setCode(new CodeableConcept(new Coding(LocalCodes.SYMPTOM_ANSWER, code, display)))
        .setValue(value);
  }
}
