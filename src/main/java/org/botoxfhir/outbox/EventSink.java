package org.botoxfhir.outbox;

import java.io.Serial;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Where the relay publishes to, each event once. */
public interface EventSink {

  /**
   * Becomes the one publisher of an outbox. When this returns, nothing that a former publisher still tries can arrive any more, and
   * what did arrive is known.
   *
   * @param outbox name of the outbox, the same for every replica of the service
   */
  Tenure takeOver(UUID outbox) throws EventSinkException, InterruptedException;

  /**
   * Puts a copy of a parked event where whoever answers for the topic looks for it. At least once; needs no tenure, so that its
   * failure holds up no other event.
   */
  void deadLetter(ParkedEvent event) throws EventSinkException, InterruptedException;

  /** The right to publish. Any exception but {@link RefusedEventsException} ends it: close it and take over again. */
  interface Tenure extends AutoCloseable {

    /** How far each shard was published when the tenure began; a shard that never was is not in it. */
    Map<Integer, Position> positions();

    /**
     * Publishes events in the given order, together with how far they reach: all of it or nothing. When this returns they are durable.
     *
     * @param events not empty, ascending by sequence within each shard
     * @throws RefusedEventsException when some of them can never be published; none was
     * @throws EventSinkException when it is not known whether they arrived; the next tenure's positions tell
     */
    void publish(List<OutboxEvent> events)
        throws EventSinkException, RefusedEventsException, InterruptedException;

    @Override
    void close();
  }

  /**
   * How far a shard was published.
   *
   * @param sequence of its last published event
   * @param eventId of the same; tells whether the database is still the one that the position was written for
   */
  record Position(long sequence, String eventId) {}

  /** The sink is away, or another publisher has taken over. */
  class EventSinkException extends Exception {
    @Serial
    private static final long serialVersionUID = 1L;

    public EventSinkException(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /** The sink will never take these events, however often they are offered: too large, or malformed in its eyes. */
  final class RefusedEventsException extends Exception {
    @Serial
    private static final long serialVersionUID = 1L;

    private final transient Map<OutboxEvent, String> reasons;

    /** @param reasons why, by event; free of patient data */
    public RefusedEventsException(Map<OutboxEvent, String> reasons) {
      super("%d events are refused".formatted(reasons.size()));
      this.reasons = Map.copyOf(reasons);
    }

    public Map<OutboxEvent, String> reasons() {
      return reasons;
    }
  }
}
