package org.botoxfhir.triage;

/**
 * One line of the rule table.
 *
 * @param id stable name; events carry it
 * @param criterion when it fires
 * @param urgency the least urgency of a report for which it fires
 * @param reason why, in plain words, for patient and clinician
 * @param source where it comes from, as a clinician may look it up
 */
record Rule(String id, Urgency urgency, Criterion criterion, String reason, String source) {
  Rule {
    if (!id.matches("[a-z][a-z-]*[a-z]")) {
      throw new IllegalArgumentException(
          "rule id '%s' is not lower-case words with hyphens".formatted(id));
    }
    if (reason.isBlank() || source.isBlank()) {
      throw new IllegalArgumentException(
          "rule %s names no %s".formatted(id, reason.isBlank() ? "reason" : "source"));
    }
  }
}
