package org.botoxfhir.outbox;

import java.sql.ResultSet;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.botoxfhir.outbox.Outbox.Unpublished;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** Writes {@code outbox_event} and {@code outbox_shard} for those who append; {@link RelaySession} reads and deletes. */
@Repository
class OutboxTable {
  /**
   * Puts the rows of a CTE {@code new_event} (shard, what an event consists of, replay, position: their order) at the end of their
   * shards, in one statement: lock the shards in ascending order, so that two transactions never wait for each other; draw the
   * numbers; insert. The locks last until the caller's transaction ends, which makes sequence order commit order: the relay can
   * never read a number while a smaller one is still uncommitted.
   */
  static final String INSERT_NEW_EVENTS = """
      , locked as (
        select s.shard from outbox_shard s
        where s.shard in (select shard from new_event)
        order by s.shard
        for update
      ), drawn as (
        update outbox_shard s
        set last_sequence = s.last_sequence + n.events
        from (select shard, count(*) as events from new_event group by shard) n
        join locked l on l.shard = n.shard
        where s.shard = n.shard
        returning s.shard, s.last_sequence - n.events as before
      )
      insert into outbox_event
        (shard, sequence, topic, type, event_id, subject, time, key, data, traceparent, replay)
      select e.shard, d.before + row_number() over (partition by e.shard order by e.position),
        e.topic, e.type, e.event_id, e.subject, e.time, e.key, e.data, e.traceparent, e.replay
      from new_event e
      join drawn d on d.shard = e.shard
      """;

  private static final String APPEND = """
      with new_event as (
        select *, false as replay from unnest(
            cast(? as int[]), cast(? as text[]), cast(? as text[]), cast(? as text[]), cast(? as text[]),
            cast(? as timestamptz[]), cast(? as text[]), cast(? as text[]), cast(? as text[]))
          with ordinality
          as e (shard, topic, type, event_id, subject, time, key, data, traceparent, position)
      )
      """ + INSERT_NEW_EVENTS;

  /**
   * Waiting events of a shard have consecutive numbers up to its last one, so their number needs no counting; a parked one leaves a gap
   * that counts until it is passed.
   */
  private static final String WAITING = """
      select
        coalesce(sum(s.last_sequence - first.sequence + 1), 0) as events,
        coalesce(extract(epoch from max(clock_timestamp() - first.created_at)), 0) as oldest_age,
        (select count(*) from outbox_parked) as parked
      from outbox_shard s
      cross join lateral (
        select e.sequence, e.created_at from outbox_event e where e.shard = s.shard order by e.sequence limit 1
      ) first
      """;

  /** A key, and references without versions. */
  private static final String TELLS =
      "key = ? or split_part(subject, '/_history/', 1) = any(cast(? as text[]))";

  private final JdbcClient jdbc;

  OutboxTable(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** Appends events in the given order; the shards stay locked until the caller's transaction ends. */
  @Transactional(propagation = Propagation.MANDATORY)
  void append(List<NewEvent> events) {
    int appended = jdbc.sql(APPEND)
        .param(1, events.stream().map(event -> Shards.of(event.key())).toArray(Integer[]::new))
        .param(2, column(events, NewEvent::topic))
        .param(3, column(events, NewEvent::type))
        .param(4, column(events, NewEvent::id))
        .param(5, column(events, NewEvent::subject))
        .param(6, column(events, event -> event.time().toString()))
        .param(7, column(events, NewEvent::key))
        .param(8, column(events, NewEvent::data))
        .param(9, events.stream().map(NewEvent::traceparent).toArray(String[]::new))
        .update();
    if (appended != events.size()) {
      throw new IllegalStateException(
          "%d of %d events appended: outbox_shard lacks rows".formatted(appended, events.size()));
    }
  }

  private static String[] column(List<NewEvent> events, Function<NewEvent, String> value) {
    return events.stream().map(value).toArray(String[]::new);
  }

  /** Sees what its transaction sees: on its own, all that is committed. */
  Waiting waiting() {
    return jdbc.sql(WAITING)
        .query((row, number) -> new Waiting(
            row.getLong("events"),
            Duration.ofNanos((long) (row.getDouble("oldest_age") * 1e9)),
            row.getLong("parked")))
        .single();
  }

  /** Bytes on the database's disk: what waits, what is parked and what was published, with indexes. */
  long size() {
    return jdbc.sql("""
            select coalesce(sum(pg_total_relation_size(name)), 0)
            from unnest(array['outbox_event', 'outbox_parked', 'outbox_published']::regclass[]) as name
            """).query(Long.class).single();
  }

  /** One statement, so that an event that is being parked or sent back is seen in one place; row by row, since it may be many. */
  @Transactional(propagation = Propagation.MANDATORY)
  void unpublished(Consumer<Unpublished> each) {
    jdbc.sql("""
            select topic, event_id, false as parked from outbox_event where not replay
            union all
            select topic, event_id, true from outbox_parked where not replay
            """)
        .withFetchSize(1_000)
        .query((ResultSet row) -> each.accept(new Unpublished(
            row.getString("topic"), row.getString("event_id"), row.getBoolean("parked"))));
  }

  /**
   * Keeps events from being parked and sent back until the transaction ends: one that is on its way would be overlooked.
   *
   * @throws CannotAcquireLockException when others hold it for longer than the transaction's {@code lock_timeout}
   */
  @Transactional(propagation = Propagation.MANDATORY)
  void lockParked() {
    jdbc.sql("lock table outbox_parked in share row exclusive mode").update();
  }

  /** How many events wait for publication under a key, or tell of one of some resources. */
  long waiting(String key, String[] references) {
    return jdbc.sql("select count(*) from outbox_event where " + TELLS)
        .param(1, key)
        .param(2, references)
        .query(Long.class)
        .single();
  }

  /** Removes parked events under a key, or that tell of one of some resources. @return how many */
  @Transactional(propagation = Propagation.MANDATORY)
  int eraseParked(String key, String[] references) {
    return jdbc.sql("delete from outbox_parked where " + TELLS)
        .param(1, key)
        .param(2, references)
        .update();
  }

  /** The same of published ones, which are many: each is found along an index. */
  @Transactional(propagation = Propagation.MANDATORY)
  int erasePublished(String key, String[] references) {
    return jdbc.sql("delete from outbox_published where key = ?").param(1, key).update()
        + jdbc.sql("""
            delete from outbox_published where event_id in (
              select p.event_id from unnest(cast(? as text[])) r cross join lateral (
                select event_id from outbox_published where event_id >= r || '/_history/' and event_id < r || '/_history0') p)
            """).param(1, references).update();
  }

  /**
   * What waits for publication.
   *
   * @param rows number of events
   * @param oldestAge time since the oldest of them was appended; zero when there is none
   * @param parked number of events beside these that the sink refuses for good
   */
  record Waiting(long rows, Duration oldestAge, long parked) {}
}
