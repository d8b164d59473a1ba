package org.botoxfhir.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import org.botoxfhir.fhir.ResourceKey;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Repository;

/**
 * Reads versions, newest first, out of what {@link ResourceTables} writes. A version keeps its place when it is superseded, so paging
 * behind a place neither repeats nor misses any.
 */
@Repository
public class HistoryTables {
  /** Whether the version made a resource where there was none, or none any more; {@code v} is the version. */
  static final String CREATES = """
      not exists (select from resource_history b where b.rid = v.rid and b.version = v.version - 1 and not b.deleted)
      """;

  /** Three parameters. A deletion counts within the period only: afterwards nothing is current. */
  private static final String CURRENT = """
      r.last_updated >= ?::timestamptz and r.last_updated <= ?::timestamptz and (r.last_updated >= ?::timestamptz or not r.deleted)
      """;

  /** Four parameters. The successor is looked up one by one: written as a join, all versions would be read for it. */
  private static final String PAST = """
      h.last_updated >= ?::timestamptz and h.last_updated <= ?::timestamptz
        and (h.last_updated >= ?::timestamptz or not h.deleted and ?::timestamptz < coalesce(
          (select n.last_updated from resource_history n where n.rid = h.rid and n.version = h.version + 1),
          (select n.last_updated from resource n where n.rid = h.rid)))
      """;

  static final String OF_RESOURCE = """
      select r.type, r.id, v.version, v.last_updated, v.deleted, v.content, r.patient, r.rid,
      """ + CREATES + """
      from resource r cross join lateral (
        (select r.rid, r.version, r.last_updated, r.deleted, r.content where r.version < ? and
      """ + CURRENT + """
        ) union all (select h.rid, h.version, h.last_updated, h.deleted, h.content
         from resource_history h where h.rid = r.rid and h.version < ? and
      """ + PAST + """
         order by h.version desc limit ?)
      ) v where r.id = ? and r.type = ? order by v.version desc limit ?
      """;

  /** One range of an index for each type and half, each cut at the size of a page. */
  static final String OF_TYPES = """
      select r.type, r.id, v.version, v.last_updated,
        case when v.past then h.deleted else r.deleted end, case when v.past then h.content else r.content end, r.patient, v.rid,
      """ + CREATES + """
      from (
        select p.* from unnest(?::text[]) t (type) cross join lateral (
          (select r.rid, r.version, r.last_updated, false as past
           from resource r where r.type = t.type and (r.last_updated, r.rid) < (?::timestamptz, ?) and
      """ + CURRENT + """
           order by r.last_updated desc, r.rid desc limit ?)
          union all
          (select h.rid, h.version, h.last_updated, true as past
           from resource_history h where h.type = t.type and (h.last_updated, h.rid) < (?::timestamptz, ?) and
      """ + PAST + """
           order by h.last_updated desc, h.rid desc limit ?)
        ) p order by p.last_updated desc, p.rid desc limit ?
      ) v join resource r on r.rid = v.rid
      left join resource_history h on v.past and h.rid = v.rid and h.version = v.version
      order by v.last_updated desc, v.rid desc
      """;

  private static final String COUNT_OF_RESOURCE =
      "select (select count(*) from resource r where r.id = ? and r.type = ? and " + CURRENT
          + ") + (select count(*) from resource r join resource_history h on h.rid = r.rid where r.id = ? and r.type = ? and "
          + PAST + ")";

  private static final String COUNT_OF_TYPES =
      "select (select count(*) from resource r where r.type = any(?::text[]) and " + CURRENT
          + ") + (select count(*) from resource_history h where h.type = any(?::text[]) and " + PAST
          + ")";

  private final JdbcTemplate jdbc;
  private final StoreTimers timers;

  HistoryTables(JdbcTemplate jdbc, StoreTimers timers) {
    this.jdbc = jdbc;
    this.timers = timers;
  }

  /**
   * @param creates whether there was no resource under the key, or none any more, before this version
   * @param rid internal key of the resource
   */
  public record Entry(StoredVersion version, boolean creates, long rid) {}

  /**
   * Which versions.
   *
   * @param since only those that were written then or later; null for any
   * @param from only those that were current at some moment from here; null for the beginning
   * @param to to here, included; null for the end of time
   */
  public record Period(
      @Nullable Instant since,
      @Nullable Instant from,
      @Nullable Instant to) {
    private String first() {
      return PostgresLimits.timestamp(since);
    }

    private String low() {
      return PostgresLimits.timestamp(from);
    }

    private String high() {
      return PostgresLimits.timestamp(to == null ? Instant.MAX : to);
    }
  }

  /** Where a page ends. */
  public record Place(Instant lastUpdated, long rid) {}

  /** Versions of one resource that are older than a number. */
  public List<Entry> of(ResourceKey key, Period period, long before, int limit, Duration timeout) {
    return find(
        timeout,
        OF_RESOURCE,
        before,
        period.first(),
        period.high(),
        period.low(),
        before,
        period.first(),
        period.high(),
        period.low(),
        period.low(),
        limit,
        key.id(),
        key.type(),
        limit);
  }

  /**
   * Versions of the resources of some types that stand behind a place.
   *
   * @param behind null for the newest
   */
  public List<Entry> of(
      Collection<String> types,
      Period period,
      @Nullable Place behind,
      int limit,
      Duration timeout) {
    String place = PostgresLimits.timestamp(behind == null ? Instant.MAX : behind.lastUpdated());
    long rid = behind == null ? Long.MAX_VALUE : behind.rid();
    return find(
        timeout,
        OF_TYPES,
        types.toArray(String[]::new),
        place,
        rid,
        period.first(),
        period.high(),
        period.low(),
        limit,
        place,
        rid,
        period.first(),
        period.high(),
        period.low(),
        period.low(),
        limit,
        limit);
  }

  /** How many versions of a resource there are in a period. */
  public long count(ResourceKey key, Period period, Duration timeout) {
    return count(
        timeout,
        COUNT_OF_RESOURCE,
        key.id(),
        key.type(),
        period.first(),
        period.high(),
        period.low(),
        key.id(),
        key.type(),
        period.first(),
        period.high(),
        period.low(),
        period.low());
  }

  /** How many versions of the resources of some types there are in a period. */
  public long count(Collection<String> types, Period period, Duration timeout) {
    String[] names = types.toArray(String[]::new);
    return count(
        timeout,
        COUNT_OF_TYPES,
        names,
        period.first(),
        period.high(),
        period.low(),
        names,
        period.first(),
        period.high(),
        period.low(),
        period.low());
  }

  private long count(Duration timeout, String sql, Object... parameters) {
    return StoreTimers.time(
            timers.count,
            () -> jdbc.query(
                SearchTables.prepared(
                    new SearchTables.Statement(sql, List.of(parameters)), timeout),
                (row, n) -> row.getLong(1)))
        .getFirst();
  }

  private List<Entry> find(Duration timeout, String sql, Object... parameters) {
    return StoreTimers.time(
        timers.history,
        () -> jdbc.query(
            SearchTables.prepared(new SearchTables.Statement(sql, List.of(parameters)), timeout),
            (row, n) -> entry(row)));
  }

  static Entry entry(ResultSet row) throws SQLException {
    return new Entry(ResourceTables.version(row), row.getBoolean(9), row.getLong(8));
  }
}
