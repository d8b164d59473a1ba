package org.botoxfhir.outbox;

import java.time.Instant;
import java.util.List;
import org.botoxfhir.fault.FaultException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/**
 * The events that the sink refuses for good, in the hands of an operator. One that goes back through the outbox is published as if it had
 * been committed then; if the sink still refuses it, it is parked again under a new id.
 */
@Service
public class ParkedEvents {
  private static final Logger log = LoggerFactory.getLogger(ParkedEvents.class);

  /** Most that one call sends back. */
  private static final int AT_ONCE = 500;

  private final ParkedTable table;
  private final OutboxLevel level;

  ParkedEvents(ParkedTable table, OutboxLevel level) {
    this.table = table;
    this.level = level;
  }

  /** How many there are. @param topic null for all topics */
  public long count(@Nullable String topic) {
    return table.count(topic);
  }

  /**
   * Some of them, by ascending id.
   *
   * @param topic null for all topics
   * @param after only those with a greater id
   */
  public List<Entry> list(@Nullable String topic, long after, int most) {
    return table.list(topic, after, most);
  }

  /**
   * Sends one back through the outbox. Of several callers one does.
   *
   * @return whether this call did; false when there is none of this id (any more)
   * @throws FaultException when the outbox is full
   */
  @Transactional
  public boolean unpark(long id) {
    level.reserve(1);
    boolean back = table.unpark(id);
    if (back) {
      log.info("parked event {} goes back to the outbox", id);
    }
    return back;
  }

  /**
   * Sends all back through the outbox, or some hundreds if there are more, in the order in which they were committed.
   *
   * @param topic null for all topics
   * @return how many
   * @throws FaultException when the outbox is full
   */
  @Transactional
  public int unparkAll(@Nullable String topic) {
    int most = (int) Math.min(AT_ONCE, table.count(topic));
    level.reserve(most);
    int back = table.unpark(topic, most);
    log.info("{} parked events go back to the outbox", back);
    return back;
  }

  /**
   * Gives one up: it is never published, whoever else has the copy among the dead letters.
   *
   * @return whether this call did; false when there is none of this id (any more)
   */
  public boolean drop(long id) {
    var dropped = table.drop(id);
    dropped.ifPresent(event ->
        log.warn("parked event {} ({}) is dropped: it will never be published", id, event));
    return dropped.isPresent();
  }

  /**
   * A parked event as an operator sees it: without key and data.
   *
   * @param id by which an operator names it
   * @param eventId CloudEvents id
   * @param reason why it was refused, in the sink's words
   * @param replay whether it was sent again on an operator's word
   * @param deadLettered whether its copy is in the dead letter topic
   */
  public record Entry(
      long id,
      String topic,
      String type,
      String eventId,
      String reason,
      Instant parkedAt,
      boolean replay,
      boolean deadLettered) {}
}
