package org.botoxfhir.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import org.botoxfhir.fhir.ResourceKey;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Repository;

/** Reads versions together with those that they replaced, out of what {@link ResourceTables} writes. */
@Repository
public class SuccessionTables {
  private static final String COLUMNS = """
      v.rid, v.type, v.id, v.version, v.last_updated, v.deleted, v.content,
        b.version as before_version, b.last_updated as before_updated, b.deleted as before_deleted, b.content as before_content
      """;

  /** Each half is a range of an index in this order, cut at the size of a page; a version is in one half or the other. */
  private static final String WRITTEN = "select " + COLUMNS + """
      from (
        select * from (
          (select r.rid, r.type, r.id, r.version, r.last_updated, r.deleted, r.content
           from resource r
           where r.type = ? and (r.last_updated, r.rid) > (?, ?) and r.last_updated < ?
           order by r.last_updated, r.rid limit ?)
          union all
          (select h.rid, r.type, r.id, h.version, h.last_updated, h.deleted, h.content
           from resource_history h join resource r on r.rid = h.rid
           where h.type = ? and (h.last_updated, h.rid) > (?, ?) and h.last_updated < ?
           order by h.last_updated, h.rid limit ?)
        ) halves order by last_updated, rid limit ?
      ) v
      left join resource_history b on b.rid = v.rid and b.version = v.version - 1
      order by v.last_updated, v.rid
      """;

  private static final String NAMED = "select " + COLUMNS + """
      from unnest(?::text[], ?::text[], ?::bigint[]) as k (type, id, version)
      join resource r on r.id = k.id and r.type = k.type
      cross join lateral (
        select r.rid, r.type, r.id, r.version, r.last_updated, r.deleted, r.content where r.version = k.version
        union all
        select h.rid, r.type, r.id, h.version, h.last_updated, h.deleted, h.content
        from resource_history h where h.rid = r.rid and h.version = k.version
      ) v
      left join resource_history b on b.rid = v.rid and b.version = v.version - 1
      """;

  private final JdbcTemplate jdbc;

  SuccessionTables(JdbcTemplate jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * Versions of a type by when they were written, then by key.
   *
   * @param after only what was written after this, or at this moment under a greater key
   * @param afterRid that key
   * @param before only what was written before this
   */
  public List<Succession> written(
      String type, Instant after, long afterRid, Instant before, int limit) {
    OffsetDateTime first = after.atOffset(ZoneOffset.UTC);
    OffsetDateTime end = before.atOffset(ZoneOffset.UTC);
    return jdbc.query(
        WRITTEN,
        (row, number) -> succession(row),
        type,
        first,
        afterRid,
        end,
        limit,
        type,
        first,
        afterRid,
        end,
        limit,
        limit);
  }

  /**
   * Single versions, without those that do not exist.
   *
   * @param versions of the key at the same place
   */
  public List<Succession> versions(List<ResourceKey> keys, List<Long> versions) {
    return jdbc.query(
        NAMED,
        (row, number) -> succession(row),
        keys.stream().map(ResourceKey::type).toArray(String[]::new),
        keys.stream().map(ResourceKey::id).toArray(String[]::new),
        versions.toArray(Long[]::new));
  }

  private static Succession succession(ResultSet row) throws SQLException {
    var key = new ResourceKey(row.getString("type"), row.getString("id"));
    StoredVersion version = version(row, key, "version", "last_updated", "deleted", "content");
    row.getLong("before_version");
    @Nullable
    StoredVersion before = row.wasNull()
        ? null
        : version(row, key, "before_version", "before_updated", "before_deleted", "before_content");
    return new Succession(row.getLong("rid"), version, before);
  }

  private static StoredVersion version(
      ResultSet row,
      ResourceKey key,
      String version,
      String updated,
      String deleted,
      String content)
      throws SQLException {
    return new StoredVersion(
        key,
        row.getLong(version),
        row.getObject(updated, OffsetDateTime.class).toInstant(),
        row.getBoolean(deleted),
        null,
        row.getBytes(content));
  }
}
