package org.botoxfhir.terminology;

/** A code of a code system. */
public record Coded(String system, String code) {
  @Override
  public String toString() {
    return "'%s' of '%s'".formatted(code, system);
  }
}
