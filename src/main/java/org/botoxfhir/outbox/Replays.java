package org.botoxfhir.outbox;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.outbox.EventSink.EventSinkException;
import org.botoxfhir.outbox.PublishedTable.Span;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Service;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Sends published events again, on an operator's word: copies of them go through the outbox, marked, in the order in which they were
 * published. First publications come first: only so few copies wait at a time that a patient's report is neither refused nor
 * noticeably later because of them.
 */
@Service
public class Replays {
  private static final Logger log = LoggerFactory.getLogger(Replays.class);

  /** Copies that a transaction adds at most; twice as many may wait. The relay sends so many in some tens of milliseconds. */
  private static final int CHUNK = 500;

  private static final Duration LOOK_FOR_ROOM = Duration.ofMillis(10);

  /** How long a call waits for the relay to make room. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final PublishedTable published;
  private final OutboxTable outbox;
  private final OutboxLevel level;
  private final TransactionTemplate transactions;
  private final @Nullable EventTopics topics;
  private final int room;

  Replays(
      PublishedTable published,
      OutboxTable outbox,
      OutboxLevel level,
      TransactionTemplate transactions,
      ObjectProvider<EventTopics> topics,
      OutboxSettings settings) {
    this.published = published;
    this.outbox = outbox;
    this.level = level;
    this.transactions = transactions;
    this.topics = topics.getIfAvailable();
    this.room = (int) Math.clamp(settings.maxRows() / 2, 2, 2L * CHUNK);
  }

  /**
   * Sends events again, each once. Returns when their copies are committed to the outbox.
   *
   * @throws EventSinkException when nobody can say whether the topics exist; nothing was sent then
   */
  public Outcome replay(Request request) throws EventSinkException, InterruptedException {
    Span span = published.span(request.period());
    long after = Math.max(request.after(), span.after());
    Optional<String> refusal = refusal(request, after, span.last());
    if (refusal.isPresent()) {
      return new Outcome.Refused(refusal.get());
    }
    Outcome outcome = send(request, after, span.last());
    // The caller's connection may be gone: then this line is the answer.
    log.info("replay of {} to {}: {}", request.which(), request.topic(), outcome);
    return outcome;
  }

  private Optional<String> refusal(Request request, long after, long last)
      throws EventSinkException, InterruptedException {
    var targets = request.topic() == null
        ? published.topics(request.which(), request.period(), after, last)
        : List.of(request.topic());
    if (topics == null) {
      return Optional.of("no event sink is installed: events would wait in the outbox");
    }
    for (String target : targets) {
      Optional<String> unfit = topics.unfit(target);
      if (unfit.isPresent()) {
        return unfit;
      }
    }
    return Optional.empty();
  }

  private Outcome send(Request request, long after, long last) throws InterruptedException {
    long events = 0;
    long reached = after;
    while (true) {
      int rows = (int) Math.min(request.limit() - events, room / 2);
      try {
        if (rows == 0) {
          return published.endOfPage(request.which(), reached, last, 1).isPresent()
              ? new Outcome.Paused(events, reached, "the limit is reached")
              : new Outcome.Complete(events);
        }
        if (!awaitRoom(rows)) {
          return new Outcome.Paused(
              events,
              reached,
              "%d events wait for Kafka".formatted(outbox.waiting().rows()));
        }
        Page page = page(request, reached, last, rows);
        if (page == null) {
          return new Outcome.Complete(events);
        }
        events += page.events();
        reached = page.end();
      } catch (FaultException full) {
        return new Outcome.Paused(events, reached, "the outbox is full");
      } catch (DataAccessException | TransactionException e) {
        log.warn("a replay is interrupted by the database ({})", e.getClass().getSimpleName());
        return new Outcome.Paused(
            events,
            reached,
            "the database does not answer, and it is not known whether it took the next %d"
                .formatted(rows));
      }
    }
  }

  private boolean awaitRoom(int rows) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (outbox.waiting().rows() + rows > room) {
      if (System.nanoTime() > deadline) {
        return false;
      }
      Thread.sleep(LOOK_FOR_ROOM);
    }
    return true;
  }

  /** Sends the next few again, in one transaction. @return null when there are no more */
  private @Nullable Page page(Request request, long after, long last, int rows) {
    return transactions.execute(status -> {
      Optional<Long> end = published.endOfPage(request.which(), after, last, rows);
      if (end.isEmpty()) {
        return null;
      }
      level.reserve(rows);
      int events =
          published.sendAgain(request.which(), request.period(), after, end.get(), request.topic());
      return new Page(events, end.get());
    });
  }

  private record Page(int events, long end) {}

  /** Which of the published events. */
  public sealed interface Which {
    record Everything() implements Which {}

    /** Those of a patient: their key is the patient's pseudonym. */
    record OfKey(String key) implements Which {
      /** Without the key: this text goes to the log. */
      @Override
      public String toString() {
        return "a patient";
      }
    }

    /** Those that tell of a resource, of any of its versions. */
    record OfResource(ResourceKey resource) implements Which {
      @Override
      public String toString() {
        return resource.toString();
      }
    }
  }

  /**
   * By when the events were committed, by the database's clock.
   *
   * @param from the first moment
   * @param to the first moment after it
   */
  public record Period(Instant from, Instant to) {
    public Period {
      if (!from.isBefore(to)) {
        throw new IllegalArgumentException("the period ends before it begins");
      }
    }
  }

  /**
   * What to send again.
   *
   * @param period null for any time
   * @param topic where to; null for the topic that each event went to before
   * @param after where an earlier call with the same request paused; 0 for the first
   * @param limit most events of this call; positive
   */
  public record Request(
      Which which, @Nullable Period period, @Nullable String topic, long after, int limit) {
    public Request {
      Objects.requireNonNull(which);
      if (limit < 1 || after < 0) {
        throw new IllegalArgumentException("limit must be positive, after not negative");
      }
    }
  }

  /** What became of a request. */
  public sealed interface Outcome {
    /** Nothing was sent. @param why in words for an operator */
    record Refused(String why) implements Outcome {}

    /** All that there is was sent. */
    record Complete(long events) implements Outcome {}

    /**
     * There may be more.
     *
     * @param after where the same request goes on
     * @param why in words for an operator
     */
    record Paused(long events, long after, String why) implements Outcome {}
  }
}
