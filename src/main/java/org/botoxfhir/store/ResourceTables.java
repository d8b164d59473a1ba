package org.botoxfhir.store;

import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import org.botoxfhir.fhir.ResourceKey;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Repository;

/**
 * The only writer of {@code resource} and {@code resource_history}, and the only writer of the index tables: one
 * statement carries a version with all its index rows, so that a create is one round trip and one commit.
 */
@Repository
public class ResourceTables {
  /** What sequence {@code resource_rid} steps by: each of its values opens a block. */
  private static final int RID_BLOCK = 1000;

  private static final String VERSION_COLUMNS =
      "type, id, version, last_updated, deleted, content, patient";

  private static final String CURRENT = "select " + VERSION_COLUMNS
      + ", rid, derived, erased, exists (select from consent_denial d where d.patient = resource.patient) from resource where ";

  /** The index rows that the versions in {@code given} call for. */
  private static final String INDEX_ROWS = """
      , new_tokens as materialized (
        select hashtextextended(t.value, t.param) as key, g.timeline as at, t.rid, coalesce(hashtext(t.system), 0) as system,
          t.param, t.occurrence
        from unnest(?::bigint[], ?::smallint[], ?::text[], ?::text[], ?::smallint[])
          as t(rid, param, value, system, occurrence) join given g on g.rid = t.rid
      ), new_dates as materialized (
        select d.low, d.high, d.rid, d.param, d.occurrence
        from unnest(?::bigint[], ?::smallint[], ?::timestamptz[], ?::timestamptz[], ?::smallint[])
          as d(rid, param, low, high, occurrence)
      ), new_strings as materialized (
        select s.rid, s.param, s.occurrence, s.value, hashtext(s.exact) as exact
        from unnest(?::bigint[], ?::smallint[], ?::text[], ?::text[], ?::smallint[])
          as s(rid, param, value, exact, occurrence)
      ), new_numbers as materialized (
        select n.rid, coalesce(hashtext(n.system), 0) as system, coalesce(hashtext(n.code), 0) as code, n.param, n.occurrence,
          n.low, n.high
        from unnest(?::bigint[], ?::smallint[], ?::text[], ?::text[], ?::numeric[], ?::numeric[], ?::smallint[])
          as n(rid, param, system, code, low, high, occurrence)
      )
      """;

  private static final Map<String, String> INDEX_COLUMNS = Map.of(
      "token", "rid, key, at, system, param, occurrence",
      "date", "rid, low, high, param, occurrence",
      "string", "rid, param, occurrence, value, exact",
      "number", "rid, system, code, param, occurrence, low, high");

  private static final List<String> INDEX_KINDS = List.of("token", "date", "string", "number");

  /** For new resources; {@code go} holds a row when the write may happen. */
  private static final String INDEX_INSERTS = INDEX_ROWS + forEachIndex("""
      , added_%1$ss as (
        insert into %1$s_index (%2$s) select %2$s from new_%1$ss where exists (select from go)
      )
      """);

  /**
   * For the resources that {@code locked} names: most rows of a version are those of the version before, and stay where they are.
   * {@code go} holds a row when the write may happen.
   */
  private static final String INDEX_CHANGES = INDEX_ROWS + forEachIndex("""
      , old_%1$ss as materialized (
        select ctid as place, %2$s from %1$s_index where rid in (select rid from locked)
      ), gone_%1$ss as (
        delete from %1$s_index where exists (select from go) and ctid = any(array(
          select o.place from old_%1$ss o where (%2$s) not in (select %2$s from new_%1$ss)
        )) returning rid
      ), added_%1$ss as (
        insert into %1$s_index (%2$s) select %2$s from new_%1$ss
        where exists (select from go) and (%2$s) not in (select %2$s from old_%1$ss) returning rid
      )
      """);

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

  private static final String INSERT = GIVEN + """
      , go as materialized (
        select 1 as yes where not exists (select from missing m where m.required)
      ), added as (
        insert into resource (rid, type, id, version, last_updated, timeline, deleted, derived, patient, content)
        select rid, type, id, version, last_updated, timeline, deleted, derived, patient, content from given
        where exists (select from go)
      )
      """ + INDEX_INSERTS + """
      select exists (select from go), false, array(select m.type || '/' || m.id from missing m)
      """;

  /**
   * What a write that replaces needs before it keeps what it replaces. A row that is no longer in the place where this statement
   * saw it was changed while it waited for the lock, be it under the same version: it cannot see the index rows of that change.
   */
  private static final String LOCKED = GIVEN + """
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
      """ + INDEX_CHANGES + """
      select exists (select from go), (select c.yes from conflict c), array(select m.type || '/' || m.id from missing m)
      """;

  private static final String REPLACE = LOCKED + KEPT + CHANGED;

