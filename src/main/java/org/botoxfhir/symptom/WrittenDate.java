package org.botoxfhir.symptom;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.Year;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.Optional;
import org.botoxfhir.triage.Moment;
import org.hl7.fhir.r4.model.BaseDateTimeType;
import org.jspecify.annotations.Nullable;

/**
 * A date or time as somebody wrote it, and what it can mean. A day without a time zone may be a day anywhere on earth: a patient in
 * Auckland and a server in London disagree on which day it is, and an injection must not seem to lie after the report for that.
 *
 * @param text year, month, day or time with an offset, as FHIR writes a {@code dateTime}
 * @param from first instant that may be meant
 * @param until last instant that may be meant
 * @param day the day on the writer's calendar; the first day of a year or month
 */
record WrittenDate(String text, Instant from, Instant until, LocalDate day) {
  private static final LocalDate FIRST_DAY = LocalDate.of(1, 1, 1);
  private static final LocalDate LAST_DAY = LocalDate.of(9999, 12, 31);
  private static final int DAY_LENGTH = "2026-11-22".length();
  private static final ZoneOffset EARLIEST = ZoneOffset.ofHours(14);
  private static final ZoneOffset LATEST = ZoneOffset.ofHours(-12);

  static Optional<WrittenDate> of(@Nullable BaseDateTimeType date) {
    return date == null || !date.hasValue()
        ? Optional.empty()
        : Optional.of(of(date.getValueAsString()));
  }

  static WrittenDate of(String text) {
    return switch (text.length()) {
      case 4 -> {
        Year year = Year.parse(text);
        yield days(text, year.atDay(1), year.atDay(year.length()));
      }
      case 7 -> {
        YearMonth month = YearMonth.parse(text);
        yield days(text, month.atDay(1), month.atEndOfMonth());
      }
      case 10 -> days(text, LocalDate.parse(text), LocalDate.parse(text));
      default -> {
        try {
          var time = OffsetDateTime.parse(text);
          yield new WrittenDate(text, time.toInstant(), time.toInstant(), time.toLocalDate());
        } catch (DateTimeException notOfThisCalendar) {
          // A leap second, or a fraction finer than nanoseconds: the day is what counts here.
          yield of(text.substring(0, DAY_LENGTH));
        }
      }
    };
  }

  /** A day as a search takes it, which knows the years 1 to 9999. */
  static LocalDate searchable(LocalDate day) {
    return day.isBefore(FIRST_DAY) ? FIRST_DAY : day.isAfter(LAST_DAY) ? LAST_DAY : day;
  }

  /** The first instant that may be meant, as a timestamp of an event takes it: in the years 1 to 9999. */
  Instant timestamp() {
    Instant first = FIRST_DAY.atStartOfDay().toInstant(ZoneOffset.UTC);
    Instant last = LAST_DAY.atStartOfDay().toInstant(ZoneOffset.UTC);
    return from.isBefore(first) ? first : from.isAfter(last) ? last : from;
  }

  Moment moment() {
    return new Moment(from, until);
  }

  private static WrittenDate days(String text, LocalDate first, LocalDate last) {
    Instant from = first.atStartOfDay().toInstant(EARLIEST);
    Instant until = last.plusDays(1).atStartOfDay().toInstant(LATEST).minusMillis(1);
    return new WrittenDate(text, from, until, first);
  }
}
