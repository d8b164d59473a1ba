package org.botoxfhir.operation;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.outbox.EventSink.EventSinkException;
import org.botoxfhir.outbox.Replays.Period;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;

/** Requests to values, outcomes to answers. What is wrong is said in words, and never by repeating what was sent. */
final class Answers {
  private static final Logger log = LoggerFactory.getLogger(Answers.class);

  /** Where times that anybody means lie; beyond it the database would refuse them. */
  private static final Instant EARLIEST = Instant.parse("2000-01-01T00:00:00Z");

  private static final Instant LATEST = Instant.parse("3000-01-01T00:00:00Z");

  private Answers() {}

  /** What the operator asked cannot be done as asked. */
  static final class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final int status;

    RefusedException(int status, String why) {
      super(why, null, false, false);
      this.status = status;
    }
  }

  /** Work that asks database and Kafka. */
  interface Work {
    Object run() throws EventSinkException, InterruptedException;
  }

  /** @param problem in words */
  record Problem(String problem) {}

  static WebEndpointResponse<Object> answer(Work work) {
    try {
      return new WebEndpointResponse<>(work.run());
    } catch (RefusedException e) {
      return problem(e.status, String.valueOf(e.getMessage()));
    } catch (FaultException full) {
      return problem(503, "the outbox is full; try again when botox.outbox.rows has fallen");
    } catch (EventSinkException away) {
      return problem(503, String.valueOf(away.getMessage()));
    } catch (DataAccessException | TransactionException away) {
      // No message: it may quote values.
      log.warn(
          "an operator's request failed in the database ({})", away.getClass().getSimpleName());
      return problem(503, "the database does not answer");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return problem(503, "the service is stopping");
    }
  }

  private static WebEndpointResponse<Object> problem(int status, String words) {
    return new WebEndpointResponse<>(new Problem(words), status);
  }

  static RefusedException invalid(String why) {
    return new RefusedException(400, why);
  }

  /** The period between two times, both of them given; null when neither is. */
  static @Nullable Period period(@Nullable String from, @Nullable String to) {
    if (from == null && to == null) {
      return null;
    }
    if (from == null || to == null) {
      throw invalid("from and to go together");
    }
    Instant first = time("from", from);
    Instant end = time("to", to);
    if (!first.isBefore(end)) {
      throw invalid("from must be before to");
    }
    return new Period(first, end);
  }

  private static Instant time(String name, String text) {
    try {
      Instant time = OffsetDateTime.parse(text).toInstant();
      if (!time.isBefore(EARLIEST) && time.isBefore(LATEST)) {
        return time;
      }
    } catch (DateTimeException e) {
      // said below
    }
    throw invalid(name + " must be a date and time with its zone, such as 2026-11-22T02:00:00Z");
  }

  static long number(String name, @Nullable String text, long otherwise, long least, long most) {
    if (text == null) {
      return otherwise;
    }
    try {
      long number = Long.parseLong(text);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw invalid("%s must be a number from %d to %d".formatted(name, least, most));
  }
}
