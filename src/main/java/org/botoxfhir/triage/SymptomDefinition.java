package org.botoxfhir.triage;

import java.util.List;

/**
 * What the rule file says of a symptom.
 *
 * @param codes every code that means it
 */
record SymptomDefinition(
    Symptom symptom, BodyArea area, BoxedWarning boxedWarning, List<ClinicalCode> codes) {

  /** How the boxed warning on spread of toxin effect stands to a symptom. */
  enum BoxedWarning {
    /** The warning names it, or what it is a degree of. */
    NAMED,
    /** Only the class text of older labels names it. */
    CLASS_TEXT,
    NOT_NAMED
  }

  SymptomDefinition {
    codes = List.copyOf(codes);
  }

  /** Whether it may be a sign that the toxin has spread: named in the boxed warning, now or in older labels. */
  boolean signOfSpread() {
    return boxedWarning != BoxedWarning.NOT_NAMED;
  }
}
