package org.botoxfhir.benchmark;

import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * Records of patients who do not exist, the same on every machine and in any order: what is random about a patient follows from the
 * patient's number. Of each: the patient, a condition, twenty procedures and forty observations, as the systems that R4 codes them
 * with, or systems of this benchmark.
 */
final class MadeUpRecords {
  static final int PROCEDURES = 20;
  static final int OBSERVATIONS = 40;

  /** Resources of one patient. */
  static final int RESOURCES = 2 + PROCEDURES + OBSERVATIONS;

  static final String PATIENT_SYSTEM = "urn:botox-benchmark:patient";
  static final String PROCEDURE_SYSTEM = "urn:botox-benchmark:procedure";
  static final String CODE_SYSTEM = "urn:botox-benchmark:injection";
  static final String DIAGNOSIS_SYSTEM = "http://hl7.org/fhir/sid/icd-10-cm";

  /** Codes of procedures. */
  static final List<String> INJECTIONS = List.of(
      "head-and-neck",
      "forehead",
      "neck-rotators",
      "eyelids",
      "arm-flexors",
      "leg-flexors",
      "bladder-wall",
      "salivary-glands");

  /** Codes of conditions; each is in {@code clinical-codes.txt}. */
  static final List<String> DIAGNOSES =
      List.of("G43.709", "G24.3", "G24.5", "G81.10", "N32.81", "G80.1", "G24.9", "G43.719");

  /** System and code of observations. */
  static final List<Measure> MEASURES = List.of(
      new Measure("http://loinc.org", "72514-3"),
      new Measure("urn:botox-benchmark:measure", "days-with-headache"),
      new Measure("urn:botox-benchmark:measure", "muscle-tone"),
      new Measure("urn:botox-benchmark:measure", "daily-life"));

  private static final long SEED = 20_261_128;
  private static final List<String> SYLLABLES =
      List.of("ba", "do", "fe", "ki", "la", "mu", "no", "ri", "su", "te");

  private MadeUpRecords() {}

  /** What is observed. */
  record Measure(String system, String code) {
    /** As a value of a token search. */
    String token() {
      return system + "%7C" + code;
    }
  }

  /** A transaction that creates all of a patient's record. @param patient from 0 */
  static String bundle(int patient) {
    var random = new SplittableRandom(SEED + patient);
    var entries = new Entries("%08x".formatted(patient));
    String subject = entries.add("Patient", patient(patient, Integer.toString(patient), random));
    String condition = entries.add("Condition", condition(subject, random));
    for (int i = 0; i < PROCEDURES; i++) {
      entries.add("Procedure", procedure("", identifier(patient, i), subject, condition, random));
    }
    for (int i = 0; i < OBSERVATIONS; i++) {
      entries.add(
          "Observation",
          observation(MEASURES.get(i % MEASURES.size()), subject, "", patient + "-" + i, random));
    }
    return entries.bundle();
  }

  /** Value of the identifier of one of a patient's procedures. */
  static String identifier(int patient, int procedure) {
    return patient + "-" + procedure;
  }

