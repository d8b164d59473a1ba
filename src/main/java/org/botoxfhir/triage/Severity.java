package org.botoxfhir.triage;

import java.util.Optional;

/** How bad the patient says a symptom is, mildest first; SNOMED CT qualifier values. */
public enum Severity {
  MILD("255604002", "Mild"),
  MODERATE("1255665007", "Moderate"),
  SEVERE("24484000", "Severe");

  private final String code;
  private final String term;

  Severity(String code, String term) {
    this.code = code;
    this.term = term;
  }

  /** SNOMED CT code. */
  public String code() {
    return code;
  }

  /** SNOMED CT term. */
  public String term() {
    return term;
  }

  /** The severity that a SNOMED CT code stands for. */
  public static Optional<Severity> of(String snomedCode) {
    for (Severity severity : values()) {
      if (severity.code.equals(snomedCode)) {
        return Optional.of(severity);
      }
    }
    return Optional.empty();
  }
}
