package org.botoxfhir.triage;

import java.util.List;
import java.util.Optional;
import org.botoxfhir.triage.SymptomDefinition.BoxedWarning;
import org.jspecify.annotations.Nullable;

/**
 * The symptoms that the rules know, by the names that the rule file uses. What they mean, their codes and areas, stands there: a
 * symptom is one whose constant and whose section of the file exist.
 */
public enum Symptom {
  DYSPNEA,
  RESPIRATORY_FAILURE,
  DYSPHAGIA,
  UNABLE_TO_SWALLOW_SALIVA,
  ASPIRATION,
  DYSPHONIA,
  DYSARTHRIA,
  GENERALIZED_WEAKNESS,
  LOCAL_WEAKNESS,
  DIPLOPIA,
  PTOSIS,
  BLURRED_VISION,
  URINARY_INCONTINENCE,
  URINARY_RETENTION,
  URINARY_TRACT_INFECTION,
  ANAPHYLAXIS,
  ALLERGIC_REACTION,
  SYNCOPE,
  DIZZINESS,
  NECK_PAIN,
  HEADACHE,
  FACIAL_WEAKNESS,
  EYE_IRRITATION,
  GENERAL_COMPLAINT,
  MUSCLE_PAIN;

  /** Whether the boxed warning names it, or what it is a degree of. */
  public boolean boxedWarning() {
    return RuleSet.shipped().definition(this).boxedWarning() == BoxedWarning.NAMED;
  }

  /** Every code that means this symptom. */
  public List<ClinicalCode> codes() {
    return RuleSet.shipped().definition(this).codes();
  }

  /**
   * The symptom that a code means.
   *
   * @param system URI of the code system; without one the code is taken for SNOMED CT
   */
  public static Optional<Symptom> of(@Nullable String system, String code) {
    return RuleSet.shipped().symptom(system, code);
  }
}