  /** A transaction of ten entries: what a clinic may send of one visit. @param unique distinguishes it from all others */
  static String visit(String unique, SplittableRandom random) {
    var entries = new Entries("%08x".formatted(random.nextInt()));
    String subject = entries.add("Patient", patient(random.nextInt(1_000_000), unique, random));
    String condition = entries.add("Condition", condition(subject, random));
    String procedure = entries.add("Procedure", procedure("", unique, subject, condition, random));
    entries.add("MedicationAdministration", """
        {"resourceType":"MedicationAdministration","identifier":[{"system":"urn:botox-benchmark:administration","value":"%s"}],\
        "status":"completed","medicationCodeableConcept":{"coding":[{"system":"http://www.whocc.no/atc","code":"M03AX01"}],\
        "text":"Botulinum toxin"},"subject":{"reference":"%s"},"effectiveDateTime":"%s","partOf":[{"reference":"%s"}],\
        "reasonReference":[{"reference":"%s"}],"dosage":{"text":"five injection sites","dose":{"value":%d,"unit":"U",\
        "system":"http://unitsofmeasure.org","code":"[arb'U]"}}}""".formatted(
            unique, subject, moment(random), procedure, condition, 5 * random.nextInt(4, 81)));
    String partOf = ",\"partOf\":[{\"reference\":\"%s\"}]".formatted(procedure);
    for (Measure measure : MEASURES) {
      entries.add("Observation", observation(measure, subject, partOf, unique, random));
    }
    entries.add("AdverseEvent", """
        {"resourceType":"AdverseEvent","identifier":{"system":"urn:botox-benchmark:event","value":"%s"},"actuality":"actual",\
        "event":{"text":"Lid droops after the injection"},"subject":{"reference":"%s"},"date":"%s",\
        "seriousness":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/adverse-event-seriousness","code":"non-serious"}]},\
        "severity":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/adverse-event-severity","code":"mild"}]},\
        "suspectEntity":[{"instance":{"reference":"%s"}}]}""".formatted(unique, subject, moment(random), procedure));
    entries.add("QuestionnaireResponse", """
        {"resourceType":"QuestionnaireResponse","identifier":{"system":"urn:botox-benchmark:answers","value":"%s"},\
        "questionnaire":"http://example.org/fhir/Questionnaire/after-the-visit","status":"completed","subject":{"reference":"%s"},\
        "authored":"%s","item":[{"linkId":"content","text":"Are you content?","answer":[{"valueInteger":%d}]},\
        {"linkId":"again","text":"Would you come again?","answer":[{"valueBoolean":true}]},\
        {"linkId":"remark","text":"Remark","answer":[{"valueString":"made up %s"}]}]}""".formatted(
            unique, subject, moment(random), random.nextInt(1, 6), unique));
    return entries.bundle();
  }

  /**
   * A procedure of some 1.8 kB.
   *
   * @param id to be sent with it; none when empty
   * @param unique distinguishes it from all others
   */
  static String procedure(
      String id, String unique, String subject, String condition, SplittableRandom random) {
    String code = INJECTIONS.get(random.nextInt(INJECTIONS.size()));
    return """
        {"resourceType":"Procedure",%s"identifier":[{"system":"%s","value":"%s"}],"status":"completed",\
        "category":{"coding":[{"system":"urn:botox-benchmark:category","code":"injection","display":"Injection into muscles"}]},\
        "code":{"coding":[{"system":"%s","code":"%s","display":"Botulinum toxin injection, %s"}],"text":"Injection of botulinum toxin type A"},\
        "subject":{"reference":"%s"},"performedDateTime":"%s","reasonReference":[{"reference":"%s"}],\
        "bodySite":[{"coding":[{"system":"urn:botox-benchmark:site","code":"procerus","display":"Procerus muscle"}]},\
        {"coding":[{"system":"urn:botox-benchmark:site","code":"corrugator-left","display":"Corrugator supercilii, left"}]},\
        {"coding":[{"system":"urn:botox-benchmark:site","code":"corrugator-right","display":"Corrugator supercilii, right"}]},\
        {"coding":[{"system":"urn:botox-benchmark:site","code":"frontalis","display":"Frontalis muscle, both sides"}]}],\
        "outcome":{"coding":[{"system":"urn:botox-benchmark:outcome","code":"as-planned","display":"Done as planned, no complication"}]},\
        "usedCode":[{"coding":[{"system":"http://www.whocc.no/atc","code":"M03AX01","display":"botulinum toxin"}],"text":"Vial of 100 U, lot C%04d"}],\
        "note":[{"text":"%d U in all, dissolved in 2.5 mL of saline without preservative, needle 30G, skin disinfected; each site was aspirated \
        before the injection, and the patient felt well when leaving. Made up, number %s."}]}""".formatted(
            id.isEmpty() ? "" : "\"id\":\"%s\",".formatted(id),
            PROCEDURE_SYSTEM,
            unique,
            CODE_SYSTEM,
            code,
            code,
            subject,
            moment(random),
            condition,
            random.nextInt(10_000),
            5 * random.nextInt(4, 81),
            unique);
  }

