package org.botoxfhir.store;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What FHIR allows and PostgreSQL cannot hold, brought to the nearest value that it can. Only index rows and search values go through
 * here, both alike, so that a search finds what it looks for; the content itself is stored as it came.
 */
public final class PostgresLimits {
  /** Years with four digits are what {@link Instant#toString} and PostgreSQL write alike. */
  private static final Instant FIRST = Instant.parse("0001-01-01T00:00:00Z");

  private static final Instant LAST = Instant.parse("9999-12-31T23:59:59.999999999Z");

  private PostgresLimits() {}

  /** Without U+0000, in whose place stands the replacement character U+FFFD. */
  public static String text(String text) {
    return text.replace('\u0000', '\uFFFD');
  }

  /** As PostgreSQL reads it; nothing and what is before the year 1 are before every date, what is after 9999 is after every date. */
  public static String timestamp(@Nullable Instant instant) {
    if (instant == null || instant.isBefore(FIRST)) {
      return "-infinity";
    }
    return instant.isAfter(LAST) ? "infinity" : instant.toString();
  }
}
