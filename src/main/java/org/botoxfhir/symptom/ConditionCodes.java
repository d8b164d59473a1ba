package org.botoxfhir.symptom;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.botoxfhir.fhir.Canonical;
import org.hl7.fhir.r4.model.CodeableConcept;

/** Codes of conditions that change the urgency of a symptom report. */
final class ConditionCodes {
  private static final String ICD_10_CM = "http://hl7.org/fhir/sid/icd-10-cm";

  /** Myasthenia gravis and its crisis, Eaton-Lambert syndrome, motor neuron disease, motor neuropathy. */
  static final Set<String> NEUROMUSCULAR = codes(
      List.of("91637004", "80976008", "56989000", "86044005", "37340000", "95663000"),
      List.of("G70.00", "G70.01", "G70.80", "G12.20", "G12.21"));

  /** Spasticity and the conditions whose treatment with the toxin is treatment of spasticity. */
  static final Set<String> SPASTICITY = codes(
      List.of(
          "221360009",
          "108691000119102",
          "79633009",
          "290481000119100",
          "290461000119109",
          "290491000119102",
          "290471000119103",
          "128188000",
          "281411007"),
      List.of(
          "M62.838", "R25.2", "I69.331", "I69.351", "I69.352", "I69.353", "I69.354", "G81.10",
          "G81.11", "G81.12", "G81.13", "G81.14", "G80.0", "G80.1", "G80.2", "G80.9"));

  /** The other indications of the toxin. */
  static final Set<String> OTHER_INDICATIONS = codes(
      List.of(
          "427419006",
          "124171000119105",
          "37796009",
          "56097005",
          "4473006",
          "423894005",
          "74333002",
          "15802004",
          "59026006",
          "13753008",
          "786460007",
          "312230002",
          "22066006"),
      List.of(
          "G43.709", "G43.701", "G43.719", "G43.711", "G43.909", "G43.919", "G24.2", "G24.3",
          "G24.5", "G24.8", "G24.9", "G51.31", "N31.9", "N39.41", "N32.81", "L74.510", "H50.9",
          "H50.00"));

  private ConditionCodes() {}

  /** Whether one of the concept's codings is among {@code codes}. */
  static boolean names(CodeableConcept concept, Set<String> codes) {
    return concept.getCoding().stream()
        .anyMatch(coding -> codes.contains(coding.getSystem() + "|" + coding.getCode()));
  }

  private static Set<String> codes(List<String> snomed, List<String> icd) {
    return Stream.concat(
            snomed.stream().map(code -> Canonical.SNOMED + "|" + code),
            icd.stream().map(code -> ICD_10_CM + "|" + code))
        .collect(Collectors.toUnmodifiableSet());
  }
}
