package org.botoxfhir.outbox;

import java.util.List;

/** Where the relay publishes to. */
public interface EventSink {

  /**
   * Publishes events in the given order and returns once all of them are durable there.
   *
   * @param events not empty, ascending by sequence within each shard
   * @throws EventSinkException when any of them may not have arrived; the relay will offer all of them again
   */
  void publish(List<OutboxEvent> events) throws EventSinkException, InterruptedException;

  /** The sink is away or refuses. */
  final class EventSinkException extends Exception {
    private static final long serialVersionUID = 1L;

    public EventSinkException(String message, Throwable cause) {
      super(message, cause);
    }
  }
}
