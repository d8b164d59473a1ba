package org.botoxfhir.symptom;

import org.botoxfhir.fhir.Canonical;
import org.hl7.fhir.r4.model.Coding;
import org.hl7.fhir.r4.model.Resource;

/** Codes and extensions of the shipped definitions that only the intake of symptom reports reads or writes. */
final class LocalCodes {
  static final String SYMPTOM_DETAIL = Canonical.BASE + "/CodeSystem/symptom-detail";
  static final String SYMPTOM_ANSWER = Canonical.BASE + "/CodeSystem/symptom-answer";
  static final String INJECTION_AREA = Canonical.BASE + "/CodeSystem/injection-area";
  static final String TOXIN_PRODUCT = Canonical.BASE + "/CodeSystem/toxin-product";
  static final String CONFIRMATION = Canonical.BASE + "/CodeSystem/confirmation";
  static final String SYMPTOM_REPORT_EVIDENCE =
      Canonical.BASE + "/StructureDefinition/symptom-report-evidence";

  private LocalCodes() {}

  /** Tag of a record that no clinician has confirmed yet. */
  static Coding unconfirmed() {
    return new Coding(CONFIRMATION, "unconfirmed", "Unconfirmed");
  }

  static boolean isUnconfirmed(Resource record) {
    return record.getMeta().getTag(CONFIRMATION, "unconfirmed") != null;
  }
}
