package org.botoxfhir.store;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.botoxfhir.fhir.ResourceKey;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Repository;

/** Reads a record as a whole, by internal key: what belongs to it, and what that refers to. One statement for a page of either. */
@Repository
public class CompartmentTables {
  /** A reference in the stored JSON, which has no white space; in a text of the JSON the quotation marks would have backslashes. */
  static final String REFERENCE =
      "\"reference\":\"([A-Z][A-Za-z]+)/([A-Za-z0-9.-]{1,64})(?:\"|/_history/)";

  private final JdbcTemplate jdbc;
  private final StoreTimers timers;

  CompartmentTables(JdbcTemplate jdbc, StoreTimers timers) {
    this.jdbc = jdbc;
    this.timers = timers;
  }

  /**
   * What belongs to a record.
   *
   * @param owner whose record; a member itself only by reference, not by being the owner
   * @param params the reference parameters by which a resource belongs to it
   * @param since only members that were written then or later; null for any
   * @param starting members with a date under one of {@code ends} must have one that ends here or later; null for any
   * @param ending members with a date under one of {@code starts} must have one that begins here or earlier; null for any
   */
  public record Members(
      ResourceKey owner,
      Collection<Long> params,
      @Nullable Instant since,
      @Nullable Instant starting,
      Collection<Long> ends,
      @Nullable Instant ending,
      Collection<Long> starts) {}

  /**
   * @param rid internal key, by which members are ordered; it stays while others are written
   */
  public record Member(StoredVersion version, long rid) {}

  /**
   * Members with an internal key greater than one.
   *
   * @param limit at most so many
   * @throws org.springframework.dao.QueryTimeoutException when it ran longer than the timeout
   */
  public List<Member> members(Members members, long after, int limit, Duration timeout) {
    List<Object> parameters = new ArrayList<>();
    String sql = "select " + SearchTables.COLUMNS + ", r.rid from ("
        + rids(members, after, parameters)
        + " order by t.rid offset 0) k join resource r on r.rid = k.rid"
        + conditions(members, parameters)
        + " order by k.rid limit " + limit;
    return find(sql, parameters, timeout);
  }

  /**
   * What the owner and the members refer to and is neither a member nor part of another patient's record, with an internal key greater
   * than one.
   *
   * @param types of what is looked for
   * @param limit at most so many
   * @throws org.springframework.dao.QueryTimeoutException when it ran longer than the timeout
   */
  public List<Member> referredTo(
      Members members, Collection<String> types, long after, int limit, Duration timeout) {
    List<Object> parameters = new ArrayList<>();
    String all = rids(members, -1, parameters);
    String of = conditions(members, parameters);
    parameters.add(members.owner().id());
    parameters.add(members.owner().type());
    parameters.add(REFERENCE);
    parameters.add(after);
    parameters.add(types.toArray(String[]::new));
    parameters.add(members.owner().id());
    parameters.add(members.owner().id());
    parameters.add(members.owner().type());
    String sql = """
        with m as materialized (%s), named as materialized (
          select distinct n[1] as type, n[2] as id
          from (select r.content from m join resource r on r.rid = m.rid %s
            union all select r.content from resource r where r.id = ? and r.type = ?) o
          cross join lateral regexp_matches(o.content, ?, 'g') n
        )
        select %s, r.rid from named n join resource r on r.id = n.id and r.type = n.type
        where not r.deleted and r.rid > ? and r.type = any(?) and (r.patient is null or r.patient = ?)
          and r.rid not in (select m.rid from m) and not (r.id = ? and r.type = ?)
        order by r.rid limit %d
        """.formatted(all, of, SearchTables.COLUMNS, limit);
    return find(sql, parameters, timeout);
  }

  private static String rids(Members members, long after, List<Object> parameters) {
    parameters.add(members.owner().toString());
    parameters.add(members.params().toArray(Long[]::new));
    parameters.add(after);
    return "select distinct t.rid from token_index t where t.key = any(array("
        + "select hashtextextended(?, p) from unnest(?) p)) and t.rid > ?";
  }

  private static String conditions(Members members, List<Object> parameters) {
    StringBuilder sql = new StringBuilder(" where not (r.id = ? and r.type = ?)");
    parameters.add(members.owner().id());
    parameters.add(members.owner().type());
    if (members.since() != null) {
      sql.append(" and r.last_updated >= ?::timestamptz");
      parameters.add(PostgresLimits.timestamp(members.since()));
    }
    if (members.starting() != null) {
      date(sql, members.ends(), "d.high >=", members.starting(), parameters);
    }
    if (members.ending() != null) {
      date(sql, members.starts(), "d.low <=", members.ending(), parameters);
    }
    return sql.toString();
  }

  /** What has no date is not outside the time. */
  private static void date(
      StringBuilder sql,
      Collection<Long> params,
      String comparison,
      Instant moment,
      List<Object> parameters) {
    String dates = "select from date_index d where d.rid = r.rid and d.param + 0 = any(?)";
    sql.append(" and (not exists (%1$s) or exists (%1$s and %2$s ?::timestamptz))"
        .formatted(dates, comparison));
    parameters.add(params.toArray(Long[]::new));
    parameters.add(params.toArray(Long[]::new));
    parameters.add(PostgresLimits.timestamp(moment));
  }

  private List<Member> find(String sql, List<Object> parameters, Duration timeout) {
    return StoreTimers.time(
        timers.search,
        () -> jdbc.query(
            SearchTables.prepared(new SearchTables.Statement(sql, parameters), timeout),
            (row, n) -> new Member(ResourceTables.version(row), row.getLong(8))));
  }
}