  /** Family name of somebody, one of a thousand. */
  static String family(SplittableRandom random) {
    String name = syllable(random) + syllable(random) + syllable(random);
    return name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1);
  }

  private static String syllable(SplittableRandom random) {
    return SYLLABLES.get(random.nextInt(SYLLABLES.size()));
  }

  /** A day in the four years of all records. */
  static String day(SplittableRandom random) {
    return "%d-%02d-%02d"
        .formatted(random.nextInt(2022, 2026), random.nextInt(1, 13), random.nextInt(1, 29));
  }

  private static String moment(SplittableRandom random) {
    return "%sT%02d:%02d:%02dZ"
        .formatted(day(random), random.nextInt(8, 18), random.nextInt(60), random.nextInt(60));
  }

  private static String patient(int number, String unique, SplittableRandom random) {
    return """
        {"resourceType":"Patient","identifier":[{"system":"%s","value":"%s"}],"active":true,\
        "name":[{"use":"official","family":"%s","given":["Madeup%s"]}],"gender":"%s","birthDate":"%d-%02d-%02d",\
        "telecom":[{"system":"phone","value":"555-%07d"}],"address":[{"city":"Nowhere","postalCode":"%05d","country":"XX"}]}""".formatted(
            PATIENT_SYSTEM,
            unique,
            family(random),
            unique,
            number % 2 == 0 ? "female" : "male",
            random.nextInt(1940, 2000),
            random.nextInt(1, 13),
            random.nextInt(1, 29),
            number,
            random.nextInt(100_000));
  }

  private static String condition(String subject, SplittableRandom random) {
    String day = day(random);
    return """
        {"resourceType":"Condition","clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]},\
        "verificationStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-ver-status","code":"confirmed"}]},\
        "category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-category","code":"problem-list-item"}]}],\
        "code":{"coding":[{"system":"%s","code":"%s"}],"text":"Why botulinum toxin is injected"},"subject":{"reference":"%s"},\
        "onsetDateTime":"%s","recordedDate":"%s"}""".formatted(
            DIAGNOSIS_SYSTEM, DIAGNOSES.get(random.nextInt(DIAGNOSES.size())), subject, day, day);
  }

  private static String observation(
      Measure measure, String subject, String partOf, String unique, SplittableRandom random) {
    return """
        {"resourceType":"Observation","status":"final",\
        "category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"survey"}]}],\
        "code":{"coding":[{"system":"%s","code":"%s"}],"text":"How it went: %s"},"subject":{"reference":"%s"},"effectiveDateTime":"%s"%s,\
        "valueQuantity":{"value":%d,"unit":"score","system":"http://unitsofmeasure.org","code":"{score}"},"note":[{"text":"made up %s"}]}""".formatted(
            measure.system(),
            measure.code(),
            measure.code(),
            subject,
            moment(random),
            partOf,
            random.nextInt(11),
            unique);
  }

  /** A transaction in the making. */
  private static final class Entries {
    private final String prefix;
    private final StringBuilder json =
        new StringBuilder("{\"resourceType\":\"Bundle\",\"type\":\"transaction\",\"entry\":[");
    private int count;

    /** @param prefix eight hexadecimal digits of the entries' UUIDs */
    Entries(String prefix) {
      this.prefix = prefix;
    }

    /** @return what others refer to it by */
    String add(String type, String resource) {
      String reference = "urn:uuid:%s-0000-4000-8000-%012x".formatted(prefix, ++count);
      json.append(count == 1 ? "" : ",")
          .append("{\"fullUrl\":\"")
          .append(reference)
          .append("\",\"resource\":")
          .append(resource)
          .append(",\"request\":{\"method\":\"POST\",\"url\":\"")
          .append(type)
          .append("\"}}");
      return reference;
    }

    String bundle() {
      return json.append("]}").toString();
    }
  }
}
