package org.botoxfhir.store;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.botoxfhir.fhir.ResourceKey;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Repository;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/**
 * Finds all versions of a patient's record, and erases them: what {@link ResourceTables} has written of them, index rows included. The
 * only reader and writer of table {@code erasure}.
 */
@Repository
public class ErasureTables {
  /** Any number that nobody else locks in this database. */
  private static final long ERASING = 0x626f746f785f6572L;

  /** Of the last version that was no deletion a deleted resource is part of the record as it was before. */
  private static final String OWNED = """
      select r.rid from resource r where r.patient = ? and r.type <> all(?::text[])
      union
      select r.rid from resource_history h join resource r on r.rid = h.rid
      where h.patient = ? and r.deleted and r.type <> all(?::text[]) and not exists (
        select from resource_history n where n.rid = h.rid and n.version > h.version and not n.deleted)
      """;

  /** Those that refer to a text by some parameters. */
  private static final String REFERRING = """
      select distinct t.rid from token_index t where t.key = any(array(select hashtextextended(?, p) from unnest(?::bigint[]) p))
      """;

  /** Those that refer to some resources by one parameter. */
  private static final String REFERRING_TO_EACH = """
      select distinct t.rid from resource o join token_index t on t.key = hashtextextended(o.type || '/' || o.id, ?)
      where o.rid = any(?::bigint[])
      """;

  /** Whether each of the resources that {@code %s} selects is nobody else's: no other patient is in it, nor a part of another record. */
  private static final String MENTIONS = """
      select r.rid, r.type, r.id, (r.patient is null or r.patient = ?) and r.type <> all(?::text[]) and not exists (
        select from regexp_matches(r.content, ?, 'g') n left join resource x on x.id = n[2] and x.type = n[1]
        where n[1] = 'Patient' and n[2] <> ? or x.patient <> ?)
      from (%s) k join resource r on r.rid = k.rid where not r.deleted and r.rid <> all(?::bigint[]) order by r.type, r.id
      """;

  /** The versions of resources, and past ones that were part of the record while others were not. */
  private static final String VERSIONS = """
      select rid, version, content, false as past from resource where rid = any(?::bigint[])
      union all select rid, version, content, true from resource_history where rid = any(?::bigint[])
        or patient = ? and type <> all(?::text[])
      """;

  private static final String FINGERPRINT = """
      select count(*), encode(sha256(convert_to(coalesce(string_agg(
        v.rid || '/' || v.version || '/' || encode(sha256(convert_to(v.content, 'UTF8')), 'hex'), ' ' order by v.rid, v.version), ''),
        'UTF8')), 'hex')
      from (%s) v
      """.formatted(VERSIONS);

  private static final String PAGE = """
      select r.type, r.id, v.version, case when v.past then h.last_updated else r.last_updated end,
        case when v.past then h.deleted else r.deleted end, case when v.past then h.content else r.content end, ?::text, v.rid, %s
      from (
        select a.rid, a.version, a.past from (%s) a where (a.rid, a.version) < (?, ?) order by a.rid desc, a.version desc limit ?
      ) v join resource r on r.rid = v.rid
      left join resource_history h on v.past and h.rid = v.rid and h.version = v.version
      order by v.rid desc, v.version desc
      """.formatted(HistoryTables.CREATES, VERSIONS);

  private static final String TOMBSTONES = """
      update resource set deleted = true, erased = true, derived = true, patient = null, timeline = '-infinity', content = '',
        version = case when deleted then version else version + 1 end,
        last_updated = case when deleted then last_updated
          else greatest(date_trunc('milliseconds', clock_timestamp()), last_updated + interval '1 millisecond') end
      where rid = any(?::bigint[])
      """;

  private final JdbcTemplate jdbc;
  private final DenialTable denials;

  ErasureTables(JdbcTemplate jdbc, DenialTable denials) {
    this.jdbc = jdbc;
    this.denials = denials;
  }

  /**
   * A resource that is no part of a record as its own references say, and refers to it.
   *
   * @param nobodyElses whether no other patient is in it, nor a part of another's record
   */
  public record Mention(long rid, ResourceKey key, boolean nobodyElses) {}

  /**
   * What a record consists of, down to the letter.
   *
   * @param versions how many, deletions included
   * @param hash the same only while no version comes, goes or changes
   */
  public record Fingerprint(long versions, String hash) {}

  /**
   * Keeps all writers waiting until the transaction ends, so that nothing comes to the record or takes from it. Unlike {@link
   * ResourceTables#lockOutWriters} it lets nobody lock rows either, who would else wait for this transaction and it for them.
   *
   * @throws CannotAcquireLockException when others write for longer than two seconds: those who wait behind
   *     this lock shall not wait for them too
   */
  @Transactional(propagation = Propagation.MANDATORY)
  public void lockOutWriters() {
    // Longer than PostgreSQL's deadlock_timeout, after which its own vacuum gives way.
    jdbc.execute("set local lock_timeout = '2s'");
    jdbc.query("select pg_advisory_xact_lock(?)", row -> {}, ERASING);
    jdbc.execute("lock table resource in exclusive mode");
  }

  /**
   * Keeps records from being erased until the transaction ends: what it reads of one from here on, and what it makes of that, has to go
   * together. Waits for an erasure that is under way.
   */
  @Transactional(propagation = Propagation.MANDATORY)
  public void keepErasuresOut() {
    jdbc.query("select pg_advisory_xact_lock_shared(?)", row -> {}, ERASING);
  }

