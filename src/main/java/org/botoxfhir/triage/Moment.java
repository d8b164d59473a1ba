package org.botoxfhir.triage;

import java.time.Instant;

/**
 * A point in time as exactly as it is known: a day is the interval of all its instants.
 *
 * @param until last instant that is meant; not before {@code from}
 */
public record Moment(Instant from, Instant until) {
  public Moment {
    if (until.isBefore(from)) {
      throw new IllegalArgumentException("a moment that ends before it begins");
    }
  }

  /** An exactly known moment. */
  public static Moment at(Instant instant) {
    return new Moment(instant, instant);
  }
}
