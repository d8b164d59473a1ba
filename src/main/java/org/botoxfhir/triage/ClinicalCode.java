package org.botoxfhir.triage;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A code by which a symptom is known.
 *
 * @param system URI of the code system
 * @param term clinical term, in the words of the code system where they were seen; empty when only the code is used
 */
public record ClinicalCode(String system, String code, String term) {
  static final String SNOMED = "http://snomed.info/sct";
  static final String ICD_10_CM = "http://hl7.org/fhir/sid/icd-10-cm";

  private static final Pattern ICD_10_CM_CODE =
      Pattern.compile("[A-Z][0-9][0-9A-Z](\\.[0-9A-Z]{1,4})?");

  static ClinicalCode snomed(String code, String term) {
    return new ClinicalCode(SNOMED, code, term);
  }

  static ClinicalCode icd(String code) {
    return new ClinicalCode(ICD_10_CM, code, "");
  }

  /** Why it cannot be a code of its system: a mistyped code would silently match nothing. */
  Optional<String> defect() {
    if (system.equals(SNOMED) && !VerhoeffDigit.isValid(code)) {
      return Optional.of(
          "'%s' is no SNOMED CT identifier: its check digit is wrong".formatted(code));
    }
    if (system.equals(ICD_10_CM) && !ICD_10_CM_CODE.matcher(code).matches()) {
      return Optional.of("'%s' is no ICD-10-CM code".formatted(code));
    }
    return Optional.empty();
  }
}
