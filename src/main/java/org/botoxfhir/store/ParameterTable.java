package org.botoxfhir.store;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Repository;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/**
 * The only reader and writer of {@code index_parameter} and {@code reindex}: what index rows stand for, what they are made by, and how
 * far it is with making them anew where that has changed.
 */
@Repository
public class ParameterTable {
  private final JdbcTemplate jdbc;

  ParameterTable(JdbcTemplate jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * How far the job is.
   *
   * @param nextRid every resource with a smaller internal key is done
   * @param lastRid resources with a greater one came with all their rows
   * @param done resources made anew
   * @param total resources to be made anew, when it began
   * @param finishedAt null while it is at work
   */
  public record Progress(
      long nextRid,
      long lastRid,
      long done,
      long total,
      Instant startedAt,
      @Nullable Instant finishedAt) {}

  private record Stored(short number, String definition, boolean complete) {}

  /**
   * Says what this replica makes rows by. Names that are new, or whose definition is another one than the rows were made by, count as
   * incomplete from now on; so does the type (the part of a name before {@code .} or {@code $}) of a name that is no more. One query
   * where nothing has changed. Replicas that start at the same time agree.
   *
   * @param definitions what makes the rows of each name; a type itself stands for the columns of its resources
   * @return the number of each name
   */
  @Transactional
  public Map<String, Short> declare(Map<String, String> definitions) {
    Map<String, Stored> stored = stored();
    Map<String, String> changed = new TreeMap<>();
    definitions.forEach((name, definition) -> {
      Stored before = stored.get(name);
      if (before == null || !before.definition().equals(definition)) {
        changed.put(name, definition);
      }
    });
    Set<String> gone = new TreeSet<>(stored.keySet());
    gone.removeIf(name -> definitions.containsKey(name) || !definitions.containsKey(type(name)));
    boolean incomplete = definitions.keySet().stream()
        .anyMatch(name -> !stored.containsKey(name) || !stored.get(name).complete());
    if (changed.isEmpty() && gone.isEmpty() && !incomplete) {
      return numbers(stored);
    }
    if (!changed.isEmpty()) {
      jdbc.update(
          """
          insert into index_parameter as p (name, definition)
          select * from unnest(?::text[], ?::text[]) as t (name, definition) order by 1
          on conflict (name) do update set definition = excluded.definition, complete = false
          where p.definition <> excluded.definition
          """, changed.keySet().toArray(String[]::new), changed.values().toArray(String[]::new));
    }
    if (!gone.isEmpty()) {
      jdbc.update("update index_parameter set complete = false where name = any(?)", (Object)
          gone.stream().map(ParameterTable::type).distinct().toArray(String[]::new));
      jdbc.update(
          "delete from index_parameter where name = any(?)", (Object) gone.toArray(String[]::new));
    }
    if (!changed.isEmpty() || !gone.isEmpty()) {
      jdbc.update("delete from reindex");
    }
    jdbc.update("""
        update index_parameter set complete = true
        where not complete and definition <> '' and not exists (select from resource)
        """);
    return numbers(stored());
  }

  /** The type that a name is about. */
  public static String type(String name) {
    return name.split("[.$]", 2)[0];
  }

  private Map<String, Stored> stored() {
    Map<String, Stored> stored = new HashMap<>();
    jdbc.query("select name, param, definition, complete from index_parameter", row -> {
      stored.put(
          row.getString(1), new Stored(row.getShort(2), row.getString(3), row.getBoolean(4)));
    });
    return stored;
  }

  private static Map<String, Short> numbers(Map<String, Stored> stored) {
    Map<String, Short> numbers = new HashMap<>();
    stored.forEach((name, parameter) -> numbers.put(name, parameter.number()));
    return numbers;
  }

  /** Those of the numbers whose rows not every resource has, or not by the definition of whoever asks. */
  public Set<Short> incomplete(Collection<Short> numbers) {
    return new HashSet<>(
        jdbc.queryForList("""
        select n from unnest(?::smallint[]) n
        where not exists (select from index_parameter p where p.param = n and p.complete)
        """, Short.class, (Object) numbers.toArray(Short[]::new)));
  }

  /** How far the job is, or how it ended; empty when there was nothing to do since the start or the last change. */
  public Optional<Progress> progress() {
    return progress("");
  }

  /** The same, kept from others until the transaction ends, which waits for other writers' locks a fraction of a second only. */
  @Transactional(propagation = Propagation.MANDATORY)
  public Optional<Progress> lockProgress() {
    // Shorter than PostgreSQL's deadlock_timeout: where the job and a client's write wait for each
    // other, the job gives way.
    jdbc.execute("set local lock_timeout = '200ms'");
    return progress(" for update");
  }

  private Optional<Progress> progress(String lock) {
    List<Progress> rows = jdbc.query(
        "select next_rid, last_rid, done, total, started_at, finished_at from reindex" + lock,
        (row, n) -> {
          OffsetDateTime finished = row.getObject(6, OffsetDateTime.class);
          return new Progress(
              row.getLong(1),
              row.getLong(2),
              row.getLong(3),
              row.getLong(4),
              row.getObject(5, OffsetDateTime.class).toInstant(),
              finished == null ? null : finished.toInstant());
        });
    return rows.stream().findFirst();
  }

  /** Begins with the first of all resources of these types. Waits for writes that have begun, whoever makes them. */
  @Transactional(propagation = Propagation.MANDATORY)
  public void begin(Collection<String> types) {
    jdbc.execute("set local lock_timeout = '200ms'");
    jdbc.execute("lock table resource in share row exclusive mode");
    jdbc.update("delete from reindex");
    jdbc.update("""
        insert into reindex (next_rid, last_rid, done, total)
        select 0, coalesce(max(rid), -1), 0, count(*) filter (where type = any(?) and not deleted) from resource
        """, (Object) types.toArray(String[]::new));
  }

  /** Notes that so many resources more are done, and all before {@code nextRid}. */
  @Transactional(propagation = Propagation.MANDATORY)
  public void advance(long nextRid, long more) {
    jdbc.update("update reindex set next_rid = ?, done = done + ?", nextRid, more);
  }

  /** Notes that every resource has the rows of these definitions; of those that are still the ones that searches go by. */
  @Transactional(propagation = Propagation.MANDATORY)
  public void finish(Map<String, String> definitions) {
    jdbc.update(
        """
        update index_parameter p set complete = true from unnest(?::text[], ?::text[]) as t (name, definition)
        where p.name = t.name and p.definition = t.definition and not p.complete
        """,
        definitions.keySet().toArray(String[]::new),
        definitions.values().toArray(String[]::new));
    jdbc.update("update reindex set finished_at = clock_timestamp()");
  }
}
