package org.botoxfhir.triage;

import static org.botoxfhir.triage.ClinicalCode.icd;
import static org.botoxfhir.triage.ClinicalCode.snomed;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The symptoms that the rules know, each with every code that means it. A symptom of the boxed warning is one that the warning
 * on spread of toxin effect names, or a degree of it.
 */
public enum Symptom {
  DYSPNEA(
      BodyArea.BREATHING,
      true,
      snomed("267036007", "Dyspnea"),
      icd("R06.00"),
      icd("R06.02"),
      icd("R06.03")),
  RESPIRATORY_FAILURE(
      BodyArea.BREATHING,
      true,
      snomed("65710008", "Acute respiratory failure"),
      snomed("373895009", "Acute respiratory distress"),
      snomed("1023001", "Apnoea"),
      icd("J96.00"),
      icd("J96.01"),
      icd("J96.02"),
      icd("R09.2")),
  DYSPHAGIA(
      BodyArea.SWALLOWING,
      true,
      snomed("40739000", "Dysphagia"),
      snomed("288939007", "Difficulty swallowing"),
      icd("R13.10"),
      icd("R13.11"),
      icd("R13.12"),
      icd("R13.13"),
      icd("R13.14"),
      icd("R13.19")),
  UNABLE_TO_SWALLOW_SALIVA(
      BodyArea.SWALLOWING, true, snomed("288959006", "Unable to swallow saliva")),
  ASPIRATION(BodyArea.BREATHING, false, snomed("68052005", "Pulmonary aspiration"), icd("J69.0")),
  DYSPHONIA(
      BodyArea.VOICE,
      true,
      snomed("16617009", "Dysphonia"),
      snomed("50219008", "Hoarse"),
      snomed("441913003", "Aphonia"),
      icd("R49.0"),
      icd("R49.1")),
  DYSARTHRIA(BodyArea.SPEECH, true, snomed("8011004", "Dysarthria"), icd("R47.1"), icd("R47.81")),
  /** ICD-10-CM has one code for weak muscles, generalised or not; it is taken for the more urgent meaning. */
  GENERALIZED_WEAKNESS(
      BodyArea.WHOLE_BODY,
      true,
      snomed("1137501002", "Generalized muscle weakness"),
      snomed("13791008", "Asthenia"),
      icd("M62.81"),
      icd("R53.1")),
  LOCAL_WEAKNESS(BodyArea.ELSEWHERE, false, snomed("26544005", "Muscle weakness")),
  DIPLOPIA(BodyArea.EYES, true, snomed("24982008", "Diplopia"), icd("H53.2")),
  PTOSIS(
      BodyArea.EYES,
      true,
      snomed("11934000", "Ptosis of eyelid"),
      icd("H02.401"),
      icd("H02.402"),
      icd("H02.403"),
      icd("H02.409")),
  /** Not named in the current boxed warning of this product, but in the class text of older labels. */
  BLURRED_VISION(
      BodyArea.EYES,
      false,
      snomed("111516008", "Blurring of visual image"),
      snomed("246636008", "Blurred vision"),
      icd("H53.8")),
  URINARY_INCONTINENCE(
      BodyArea.BLADDER, true, snomed("165232002", "Urinary incontinence"), icd("R32")),
  URINARY_RETENTION(
      BodyArea.BLADDER, false, snomed("267064002", "Retention of urine"), icd("R33.9")),
  URINARY_TRACT_INFECTION(
      BodyArea.BLADDER, false, snomed("68566005", "Urinary tract infection"), icd("N39.0")),
  ANAPHYLAXIS(
      BodyArea.ELSEWHERE,
      false,
      snomed("39579001", "Anaphylaxis"),
      snomed("735173007", "Anaphylactic shock"),
      icd("T88.6XXA"),
      icd("T78.2XXA")),
  ALLERGIC_REACTION(
      BodyArea.ELSEWHERE,
      false,
      snomed("419076005", "Allergic reaction"),
      snomed("126485001", "Urticaria"),
      snomed("271807003", "Rash"),
      snomed("418363000", "Pruritus"),
      icd("T78.40XA"),
      icd("L50.9"),
      icd("R21")),
  SYNCOPE(BodyArea.ELSEWHERE, false, snomed("271594007", "Syncope"), icd("R55")),
  DIZZINESS(BodyArea.ELSEWHERE, false, snomed("404640003", "Dizziness"), icd("R42")),
  NECK_PAIN(BodyArea.ELSEWHERE, false, snomed("81680005", "Neck pain"), icd("M54.2")),
  HEADACHE(BodyArea.ELSEWHERE, false, snomed("25064002", "Headache"), icd("R51.9")),
  FACIAL_WEAKNESS(
      BodyArea.ELSEWHERE, false, snomed("95666008", "Weakness of face muscles"), icd("R29.810")),
  EYE_IRRITATION(
      BodyArea.EYES,
      false,
      snomed("162290004", "Dry eye"),
      snomed("41652007", "Eye pain"),
      snomed("409668002", "Photophobia"),
      icd("H04.123"),
      icd("H57.10")),
  GENERAL_COMPLAINT(
      BodyArea.ELSEWHERE,
      false,
      snomed("87715008", "Dry mouth"),
      snomed("84229001", "Fatigue"),
      snomed("422587007", "Nausea"),
      snomed("95891005", "Influenza-like illness"),
      icd("R68.2"),
      icd("R53.83"),
      icd("R11.0")),
  MUSCLE_PAIN(BodyArea.ELSEWHERE, false, snomed("68962001", "Muscle pain"), icd("M79.18"));

  private static final Map<String, Symptom> BY_CODE = byCode();

  private final BodyArea area;
  private final boolean boxedWarning;
  private final List<ClinicalCode> codes;

  Symptom(BodyArea area, boolean boxedWarning, ClinicalCode... codes) {
    this.area = area;
    this.boxedWarning = boxedWarning;
    this.codes = List.of(codes);
  }

  BodyArea area() {
    return area;
  }

  /** Whether the boxed warning names it. */
  public boolean boxedWarning() {
    return boxedWarning;
  }

  /** Whether it may be a sign that the toxin has spread: named in the boxed warning, now or in the class text of older labels. */
  boolean signOfSpread() {
    return boxedWarning || this == BLURRED_VISION;
  }

  /** Every code that means this symptom. */
  public List<ClinicalCode> codes() {
    return codes;
  }

  /**
   * The symptom that a code means.
   *
   * @param system URI of the code system; without one the code is taken for SNOMED CT
   */
  public static Optional<Symptom> of(@Nullable String system, String code) {
    String known = system == null || system.isEmpty() ? ClinicalCode.SNOMED : system;
    return Optional.ofNullable(BY_CODE.get(known + "|" + code));
  }

  private static Map<String, Symptom> byCode() {
    var symptoms = new HashMap<String, Symptom>();
    for (Symptom symptom : values()) {
      for (ClinicalCode code : symptom.codes) {
        Symptom earlier = symptoms.put(code.system() + "|" + code.code(), symptom);
        if (earlier != null) {
          throw new IllegalStateException("%s means %s and %s; a code means one symptom"
              .formatted(code.code(), earlier, symptom));
        }
      }
    }
    if (Arrays.stream(values()).anyMatch(symptom -> symptom.codes.isEmpty())) {
      throw new IllegalStateException("a symptom without a code can never be reported");
    }
    return symptoms;
  }
}
