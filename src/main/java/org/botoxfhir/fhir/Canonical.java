package org.botoxfhir.fhir;

/** Canonical URLs: our own definitions, and the code systems that the clinical tables use. */
public final class Canonical {
  /** Where our definitions live; they are served by every instance under its own base as well. */
  public static final String BASE = "https://botoxfhir.org/fhir";

  public static final String SYMPTOM_REPORT = BASE + "/Questionnaire/botox-symptom-report";
  public static final String PATIENT_REPORTED_SYMPTOM =
      BASE + "/StructureDefinition/patient-reported-symptom";
  public static final String TRIAGE_RESULT = BASE + "/StructureDefinition/triage-result";
  public static final String TRIAGE_URGENCY = BASE + "/CodeSystem/triage-urgency";

  public static final String SNOMED = "http://snomed.info/sct";
  public static final String LOINC = "http://loinc.org";
  public static final String UCUM = "http://unitsofmeasure.org";

  private Canonical() {}

  /** Whether {@code canonical} is {@code url}, with or without a {@code |version}. */
  public static boolean names(String canonical, String url) {
    return canonical.equals(url) || canonical.startsWith(url + "|");
  }
}
