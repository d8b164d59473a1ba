package org.botoxfhir.store;

import java.util.Objects;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Repository;

/**
 * The only reader and writer of table {@code definition_set}: which sets of definitions are on file, so that a start need not compare
 * thousands of them.
 */
@Repository
public class DefinitionSetTable {
  private final JdbcTemplate jdbc;

  DefinitionSetTable(JdbcTemplate jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * Says that a set is to be stored, unless it is on file.
   *
   * @param edition the same for sets with the same content
   * @return whether it is yet to be stored
   */
  public boolean announce(String name, String edition) {
    jdbc.update("""
        insert into definition_set as known (name, edition, complete) values (?, ?, false)
        on conflict (name) do update set edition = excluded.edition, complete = false
        where known.edition <> excluded.edition
        """, name, edition);
    return !complete(name, edition);
  }

  /** Whether a set is on file. */
  public boolean complete(String name, String edition) {
    return Boolean.TRUE.equals(jdbc.queryForObject(
        "select exists (select 1 from definition_set where name = ? and edition = ? and complete)",
        Boolean.class,
        name,
        edition));
  }

  /** Says that all of a set is on file. Another edition that was announced meanwhile stays so. */
  public void finish(String name, String edition) {
    jdbc.update(
        "update definition_set set complete = true where name = ? and edition = ?", name, edition);
  }

  /** Says that nobody is going to store the rest of a set. */
  public void withdraw(String name) {
    jdbc.update("delete from definition_set where name = ? and not complete", name);
  }

  /** Whether a set is announced and not yet on file. */
  public boolean incomplete() {
    return Objects.requireNonNull(jdbc.queryForObject(
        "select exists (select 1 from definition_set where not complete)", Boolean.class));
  }
}
