package org.botoxfhir.operation;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.operation.Answers.RefusedException;
import org.botoxfhir.outbox.EventSink.EventSinkException;
import org.botoxfhir.outbox.EventTopics;
import org.botoxfhir.outbox.EventTopics.HeldEvent;
import org.botoxfhir.outbox.Outbox;
import org.botoxfhir.outbox.Replays.Period;
import org.botoxfhir.resource.EventIdentity;
import org.botoxfhir.resource.ExpectedEvents;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;

/**
 * Compares what follows from the stored versions with what the topics hold. The order of its steps makes it exact while others write:
 * versions first, then what waits, then the topics' ends. So an expected event was committed before its version was read, and has left
 * the outbox only if the topic's end is behind it.
 */
@Component
class Reconciliation {
  /** What the names of so many events take, some 60 MB, must fit beside the service's work. */
  static final int MOST_EVENTS = 250_000;

  private static final int LISTED = 100;
  private static final int PAGE = 500;

  /** How far the clocks of replicas may differ: a record's time is the publisher's, a version's the writer's. */
  private static final Duration CLOCKS = Duration.ofMinutes(10);

  private final ExpectedEvents expectedEvents;
  private final Outbox outbox;
  private final @Nullable EventTopics topics;

  /** One at a time: the bound on memory is of one. */
  private final AtomicBoolean running = new AtomicBoolean();

  Reconciliation(ExpectedEvents expectedEvents, Outbox outbox, ObjectProvider<EventTopics> topics) {
    this.expectedEvents = expectedEvents;
    this.outbox = outbox;
    this.topics = topics.getIfAvailable();
  }

  /** @param period of the versions' {@code meta.lastUpdated} */
  Result compare(Period period) throws EventSinkException, InterruptedException {
    EventTopics in = topics;
    if (in == null) {
      throw new RefusedException(
          422, "no event sink is installed: there is nothing to compare with");
    }
    if (!running.compareAndSet(false, true)) {
      throw new RefusedException(
          409, "another reconciliation runs on this replica; try again when it has ended");
    }
    try {
      return new Comparison(period).run(in);
    } finally {
      running.set(false);
    }
  }

  private final class Comparison {
    private final Period period;
    private final Map<EventName, Found> expected = new HashMap<>();
    private final Map<EventName, Unmatched> unmatched = new LinkedHashMap<>();

    private Comparison(Period period) {
      this.period = period;
    }

    private Result run(EventTopics in) throws EventSinkException, InterruptedException {
      expectedEvents.writtenBetween(period.from(), period.to(), event -> {
        expected.put(EventName.of(event), new Found());
        bound();
      });
      outbox.unpublished(event -> {
        Found found = expected.get(new EventName(event.topic(), event.id()));
        if (found != null) {
          found.waiting |= !event.parked();
          found.parked |= event.parked();
        }
      });
      Set<String> cut = in.read(period.from().minus(CLOCKS), this::take);
      return result(cut);
    }

    private void bound() {
      if (expected.size() + unmatched.size() > MOST_EVENTS) {
        throw new RefusedException(
            422,
            "this period has more than %d events; compare shorter ones, one after the other"
                .formatted(MOST_EVENTS));
      }
    }

    private void take(HeldEvent event) {
      var name = new EventName(event.topic(), event.id());
      Found found = expected.get(name);
      if (found != null) {
        found.replayed |= event.replay();
        found.published += event.replay() ? 0 : 1;
      } else if (!event.replay()
          && !event.recorded().isBefore(period.from())
          && event.recorded().isBefore(period.to())) {
        unmatched.computeIfAbsent(name, first -> new Unmatched(event.subject())).published++;
        bound();
      }
    }

