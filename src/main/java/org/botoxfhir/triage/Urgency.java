package org.botoxfhir.triage;

import java.util.Locale;

/** How soon a symptom report needs a clinician, least first. */
public enum Urgency {
  /** To be told to the clinic; no same-day contact needed. */
  ROUTINE,
  /** Contact with a clinician on the same day. */
  URGENT,
  /** Emergency help now. */
  EMERGENCY;

  /** The code of the code system {@code triage-urgency}. */
  public String code() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The more urgent of the two. */
  public Urgency orMore(Urgency other) {
    return compareTo(other) >= 0 ? this : other;
  }
}
