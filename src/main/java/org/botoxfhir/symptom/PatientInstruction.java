package org.botoxfhir.symptom;

import java.util.EnumSet;
import java.util.Locale;
import java.util.ResourceBundle;
import java.util.Set;
import org.botoxfhir.triage.Symptom;
import org.botoxfhir.triage.Urgency;

/** What a patient should do now, in the patient's words; texts are in {@code instructions.properties}. */
final class PatientInstruction {
  /** The label asks not to drive with weakness, changes of vision or dizziness. */
  private static final Set<Symptom> NO_DRIVING = EnumSet.of(
      Symptom.GENERALIZED_WEAKNESS,
      Symptom.LOCAL_WEAKNESS,
      Symptom.DIPLOPIA,
      Symptom.PTOSIS,
      Symptom.BLURRED_VISION,
      Symptom.EYE_IRRITATION,
      Symptom.SYNCOPE,
      Symptom.DIZZINESS);

  private final ResourceBundle texts;

  PatientInstruction() {
    this.texts = ResourceBundle.getBundle("org.botoxfhir.symptom.instructions", Locale.ROOT);
  }

  /** The instruction; it always ends with when to call the emergency number. */
  String text(Urgency urgency, SymptomReport report) {
    boolean noDriving = report.symptoms().stream()
        .map(SymptomAnswer::symptom)
        .anyMatch(symptom -> symptom != null && NO_DRIVING.contains(symptom));
    return texts.getString(urgency.code())
        + (noDriving ? " " + texts.getString("driving") : "")
        + " "
        + texts.getString("always");
  }
}