  private static final String AMEND = LOCKED + CHANGED;

  /**
   * Index rows alone, and what of the resource's row comes of the same extraction. That row is written wherever index rows change, so
   * that a writer who waits for it knows.
   */
  private static final String REINDEX = GIVEN + """
      , locked as (
        select rid from given
      ), go as (
        select 1 as yes
      )
      """ + INDEX_CHANGES + """
      , other_rows as (
        """ + INDEX_KINDS.stream()
          .map("select rid from gone_%1$ss union select rid from added_%1$ss"::formatted)
          .collect(Collectors.joining(" union "))
      + """
      ), columns as (
        update resource r set timeline = g.timeline, patient = g.patient
        from given g where r.rid = g.rid
          and ((r.timeline, r.patient) is distinct from (g.timeline, g.patient) or r.rid in (select rid from other_rows))
      )
      select true, false, array[]::text[]
      """;

  /** @param sql with the kind of the index table as first argument and its columns as second */
  private static String forEachIndex(String sql) {
    return INDEX_KINDS.stream()
        .map(kind -> sql.formatted(kind, INDEX_COLUMNS.get(kind)))
        .collect(Collectors.joining());
  }

  private final JdbcTemplate jdbc;
  private final DenialTable denials;
  private final StoreTimers timers;
  private long nextRid;
  private long lastRid = -1;

  ResourceTables(JdbcTemplate jdbc, DenialTable denials, StoreTimers timers) {
    this.jdbc = jdbc;
    this.denials = denials;
    this.timers = timers;
  }

  /** An internal key that no resource has; one trip to the database per thousand. */
  public synchronized long newRid() {
    if (nextRid > lastRid) {
      nextRid =
          Objects.requireNonNull(jdbc.queryForObject("select nextval('resource_rid')", Long.class));
      lastRid = nextRid + RID_BLOCK - 1;
    }
    return nextRid++;
  }

  /**
   * Stores new resources with their index rows, in one statement; alone it is also the transaction.
   *
   * @param rows new resources
   * @param references what they refer to and does not come with them
   * @throws org.springframework.dao.DuplicateKeyException when a key is taken; nothing is stored then
   */
  public WriteOutcome insert(List<ResourceRow> rows, Collection<ReferencedKey> references) {
    return StoreTimers.time(timers.insert, () -> write(INSERT, rows, references));
  }

  /**
   * Stores new versions in place of the current ones, which move to the history, in one statement. All or none.
   *
   * @param rows new versions, each naming the one that it replaces
   */
  public WriteOutcome replace(List<ResourceRow> rows, Collection<ReferencedKey> references) {
    return StoreTimers.time(timers.replace, () -> write(REPLACE, rows, references));
  }

  /**
   * Stores other content of the current version, with its index rows, under the same number.
   *
   * @param row naming itself as what it replaces
   */
  public WriteOutcome amend(ResourceRow row) {
    return StoreTimers.time(timers.replace, () -> write(AMEND, List.of(row), List.of()));
  }

  /**
   * Stores other content of a past version.
   *
   * @param rid internal key of the resource
   */
  public void amendPast(long rid, long version, String content) {
    jdbc.update(
        "update resource_history set content = ? where rid = ? and version = ?",
        content,
        rid,
        version);
  }

  /**
   * Current versions of these types by internal key, without deletions, each locked until the end of the transaction.
   *
   * @param from smallest internal key
   * @param to greatest internal key
   */
  public List<CurrentRow> lockFrom(long from, long to, Collection<String> types, int limit) {
    return jdbc.query(
        CURRENT
            + "rid between ? and ? and type = any(?) and not deleted order by rid limit ? for update",
        (row, n) -> currentRow(row),
        from,
        to,
        types.toArray(String[]::new),
        limit);
  }

  /**
   * Puts these index rows in place of those that resources have; their versions stay as they are. Needs a transaction that has
   * locked them.
   */
  public void reindex(Map<CurrentRow, IndexRows> indexes) {
    List<ResourceRow> rows = new ArrayList<>();
    indexes.forEach((current, index) -> rows.add(new ResourceRow(
        current.rid(),
        current.version().key(),
        current.version().version(),
        current.version().version(),
        current.version().lastUpdated(),
        false,
        current.derived(),
        "",
        index)));
    write(REINDEX, rows, List.of());
  }

  /** Keeps every other writer waiting until this transaction ends, so that a check over all records holds until then. */
  public void lockOutWriters() {
    jdbc.execute("lock table resource in share row exclusive mode");
  }