    private Result result(Set<String> cut) {
      var missing = new Difference();
      var doubled = new Difference();
      long published = 0;
      long waiting = 0;
      long parked = 0;
      for (var one : expected.entrySet()) {
        Found found = one.getValue();
        if (found.published > 0 || found.replayed) {
          published++;
        } else if (found.parked) {
          parked++;
        } else if (found.waiting) {
          waiting++;
        } else {
          missing.add(one.getKey());
        }
        if (found.published > 1) {
          doubled.add(one.getKey());
        }
      }
      var unexpected = new Difference();
      Set<ResourceKey> erasedRecords = new HashSet<>();
      Set<EventName> beside = besideThePeriod(erasedRecords);
      long erased = 0;
      for (var one : unmatched.entrySet()) {
        EventName name = one.getKey();
        Unmatched found = one.getValue();
        boolean ofErased = versionOf(found.subject)
            .filter(version -> erasedRecords.contains(version.key()))
            .isPresent();
        if (!beside.contains(name) && ofErased) {
          erased++;
        } else if (!beside.contains(name)) {
          unexpected.add(name);
        }
        if (found.published > 1) {
          doubled.add(name);
        }
      }
      return new Result(
          missing.count == 0 && unexpected.count == 0 && doubled.count == 0,
          period.from(),
          period.to(),
          expected.size(),
          published,
          waiting,
          parked,
          erased,
          missing.listed(),
          unexpected.listed(),
          doubled.listed(),
          cut.stream()
              .map(
                  "topic %s has lost its oldest records to its retention: events of before may seem to be missing"
                      ::formatted)
              .toList());
    }

    /**
     * Those of the unmatched that were published in the period and belong to versions from before it, or from after it by another clock.
     *
     * @param erased to which those of their records are added that were erased
     */
    private Set<EventName> besideThePeriod(Set<ResourceKey> erased) {
      Set<EventName> beside = new HashSet<>();
      Map<ResourceKey, Set<Long>> page = new HashMap<>();
      for (Unmatched one : unmatched.values()) {
        versionOf(one.subject)
            .ifPresent(version ->
                page.computeIfAbsent(version.key(), key -> new HashSet<>()).add(version.number()));
        if (page.size() == PAGE) {
          look(page, beside, erased);
          page.clear();
        }
      }
      look(page, beside, erased);
      return beside;
    }
  }

  private void look(
      Map<ResourceKey, Set<Long>> page, Set<EventName> beside, Set<ResourceKey> erased) {
    expectedEvents.of(page).forEach(event -> beside.add(EventName.of(event)));
    erased.addAll(expectedEvents.erased(page.keySet()));
  }

  private static Optional<Version> versionOf(@Nullable String subject) {
    if (subject == null) {
      return Optional.empty();
    }
    String number = subject.substring(subject.lastIndexOf('/') + 1);
    return subject.contains("/_history/") && number.matches("[1-9][0-9]{0,17}")
        ? ResourceKey.ofReference(subject).map(key -> new Version(key, Long.parseLong(number)))
        : Optional.empty();
  }

  private record Version(ResourceKey key, long number) {}

  /** What was found of an expected event. */
  private static final class Found {
    private int published;
    private boolean replayed;
    private boolean waiting;
    private boolean parked;
  }

  private static final class Unmatched {
    private final @Nullable String subject;
    private int published;

    private Unmatched(@Nullable String subject) {
      this.subject = subject;
    }
  }

  /** All are counted, some are listed. */
  private static final class Difference {
    private final List<EventName> some = new ArrayList<>();
    private long count;

    private void add(EventName name) {
      count++;
      if (some.size() < LISTED) {
        some.add(name);
      }
    }

    private Listed listed() {
      return new Listed(count, some);
    }
  }

  /** @param id CloudEvents id */
  record EventName(String topic, String id) {
    static EventName of(EventIdentity event) {
      return new EventName(event.topic(), event.id());
    }
  }

  /** @param events some of them */
  record Listed(long count, List<EventName> events) {}

  /**
   * @param agrees whether nothing is missing, unexpected or doubled
   * @param from of the versions' {@code meta.lastUpdated}
   * @param expected events that follow from the stored versions
   * @param published those of them that the topics hold, also if only as replays
   * @param waiting those that are committed and not published yet
   * @param parked those that wait for an operator
   * @param erased events in the topics of records that were erased since; expected of nothing on file
   * @param missing those that are nowhere
   * @param unexpected events in the topics that follow from no stored version
   * @param doubled events that the topics hold more than once, replays not counted
   * @param notes what limits the comparison
   */
  record Result(
      boolean agrees,
      Instant from,
      Instant to,
      long expected,
      long published,
      long waiting,
      long parked,
      long erased,
      Listed missing,
      Listed unexpected,
      Listed doubled,
      List<String> notes) {}
}
