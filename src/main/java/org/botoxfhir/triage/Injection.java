package org.botoxfhir.triage;

import java.time.Duration;

/**
 * An injection of botulinum toxin, as far as triage needs it.
 *
 * @param performed when it was given
 * @param face whether muscles of the face are known to have been injected
 */
public record Injection(Moment performed, boolean face) {
  /**
   * How long after an injection a symptom is tagged as within the window: the duration of the effect. The label names hours to
   * weeks and no upper bound, so this is a tag and never a filter.
   */
  public static final Duration WINDOW = Duration.ofDays(7 * 12);

  boolean windowCovers(Moment onset) {
    return !onset.until().isBefore(performed.from())
        && !onset.from().isAfter(performed.until().plus(WINDOW));
  }
}
