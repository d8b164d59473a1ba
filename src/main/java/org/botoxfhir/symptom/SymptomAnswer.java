package org.botoxfhir.symptom;

import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.botoxfhir.triage.Detail;
import org.botoxfhir.triage.Moment;
import org.botoxfhir.triage.ReportedSymptom;
import org.botoxfhir.triage.Severity;
import org.botoxfhir.triage.Symptom;
import org.hl7.fhir.r4.model.Coding;
import org.hl7.fhir.r4.model.DateTimeType;
import org.jspecify.annotations.Nullable;

/**
 * What a patient said about one symptom.
 *
 * @param coding the code that was chosen, or null
 * @param words free words instead of a code, or null
 * @param symptom what the code means; null when it is unknown
 * @param onset null when not answered
 * @param severity as it was chosen, or null
 * @param grade what triage takes the severity for: an answer that is not understood may mean the worst
 * @param ongoing null when not answered
 * @param details those that are understood; others are read as symptoms
 */
record SymptomAnswer(
    @Nullable Coding coding,
    @Nullable String words,
    @Nullable Symptom symptom,
    @Nullable DateTimeType onset,
    @Nullable Coding severity,
    @Nullable Severity grade,
    @Nullable Boolean ongoing,
    Set<Detail> details) {
  SymptomAnswer {
    details = details.isEmpty() ? EnumSet.noneOf(Detail.class) : EnumSet.copyOf(details);
  }

  boolean boxedWarning() {
    return symptom != null && symptom.boxedWarning();
  }

  Optional<WrittenDate> began() {
    return WrittenDate.of(onset);
  }

  /** @param reported when the report was made; stands in for an onset that the patient did not give */
  ReportedSymptom fact(Moment reported) {
    return new ReportedSymptom(
        symptom, grade, details, began().map(WrittenDate::moment).orElse(reported));
  }
}