  /** How many current resources, other than the patient itself, belong to each patient's record; without those that have none. */
  public Map<String, Long> countRecords(Collection<String> patients) {
    Map<String, Long> counts = new HashMap<>();
    jdbc.query(
        """
        select patient, count(*) from resource
        where patient = any(?) and not deleted and not (type = 'Patient' and id = patient) group by patient
        """,
        row -> {
          counts.put(row.getString(1), row.getLong(2));
        },
        (Object) patients.toArray(String[]::new));
    return counts;
  }

  /** Those of several keys that are on file as part of a patient's record. */
  public List<ResourceKey> ofPatient(String patient, Collection<ResourceKey> keys) {
    return keys.isEmpty()
        ? List.of()
        : jdbc.query(
            "select type, id from resource where (id, type) in (select * from unnest(?::text[], ?::text[]))"
                + " and not deleted and patient = ?",
            (row, n) -> new ResourceKey(row.getString(1), row.getString(2)),
            keys.stream().map(ResourceKey::id).toArray(String[]::new),
            keys.stream().map(ResourceKey::type).toArray(String[]::new),
            patient);
  }

  /** The current versions of several keys, without those that never were. */
  public List<StoredVersion> current(Collection<ResourceKey> keys) {
    return StoreTimers.time(
        timers.read,
        () -> jdbc.query(
            "select " + VERSION_COLUMNS
                + " from resource where (id, type) in (select * from unnest(?::text[], ?::text[]))",
            (row, n) -> version(row),
            keys.stream().map(ResourceKey::id).toArray(String[]::new),
            keys.stream().map(ResourceKey::type).toArray(String[]::new)));
  }

  /** The current version, be it a deletion; empty when there never was one. */
  public Optional<CurrentRow> current(ResourceKey key) {
    return StoreTimers.time(
        timers.read,
        () -> jdbc
            .query(
                CURRENT + "id = ? and type = ?", (row, n) -> currentRow(row), key.id(), key.type())
            .stream()
            .findFirst());
  }

  /** The current versions of several keys, without those that never were, each locked until the end of the transaction. */
  public Map<ResourceKey, CurrentRow> lockCurrent(Collection<ResourceKey> keys) {
    Map<ResourceKey, CurrentRow> found = new HashMap<>();
    if (!keys.isEmpty()) {
      jdbc.query(
          CURRENT
              + "(id, type) in (select * from unnest(?::text[], ?::text[])) order by rid for update",
          row -> {
            CurrentRow current = currentRow(row);
            found.put(current.version().key(), current);
          },
          keys.stream().map(ResourceKey::id).toArray(String[]::new),
          keys.stream().map(ResourceKey::type).toArray(String[]::new));
    }
    return found;
  }

  /** One version, current or past. */
  public Optional<StoredVersion> version(ResourceKey key, long version) {
    return StoreTimers.time(
        timers.read,
        () -> jdbc
            .query(
                """
        select type, id, version, last_updated, deleted, content, patient from resource where id = ? and type = ? and version = ?
        union all
        select r.type, r.id, h.version, h.last_updated, h.deleted, h.content, r.patient
        from resource r join resource_history h on h.rid = r.rid where r.id = ? and r.type = ? and h.version = ?
        """,
                (row, n) -> version(row),
                key.id(),
                key.type(),
                version,
                key.id(),
                key.type(),
                version)
            .stream()
            .findFirst());
  }

  private static CurrentRow currentRow(ResultSet row) throws SQLException {
    return new CurrentRow(
        row.getLong(8), version(row), row.getBoolean(9), row.getBoolean(10), row.getBoolean(11));
  }

  /** Reads the columns {@code type, id, version, last_updated, deleted, content, patient}, in this order from the first. */
  static StoredVersion version(ResultSet row) throws SQLException {
    return new StoredVersion(
        new ResourceKey(row.getString(1), row.getString(2)),
        row.getLong(3),
        row.getObject(4, OffsetDateTime.class).toInstant(),
        row.getBoolean(5),
        row.getString(7),
        row.getBytes(6)); // of a text column the UTF-8 bytes as they came over the wire
  }

  private WriteOutcome write(
      String sql, List<ResourceRow> rows, Collection<ReferencedKey> references) {
    WriteOutcome outcome = Objects.requireNonNull(jdbc.execute((Connection connection) -> {
      try (PreparedStatement statement = connection.prepareStatement(sql)) {
        var parameters = new ArrayParameters(statement);
        parameters.given(rows);
        parameters.references(references);
        parameters.index(rows);
        try (ResultSet row = statement.executeQuery()) {
          row.next();
          Set<ResourceKey> missing = new HashSet<>();
          for (String reference : (String[]) row.getArray(3).getArray()) {
            missing.add(ResourceKey.ofReference(reference).orElseThrow());
          }
          return new WriteOutcome(row.getBoolean(1), row.getBoolean(2), missing);
        }
      }
    }));
    if (outcome.written()
        && rows.stream().anyMatch(row -> row.key().type().equals(DenialTable.CONSENT))) {
      denials.replace(rows);
    }
    return outcome;
  }

