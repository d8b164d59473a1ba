package org.botoxfhir.outbox;

import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.trace.Traces;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** Where a transaction leaves the events that shall be published once it commits. */
@Service
public class Outbox {
  private final OutboxTable table;
  private final OutboxLevel level;
  private final Traces traces;

  Outbox(OutboxTable table, OutboxLevel level, Traces traces) {
    this.table = table;
    this.level = level;
    this.traces = traces;
  }

  /**
   * Appends events in the caller's transaction (read committed), in one round trip. From here to its end other transactions that
   * append events with related keys wait: call it once per transaction, as its last statement. Events with the same key are
   * published in commit order, and in the order of the list.
   *
   * @throws FaultException with {@link Fault.OutboxFull} when too many events wait already
   * @throws org.springframework.transaction.IllegalTransactionStateException outside a transaction: an event without its change
   *     would be a lie
   */
  @Transactional(propagation = Propagation.MANDATORY)
  public void append(List<NewEvent> events) {
    if (events.isEmpty()) {
      return;
    }
    level.reserve(events.size());
    traces.query("append", () -> {
      table.append(traced(events));
      return null;
    });
  }

  /** What the relay sends later, perhaps after a restart, comes of this very step where it is recorded. */
  private List<NewEvent> traced(List<NewEvent> events) {
    String step = traces.traceparent();
    return step == null
        ? events
        : events.stream().map(event -> event.withTraceparent(step)).toList();
  }

  /** Tells of every event that is committed and not published, parked ones included, as of one moment; replays are none of them. */
  @Transactional(readOnly = true)
  public void unpublished(Consumer<Unpublished> each) {
    table.unpublished(each);
  }

  /**
   * Erases what is kept of a patient's events: for replay, or because the sink refuses them. Until the transaction ends no event is parked
   * or sent back: call it as its last step.
   *
   * @param key pseudonym of the patient
   * @param resources whose events they are, also under other keys
   * @throws FaultException with {@link Fault.EventsWaiting} when some are still to be published: whoever alerts has to learn of them
   */
  @Transactional(propagation = Propagation.MANDATORY)
  public Erased erase(String key, Collection<ResourceKey> resources) {
    String[] references = resources.stream().map(ResourceKey::toString).toArray(String[]::new);
    table.lockParked();
    long waiting = table.waiting(key, references);
    if (waiting > 0) {
      throw new FaultException(new Fault.EventsWaiting(waiting));
    }
    return new Erased(table.erasePublished(key, references), table.eraseParked(key, references));
  }

  /**
   * How many events were erased.
   *
   * @param published those that could have been sent again
   * @param parked those that the sink had refused
   */
  public record Erased(long published, long parked) {}

  /**
   * @param id CloudEvents id
   * @param parked whether it waits for an operator rather than for the relay
   */
  public record Unpublished(String topic, String id, boolean parked) {}
}
