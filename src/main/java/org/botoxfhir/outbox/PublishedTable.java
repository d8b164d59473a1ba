package org.botoxfhir.outbox;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.botoxfhir.outbox.Replays.Period;
import org.botoxfhir.outbox.Replays.Which;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/**
 * Reads {@code outbox_published}, which {@link RelaySession} writes, in order of {@code position}: the order of publication, which is
 * commit order per key.
 */
@Repository
class PublishedTable {
  private static final Instant BEFORE_ALL = Instant.EPOCH;
  private static final Instant AFTER_ALL = Instant.parse("9999-01-01T00:00:00Z");

  private final JdbcClient jdbc;

  PublishedTable(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** The positions between which the events of a period lie, other events perhaps among them. Without a period: all positions. */
  Span span(@Nullable Period period) {
    if (period == null) {
      return new Span(0, Long.MAX_VALUE);
    }
    // Materialized, or the planner walks the positions until one lies in the period.
    return jdbc.sql("""
            with committed as materialized (
              select position from outbox_published where created_at >= :from and created_at < :to
            )
            select coalesce(min(position), 1) - 1 as after, coalesce(max(position), 0) as last from committed
            """)
        .params(times(period))
        .query((row, number) -> new Span(row.getLong("after"), row.getLong("last")))
        .single();
  }

  /** Topics of the chosen events. */
  List<String> topics(Which which, @Nullable Period period, long after, long last) {
    return jdbc.sql("""
            select distinct p.topic from %s p
            where p.position > :after and p.position <= :last and p.created_at >= :from and p.created_at < :to
            """.formatted(source(which)))
        .params(parameters(which, period, after, last))
        .query((row, number) -> row.getString("topic"))
        .list();
  }

  /** Position of the last of the next rows, without regard to the period; empty when there is none. */
  Optional<Long> endOfPage(Which which, long after, long last, int rows) {
    return jdbc.sql("""
            select max(position) from (
              select p.position from %s p where p.position > :after and p.position <= :last order by p.position limit :rows
            ) page
            """.formatted(source(which)))
        .params(parameters(which, null, after, last))
        .param("rows", rows)
        .query(Long.class)
        .optional();
  }

  /**
   * Puts copies of the chosen events into the outbox, in order, marked as sent again.
   *
   * @param topic where they go; null for the topic that each went to before
   * @return how many
   */
  @Transactional(propagation = Propagation.MANDATORY)
  int sendAgain(
      Which which, @Nullable Period period, long after, long last, @Nullable String topic) {
    // Few positions: the offset keeps the planner from going by the period, which may hold very
    // many.
    return jdbc.sql("""
            with new_event as (
              select p.shard, coalesce(cast(:topic as text), p.topic) as topic, p.type, p.event_id, p.subject, p.time, p.key,
                p.data, p.traceparent, true as replay, p.position
              from (select * from %s s where s.position > :after and s.position <= :last offset 0) p
              where p.created_at >= :from and p.created_at < :to
            )
            """.formatted(source(which)) + OutboxTable.INSERT_NEW_EVENTS)
        .params(parameters(which, period, after, last))
        .param("topic", topic)
        .update();
  }

  private static String source(Which which) {
    return switch (which) {
      case Which.Everything() -> "outbox_published";
      case Which.OfKey(var key) -> "(select * from outbox_published where key = :key)";
      // The offset keeps the planner from walking all positions for the few rows of a resource.
      case Which.OfResource(var resource) ->
        "(select * from outbox_published where event_id >= :first and event_id < :beyond offset 0)";
    };
  }

  private static Map<String, Object> parameters(
      Which which, @Nullable Period period, long after, long last) {
    Map<String, Object> parameters = new HashMap<>(times(period));
    parameters.put("after", after);
    parameters.put("last", last);
    switch (which) {
      case Which.Everything() -> {}
      case Which.OfKey(var key) -> parameters.put("key", key);
      case Which.OfResource(var resource) -> {
        parameters.put("first", resource + "/_history/");
        parameters.put("beyond", resource + "/_history0"); // the character after the slash
      }
    }
    return parameters;
  }

  private static Map<String, OffsetDateTime> times(@Nullable Period period) {
    Instant from = period == null ? BEFORE_ALL : period.from();
    Instant to = period == null ? AFTER_ALL : period.to();
    return Map.of("from", from.atOffset(ZoneOffset.UTC), "to", to.atOffset(ZoneOffset.UTC));
  }

  /**
   * @param after position before the first
   * @param last position of the last
   */
  record Span(long after, long last) {}
}
