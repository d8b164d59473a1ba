package org.botoxfhir.outbox;

import java.util.Optional;
import org.botoxfhir.outbox.EventSink.EventSinkException;

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
}
