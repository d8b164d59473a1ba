package org.botoxfhir.triage;

/**
 * A code by which a symptom is known.
 *
 * @param system URI of the code system
 * @param term clinical term, in the words of the code system where they were seen; empty when only the code is used
 */
public record ClinicalCode(String system, String code, String term) {
  static final String SNOMED = "http://snomed.info/sct";
  static final String ICD_10_CM = "http://hl7.org/fhir/sid/icd-10-cm";

  /** Refuses a SNOMED CT identifier whose check digit is wrong: a mistyped code would silently match nothing. */
  public ClinicalCode {
    if (code.isBlank() || (system.equals(SNOMED) && !VerhoeffDigit.isValid(code))) {
      throw new IllegalArgumentException("%s is not a code of %s".formatted(code, system));
    }
  }

  static ClinicalCode snomed(String code, String term) {
    return new ClinicalCode(SNOMED, code, term);
  }

  static ClinicalCode icd(String code) {
    return new ClinicalCode(ICD_10_CM, code, "");
  }
}