  /**
   * The internal keys of the resources that are part of a record, or were before they were deleted.
   *
   * @param patient id
   * @param several types that are nobody's alone
   */
  public Set<Long> owned(String patient, Collection<String> several) {
    String[] types = several.toArray(String[]::new);
    return new HashSet<>(jdbc.queryForList(OWNED, Long.class, patient, types, patient, types));
  }

  /**
   * Resources that refer to a patient and are none of some.
   *
   * @param patient id
   * @param params by which
   * @param others types that are left to whoever keeps them, whomever they name
   */
  public List<Mention> mentions(
      String patient, Collection<Long> params, Collection<Long> rids, Collection<String> others) {
    return mentions(
        REFERRING,
        patient,
        rids,
        others,
        new ResourceKey("Patient", patient).toString(),
        params.toArray(Long[]::new));
  }

  /**
   * Resources that refer to one of some resources by one parameter, and are none of some.
   *
   * @param patient id of the patient whose record it is
   * @param to internal keys of what they refer to
   */
  public List<Mention> referring(
      String patient, long param, Collection<Long> to, Collection<Long> rids) {
    return mentions(REFERRING_TO_EACH, patient, rids, List.of(), param, to.toArray(Long[]::new));
  }

  private List<Mention> mentions(
      String which,
      String patient,
      Collection<Long> rids,
      Collection<String> others,
      Object first,
      Object second) {
    return jdbc.query(
        MENTIONS.formatted(which),
        (row, n) -> new Mention(
            row.getLong(1), new ResourceKey(row.getString(2), row.getString(3)), row.getBoolean(4)),
        patient,
        others.toArray(String[]::new),
        CompartmentTables.REFERENCE,
        patient,
        patient,
        first,
        second,
        rids.toArray(Long[]::new));
  }

  /**
   * What these resources, and past versions of others that were part of the record, consist of now.
   *
   * @param several types that are nobody's alone
   */
  public Fingerprint fingerprint(
      String patient, Collection<Long> rids, Collection<String> several) {
    Long[] all = rids.toArray(Long[]::new);
    return jdbc.query(
            FINGERPRINT,
            (row, n) -> new Fingerprint(row.getLong(1), row.getString(2)),
            all,
            all,
            patient,
            several.toArray(String[]::new))
        .getFirst();
  }

  /**
   * The same versions, by descending internal key and number.
   *
   * @param rid only what comes behind this key and the number
   * @param limit at most so many
   */
  public List<HistoryTables.Entry> versions(
      String patient,
      Collection<Long> rids,
      Collection<String> several,
      long rid,
      long version,
      int limit) {
    Long[] all = rids.toArray(Long[]::new);
    return jdbc.query(
        PAGE,
        (row, n) -> HistoryTables.entry(row),
        patient,
        all,
        all,
        patient,
        several.toArray(String[]::new),
        rid,
        version,
        limit);
  }

  /** The keys of resources. */
  public List<ResourceKey> keys(Collection<Long> rids) {
    return jdbc.query(
        "select type, id from resource where rid = any(?::bigint[])",
        (row, n) -> new ResourceKey(row.getString(1), row.getString(2)),
        (Object) rids.toArray(Long[]::new));
  }

  /**
   * Erases these resources, but for the key and the number of a deletion, and past versions of others that were part of the record. Needs
   * {@link #lockOutWriters}.
   */
  @Transactional(propagation = Propagation.MANDATORY)
  public void erase(String patient, Collection<Long> rids, Collection<String> several) {
    Object all = rids.toArray(Long[]::new);
    for (IndexKind kind : IndexKind.values()) {
      jdbc.update("delete from " + kind.table() + " where rid = any(?::bigint[])", all);
    }
    jdbc.update("delete from resource_history where rid = any(?::bigint[])", all);
    denials.forget(rids);
    jdbc.update(
        "delete from resource_history where patient = ? and type <> all(?::text[])",
        patient,
        several.toArray(String[]::new));
    jdbc.update(TOMBSTONES, all);
  }

  /**
   * Notes who erased a record.
   *
   * @param rid of the Patient; null when there was none
   */
  @Transactional(propagation = Propagation.MANDATORY)
  public void note(
      @Nullable Long rid,
      String agent,
      @Nullable String client,
      long resources,
      long versions,
      long events) {
    jdbc.update(
        "insert into erasure (rid, agent, client, resources, versions, events) values (?, ?, ?, ?, ?, ?)",
        rid,
        agent,
        client,
        resources,
        versions,
        events);
  }

  /** When a patient's record was erased, the last time. */
  public Optional<Instant> erasedAt(long rid) {
    return Optional.ofNullable(jdbc.queryForObject(
            "select max(erased_at) from erasure where rid = ?", OffsetDateTime.class, rid))
        .map(OffsetDateTime::toInstant);
  }

  /** Those of some resources of which a record was erased. */
  public Set<ResourceKey> erased(Collection<ResourceKey> keys) {
    return new HashSet<>(jdbc.query(
        "select type, id from resource where erased and " + Keys.AMONG_THEM,
        (row, n) -> new ResourceKey(row.getString(1), row.getString(2)),
        Keys.parameters(keys)));
  }
}
