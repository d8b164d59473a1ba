package org.botoxfhir.outbox;

import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.botoxfhir.outbox.EventSink.EventSinkException;
import org.jspecify.annotations.Nullable;

/** The topics that events go to, as an operator sees them. */
public interface EventTopics {

  /**
   * Why events cannot go to this topic, in words for an operator; empty when they can. Asks anew each time, and makes a missing
   * topic when the service may.
   *
   * @param topic any text
   * @throws EventSinkException when nobody answers
   */
  Optional<String> unfit(String topic) throws EventSinkException, InterruptedException;

  /**
   * Reads what the topics hold, as a consumer of committed records sees it, from a time to their ends at the moment of the call. What
   * was acknowledged before the call is among it.
   *
   * @param from by the records' own time
   * @return topics whose oldest records are gone, perhaps some of {@code from} or later among them
   * @throws EventSinkException when nobody answers, or a topic is missing
   */
  Set<String> read(Instant from, Consumer<HeldEvent> each)
      throws EventSinkException, InterruptedException;

  /**
   * An event in a topic.
   *
   * @param id CloudEvents id, or the record's place if it has none that could be ours
   * @param subject CloudEvents subject
   * @param recorded the record's time
   * @param replay whether it was sent again on an operator's word
   */
  record HeldEvent(
      String topic, String id, @Nullable String subject, Instant recorded, boolean replay) {}
}