  /** Sets the arrays of a write, in the order in which the statement names them. */
  private static final class ArrayParameters {
    private final PreparedStatement statement;
    private int position = 1;

    ArrayParameters(PreparedStatement statement) {
      this.statement = statement;
    }

    void given(List<ResourceRow> rows) throws SQLException {
      longs(rows, ResourceRow::rid);
      texts(rows, r -> r.key().type());
      texts(rows, r -> r.key().id());
      longs(rows, ResourceRow::replaces);
      longs(rows, ResourceRow::version);
      timestamps(rows, r -> PostgresLimits.timestamp(r.lastUpdated()));
      booleans(rows, ResourceRow::deleted);
      booleans(rows, ResourceRow::derived);
      texts(rows, r -> r.index().patient());
      timestamps(rows, r -> PostgresLimits.timestamp(r.index().timeline()));
      texts(rows, ResourceRow::content);
    }

    void references(Collection<ReferencedKey> references) throws SQLException {
      List<ReferencedKey> all = List.copyOf(references);
      texts(all, r -> r.key().type());
      texts(all, r -> r.key().id());
      booleans(all, ReferencedKey::required);
    }

    void index(List<ResourceRow> rows) throws SQLException {
      List<Owned<IndexRows.Token>> tokens = owned(rows, IndexRows::tokens);
      longs(tokens, Owned::rid);
      smallints(tokens, t -> t.row().param());
      texts(tokens, t -> t.row().value());
      texts(tokens, t -> t.row().system());
      smallints(tokens, t -> t.row().occurrence());

      List<Owned<IndexRows.DateRange>> dates = owned(rows, IndexRows::dates);
      longs(dates, Owned::rid);
      smallints(dates, d -> d.row().param());
      timestamps(dates, d -> PostgresLimits.timestamp(d.row().low()));
      timestamps(dates, d -> PostgresLimits.timestamp(d.row().high()));
      smallints(dates, d -> d.row().occurrence());

      List<Owned<IndexRows.Text>> strings = owned(rows, IndexRows::strings);
      longs(strings, Owned::rid);
      smallints(strings, s -> s.row().param());
      texts(strings, s -> s.row().value());
      texts(strings, s -> s.row().exact());
      smallints(strings, s -> s.row().occurrence());

      List<Owned<IndexRows.NumberRange>> numbers = owned(rows, IndexRows::numbers);
      longs(numbers, Owned::rid);
      smallints(numbers, n -> n.row().param());
      texts(numbers, n -> n.row().system());
      texts(numbers, n -> n.row().code());
      decimals(numbers, n -> n.row().low());
      decimals(numbers, n -> n.row().high());
      smallints(numbers, n -> n.row().occurrence());
    }

    private static <T> List<Owned<T>> owned(
        List<ResourceRow> rows, Function<IndexRows, List<T>> kind) {
      List<Owned<T>> all = new ArrayList<>();
      for (ResourceRow row : rows) {
        for (T index : kind.apply(row.index())) {
          all.add(new Owned<>(row.rid(), index));
        }
      }
      return all;
    }

    private <T> void longs(List<T> rows, ToLongFunction<T> value) throws SQLException {
      array(rows.stream().mapToLong(value).toArray());
    }

    private <T> void smallints(List<T> rows, Function<T, Short> value) throws SQLException {
      short[] elements = new short[rows.size()];
      for (int i = 0; i < elements.length; i++) {
        elements[i] = value.apply(rows.get(i));
      }
      array(elements);
    }

    private <T> void booleans(List<T> rows, Predicate<T> value) throws SQLException {
      boolean[] elements = new boolean[rows.size()];
      for (int i = 0; i < elements.length; i++) {
        elements[i] = value.test(rows.get(i));
      }
      array(elements);
    }

    private <T> void texts(List<T> rows, Function<T, @Nullable String> value) throws SQLException {
      array(rows.stream()
          .map(value)
          .map(text -> text == null ? null : PostgresLimits.text(text))
          .toArray(String[]::new));
    }

    private <T> void timestamps(List<T> rows, Function<T, String> value) throws SQLException {
      array(rows.stream().map(value).toArray(String[]::new));
    }

    private <T> void decimals(List<T> rows, Function<T, BigDecimal> value) throws SQLException {
      array(rows.stream().map(value).toArray(BigDecimal[]::new));
    }

    /** As an object: the driver then writes it in binary form at once, where {@code createArrayOf} would look its type up by name first. */
    private void array(Object elements) throws SQLException {
      statement.setObject(position++, elements);
    }

    private record Owned<T>(long rid, T row) {}
  }
}
