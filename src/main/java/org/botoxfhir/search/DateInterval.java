package org.botoxfhir.search;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.Year;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * The time that a FHIR date stands for: a year is all its days. Both ends belong to it, to the microsecond; an open end is {@link
 * Instant#MIN} or {@link Instant#MAX}. Dates without a time zone are read in UTC (see docs/spec-decisions.md).
 */
public record DateInterval(Instant low, Instant high) {

  /** Reads a FHIR date, dateTime or instant; empty when it is none. */
  public static Optional<DateInterval> parse(String text) {
    try {
      return Optional.of(
          switch (text.length()) {
            case 4 ->
              days(Year.parse(text).atDay(1), Year.parse(text).plusYears(1).atDay(1));
            case 7 ->
              days(
                  YearMonth.parse(text).atDay(1),
                  YearMonth.parse(text).plusMonths(1).atDay(1));
            case 10 -> days(LocalDate.parse(text), LocalDate.parse(text).plusDays(1));
            default -> moment(text);
          });
    } catch (DateTimeException unreadable) {
      return Optional.empty();
    }
  }

  private static DateInterval days(LocalDate first, LocalDate next) {
    return upTo(
        first.atStartOfDay().toInstant(ZoneOffset.UTC),
        next.atStartOfDay().toInstant(ZoneOffset.UTC));
  }

  private static DateInterval moment(String text) {
    int time = text.indexOf('T');
    boolean zoned = text.endsWith("Z")
        || text.indexOf('+', Math.max(time, 0)) > 0
        || text.lastIndexOf('-') > time;
    Instant low = OffsetDateTime.parse(zoned ? text : text + "Z").toInstant();
    boolean seconds =
        text.chars().filter(c -> c == ':').count() > (text.endsWith("Z") || !zoned ? 1 : 2);
    int dot = text.indexOf('.');
    if (dot >= 0) {
      long digits =
          text.substring(dot + 1).chars().takeWhile(Character::isDigit).count();
      Instant start = low.truncatedTo(ChronoUnit.MICROS);
      return digits >= 6
          ? new DateInterval(start, start)
          : upTo(start, low.plusNanos((long) Math.pow(10, 9.0 - digits)));
    }
    return upTo(low, low.plus(1, seconds ? ChronoUnit.SECONDS : ChronoUnit.MINUTES));
  }

  private static DateInterval upTo(Instant low, Instant next) {
    return new DateInterval(low, next.minus(1, ChronoUnit.MICROS));
  }

  /** From the start of this one to the end of the other. */
  DateInterval to(DateInterval other) {
    return new DateInterval(low, other.high);
  }
}
