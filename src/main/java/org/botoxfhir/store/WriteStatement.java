package org.botoxfhir.store;

import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * The statements that carry versions with their index rows. Each names only the kinds of rows that it brings: a part that does nothing
 * costs the database a tenth of a create.
 *
 * <p>All begin with {@code given}, the versions; {@code go} holds a row when the write may happen. They answer whether it did, whether a
 * version to be replaced was not current any more, and the referenced resources that are not on file.
 */
enum WriteStatement {
  /** New resources. */
  INSERT,
  /** New versions in place of the current ones, which move to the history. */
  REPLACE,
  /** Other content of the current versions. */
  AMEND,
  /**
   * Index rows alone, and what of the resource's row comes of the same extraction. That row is written wherever index rows change, so
   * that a writer who waits for it knows.
   */
  REINDEX;

  private static final String GIVEN = """
      with given as (
        select * from unnest(?::bigint[], ?::text[], ?::text[], ?::bigint[], ?::bigint[], ?::timestamptz[], ?::boolean[],
          ?::boolean[], ?::text[], ?::timestamptz[], ?::text[])
          as g(rid, type, id, replaces, version, last_updated, deleted, derived, patient, timeline, content)
      ), missing as materialized (
        select p.type, p.id, p.required from unnest(?::text[], ?::text[], ?::boolean[]) as p(type, id, required)
        where not exists (select from resource r where r.id = p.id and r.type = p.type and not r.deleted)
      )
      """;

  private static final String ADDED = """
      , go as materialized (
        select 1 as yes where not exists (select from missing m where m.required)
      ), added as (
        insert into resource (rid, type, id, version, last_updated, timeline, deleted, derived, patient, content)
        select rid, type, id, version, last_updated, timeline, deleted, derived, patient, content from given
        where exists (select from go)
      )
      """;

  /**
   * What a write that replaces needs before it keeps what it replaces. A row that is no longer in the place where this statement
   * saw it was changed while it waited for the lock, be it under the same version: it cannot see the index rows of that change.
   */
  private static final String LOCKED = """
      , seen as materialized (
        select r.rid, r.ctid as place from resource r join given g on g.rid = r.rid
      ), locked as materialized (
        select r.rid, r.ctid as place, r.type, r.patient, r.version, r.last_updated, r.deleted, r.content
        from resource r join given g on g.rid = r.rid and g.replaces = r.version order by r.rid for update of r
      ), conflict as materialized (
        select (select count(*) from locked l join seen s on s.rid = l.rid and s.place = l.place)
          <> (select count(*) from given) as yes
      ), go as materialized (
        select 1 as yes from conflict c where not c.yes and not exists (select from missing m where m.required)
      )
      """;

  private static final String KEPT = """
      , kept as (
        insert into resource_history (rid, type, patient, version, last_updated, deleted, content)
        select rid, type, patient, version, last_updated, deleted, content from locked where exists (select from go)
      )
      """;

  private static final String CHANGED = """
      , changed as (
        update resource r set version = g.version, last_updated = g.last_updated, timeline = g.timeline, deleted = g.deleted,
          derived = g.derived, patient = g.patient, content = g.content
        from given g where r.rid = g.rid and exists (select from go)
      )
      """;

  private static final String GIVEN_ALONE = """
      , locked as (
        select rid from given
      ), go as (
        select 1 as yes
      )
      """;

  private static final String COLUMNS = """
      , columns as (
        update resource r set timeline = g.timeline, patient = g.patient
        from given g where r.rid = g.rid and (r.rid in (%s)
          or (r.timeline, r.patient) is distinct from (g.timeline, g.patient))
      )
      """;

  private static final String INSERTED = """
      select exists (select from go), false, array(select m.type || '/' || m.id from missing m)
      """;

  private static final String REPLACED = """
      select exists (select from go), (select c.yes from conflict c), array(select m.type || '/' || m.id from missing m)
      """;

  private static final String REINDEXED = "select true, false, array[]::text[]";

  private final Map<Set<IndexKind>, String> texts = new ConcurrentHashMap<>();

  /** @param kinds of which there are rows; their arrays follow those of the versions and references, in the order of the kinds */
  String text(Set<IndexKind> kinds) {
    return texts.computeIfAbsent(kinds, this::compose);
  }

  private String compose(Set<IndexKind> kinds) {
    return GIVEN
        + switch (this) {
          case INSERT -> ADDED + inserts(kinds) + INSERTED;
          case REPLACE -> LOCKED + KEPT + CHANGED + changes(kinds) + REPLACED;
          case AMEND -> LOCKED + CHANGED + changes(kinds) + REPLACED;
          case REINDEX ->
            GIVEN_ALONE + changes(kinds) + COLUMNS.formatted(changed(kinds)) + REINDEXED;
        };
  }

  private static String inserts(Set<IndexKind> kinds) {
    return kinds.stream()
        .map(kind -> """
            , added_%1$s as (
              insert into %1$s (%2$s) select %2$s from (%3$s) new_row where exists (select from go)
            )
            """.formatted(kind.table(), kind.columns(), kind.rows()))
        .collect(Collectors.joining());
  }

  /** Most rows of a version are those of the version before, and stay where they are. */
  private static String changes(Set<IndexKind> kinds) {
    return Arrays.stream(IndexKind.values())
        .map(kind ->
            (kinds.contains(kind) ? """
            , new_%1$s as materialized (
              %3$s
            ), old_%1$s as materialized (
              select ctid as place, %2$s from %1$s where rid in (select rid from locked)
            ), gone_%1$s as (
              delete from %1$s where exists (select from go) and ctid = any(array(
                select o.place from old_%1$s o where (%2$s) not in (select %2$s from new_%1$s)
              )) returning rid
            ), added_%1$s as (
              insert into %1$s (%2$s) select %2$s from new_%1$s
              where exists (select from go) and (%2$s) not in (select %2$s from old_%1$s) returning rid
            )
            """ : """
            , gone_%1$s as (
              delete from %1$s where exists (select from go) and rid in (select rid from locked) returning rid
            )
            """).formatted(kind.table(), kind.columns(), kind.rows()))
        .collect(Collectors.joining());
  }

  /** A query for the resources of which rows came or went. */
  private static String changed(Set<IndexKind> kinds) {
    return Arrays.stream(IndexKind.values())
        .map(kind -> (kinds.contains(kind)
                ? "select rid from gone_%1$s union all select rid from added_%1$s"
                : "select rid from gone_%1$s")
            .formatted(kind.table()))
        .collect(Collectors.joining(" union all "));
  }
}
