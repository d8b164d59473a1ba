package org.botoxfhir.outbox;

import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import org.botoxfhir.outbox.ParkedEvents.Entry;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** Reads and empties {@code outbox_parked}, which {@link RelaySession} fills. */
@Repository
class ParkedTable {
  private static final String BACK = """
      with new_event as (
        delete from outbox_parked where id in (%s)
        returning shard, topic, type, event_id, subject, time, key, data, traceparent, replay, sequence as position
      )
      """;

  private static final String BACK_ONE =
      BACK.formatted("cast(:id as bigint)") + OutboxTable.INSERT_NEW_EVENTS;

  /** Locked in one order, so that two operators wait for each other rather than deadlock. */
  private static final String BACK_SOME = BACK.formatted("""
          select id from outbox_parked
          where topic = coalesce(cast(:topic as text), topic) order by shard, sequence, id limit :most for update""") + OutboxTable.INSERT_NEW_EVENTS;

  private final JdbcClient jdbc;

  ParkedTable(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** @param topic null for all topics */
  long count(@Nullable String topic) {
    return jdbc.sql(
            "select count(*) from outbox_parked where topic = coalesce(cast(:topic as text), topic)")
        .param("topic", topic)
        .query(Long.class)
        .single();
  }

  /** Entries after an id, ascending. @param topic null for all topics */
  List<Entry> list(@Nullable String topic, long after, int most) {
    return jdbc.sql("""
            select id, topic, type, event_id, reason, parked_at, replay, dead_lettered_at is not null as dead_lettered
            from outbox_parked where id > :after and topic = coalesce(cast(:topic as text), topic) order by id limit :most
            """)
        .param("after", after)
        .param("topic", topic)
        .param("most", most)
        .query((row, number) -> new Entry(
            row.getLong("id"),
            row.getString("topic"),
            row.getString("type"),
            row.getString("event_id"),
            row.getString("reason"),
            row.getObject("parked_at", OffsetDateTime.class).toInstant(),
            row.getBoolean("replay"),
            row.getBoolean("dead_lettered")))
        .list();
  }

  /** Moves one back to the outbox. @return whether it was there */
  @Transactional(propagation = Propagation.MANDATORY)
  boolean unpark(long id) {
    return jdbc.sql(BACK_ONE).param("id", id).update() == 1;
  }

  /** Moves some back to the outbox, in the order in which they were committed. @param topic null for all topics */
  @Transactional(propagation = Propagation.MANDATORY)
  int unpark(@Nullable String topic, int most) {
    return jdbc.sql(BACK_SOME).param("topic", topic).param("most", most).update();
  }

  /** Removes one for good. @return its CloudEvents id; empty when it was not there */
  Optional<String> drop(long id) {
    return jdbc.sql("delete from outbox_parked where id = :id returning event_id")
        .param("id", id)
        .query(String.class)
        .optional();
  }
}
