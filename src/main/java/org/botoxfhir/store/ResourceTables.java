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
    return StoreTimers.time(timers.insert, () -> write(WriteStatement.INSERT, rows, references));
  }

  /**
   * Stores new versions in place of the current ones, which move to the history, in one statement. All or none.
   *
   * @param rows new versions, each naming the one that it replaces
   */
  public WriteOutcome replace(List<ResourceRow> rows, Collection<ReferencedKey> references) {
    return StoreTimers.time(timers.replace, () -> write(WriteStatement.REPLACE, rows, references));
  }

  /**
   * Stores other content of the current version, with its index rows, under the same number.
   *
   * @param row naming itself as what it replaces
   */
  public WriteOutcome amend(ResourceRow row) {
    return StoreTimers.time(
        timers.replace, () -> write(WriteStatement.AMEND, List.of(row), List.of()));
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
    write(WriteStatement.REINDEX, rows, List.of());
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
            "select type, id from resource where " + Keys.AMONG_THEM
                + " and not deleted and patient = ?",
            (row, n) -> new ResourceKey(row.getString(1), row.getString(2)),
            Keys.parameters(keys, patient));
  }

  /** The current versions of several keys, without those that never were. */
  public List<StoredVersion> current(Collection<ResourceKey> keys) {
    return StoreTimers.time(
        timers.read,
        () -> jdbc.query(
            "select " + VERSION_COLUMNS + " from resource where " + Keys.AMONG_THEM,
            (row, n) -> version(row),
            Keys.parameters(keys)));
  }

  /** The current version, be it a deletion; empty when there never was one. */
  public Optional<CurrentRow> current(ResourceKey key) {
    return Optional.ofNullable(currentRows(Set.of(key)).get(key));
  }

  /** The current versions of several keys, deletions too, without those that never were. */
  Map<ResourceKey, CurrentRow> currentRows(Set<ResourceKey> keys) {
    return StoreTimers.time(timers.read, () -> {
      if (keys.size() == 1) { // what it is mostly asked for, which is planned and run faster
        ResourceKey key = keys.iterator().next();
        return byKey(CURRENT + "id = ? and type = ?", key.id(), key.type());
      }
      return byKey(CURRENT + Keys.AMONG_THEM, Keys.parameters(keys));
    });
  }

  private Map<ResourceKey, CurrentRow> byKey(String sql, Object... parameters) {
    Map<ResourceKey, CurrentRow> found = new HashMap<>();
    jdbc.query(
        sql,
        row -> {
          CurrentRow current = currentRow(row);
          found.put(current.version().key(), current);
        },
        parameters);
    return found;
  }

  /** The current versions of several keys, without those that never were, each locked until the end of the transaction. */
  public Map<ResourceKey, CurrentRow> lockCurrent(Collection<ResourceKey> keys) {
    return keys.isEmpty()
        ? Map.of()
        : byKey(CURRENT + Keys.AMONG_THEM + " order by rid for update", Keys.parameters(keys));
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
      WriteStatement write, List<ResourceRow> rows, Collection<ReferencedKey> references) {
    Set<IndexKind> kinds = IndexKind.of(rows);
    String sql = write.text(kinds);
    WriteOutcome outcome = Objects.requireNonNull(jdbc.execute((Connection connection) -> {
      try (PreparedStatement statement = connection.prepareStatement(sql)) {
        var parameters = new ArrayParameters(statement);
        parameters.given(rows);
        parameters.references(references);
        parameters.index(rows, kinds);
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

    void index(List<ResourceRow> rows, Set<IndexKind> kinds) throws SQLException {
      for (IndexKind kind : kinds) {
        switch (kind) {
          case TOKEN -> tokens(owned(rows, IndexRows::tokens));
          case DATE -> dates(owned(rows, IndexRows::dates));
          case STRING -> strings(owned(rows, IndexRows::strings));
          case NUMBER -> numbers(owned(rows, IndexRows::numbers));
        }
      }
    }

    private void tokens(List<Owned<IndexRows.Token>> tokens) throws SQLException {
      longs(tokens, Owned::rid);
      smallints(tokens, t -> t.row().param());
      texts(tokens, t -> t.row().value());
      texts(tokens, t -> t.row().system());
      smallints(tokens, t -> t.row().occurrence());
    }

    private void dates(List<Owned<IndexRows.DateRange>> dates) throws SQLException {
      longs(dates, Owned::rid);
      smallints(dates, d -> d.row().param());
      timestamps(dates, d -> PostgresLimits.timestamp(d.row().low()));
      timestamps(dates, d -> PostgresLimits.timestamp(d.row().high()));
      smallints(dates, d -> d.row().occurrence());
    }

    private void strings(List<Owned<IndexRows.Text>> strings) throws SQLException {
      longs(strings, Owned::rid);
      smallints(strings, s -> s.row().param());
      texts(strings, s -> s.row().value());
      texts(strings, s -> s.row().exact());
      smallints(strings, s -> s.row().occurrence());
    }

    private void numbers(List<Owned<IndexRows.NumberRange>> numbers) throws SQLException {
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
