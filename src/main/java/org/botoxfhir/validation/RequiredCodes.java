package org.botoxfhir.validation;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.hl7.fhir.r4.model.CodeableConcept;
import org.hl7.fhir.r4.model.codesystems.AdverseEventOutcome;
import org.hl7.fhir.r4.model.codesystems.AdverseEventSeverity;
import org.hl7.fhir.r4.model.codesystems.AllergyintoleranceClinical;
import org.hl7.fhir.r4.model.codesystems.AllergyintoleranceVerification;
import org.hl7.fhir.r4.model.codesystems.ConditionClinical;
import org.hl7.fhir.r4.model.codesystems.ConditionVerStatus;
import org.hl7.fhir.r4.model.codesystems.InsuranceplanApplicability;
import org.hl7.fhir.r4.model.codesystems.MeasureImprovementNotation;
import org.hl7.fhir.r4.model.codesystems.SupplydeliveryType;
import org.jspecify.annotations.Nullable;

/**
 * The codes of which a {@code CodeableConcept} must have one (R4 terminologies.html#required).
 *
 * @param system of all of them
 */
record RequiredCodes(String system, Set<String> codes) {
  private static final Map<String, RequiredCodes> BY_ELEMENT = Map.of(
      "AdverseEvent.outcome",
      of(AdverseEventOutcome.values(), AdverseEventOutcome::getSystem, AdverseEventOutcome::toCode),
      "AdverseEvent.severity",
      of(
          AdverseEventSeverity.values(),
          AdverseEventSeverity::getSystem,
          AdverseEventSeverity::toCode),
      "AllergyIntolerance.clinicalStatus",
      of(
          AllergyintoleranceClinical.values(),
          AllergyintoleranceClinical::getSystem,
          AllergyintoleranceClinical::toCode),
      "AllergyIntolerance.verificationStatus",
      of(
          AllergyintoleranceVerification.values(),
          AllergyintoleranceVerification::getSystem,
          AllergyintoleranceVerification::toCode),
      "Condition.clinicalStatus",
      of(ConditionClinical.values(), ConditionClinical::getSystem, ConditionClinical::toCode),
      "Condition.verificationStatus",
      of(ConditionVerStatus.values(), ConditionVerStatus::getSystem, ConditionVerStatus::toCode),
      "InsurancePlan.plan.specificCost.benefit.cost.applicability",
      of(
          InsuranceplanApplicability.values(),
          InsuranceplanApplicability::getSystem,
          InsuranceplanApplicability::toCode),
      "Measure.improvementNotation",
      improvement(),
      "MeasureReport.improvementNotation",
      improvement(),
      "SupplyDelivery.type",
      of(SupplydeliveryType.values(), SupplydeliveryType::getSystem, SupplydeliveryType::toCode));

  private static RequiredCodes improvement() {
    return of(
        MeasureImprovementNotation.values(),
        MeasureImprovementNotation::getSystem,
        MeasureImprovementNotation::toCode);
  }

  private static <T> RequiredCodes of(
      T[] values, Function<T, String> system, Function<T, String> code) {
    // Each of HAPI's enumerations ends with a NULL that stands for no code.
    List<T> codes =
        Stream.of(values).filter(value -> !value.toString().equals("NULL")).toList();
    return new RequiredCodes(
        system.apply(codes.getFirst()), codes.stream().map(code).collect(Collectors.toSet()));
  }

  /** Those of an element, e.g. {@code Condition.clinicalStatus}; null when it has none, or a value set too large to have here. */
  static @Nullable RequiredCodes of(String element) {
    return BY_ELEMENT.get(element);
  }

  boolean hold(CodeableConcept concept) {
    return concept.getCoding().stream()
        .anyMatch(coding -> system.equals(coding.getSystem()) && codes.contains(coding.getCode()));
  }
}
