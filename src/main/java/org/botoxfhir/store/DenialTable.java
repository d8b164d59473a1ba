package org.botoxfhir.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Repository;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** The only writer of table {@code consent_denial}: what active Consents deny. */
@Repository
public class DenialTable {
  /** The type whose resources say what is hidden; to be written within a transaction, as it takes a statement more. */
  public static final String CONSENT = "Consent";

  private final JdbcTemplate jdbc;

  DenialTable(JdbcTemplate jdbc) {
    this.jdbc = jdbc;
  }

  /** Whether any Consent denies anything to anybody. */
  public boolean any() {
    return Boolean.TRUE.equals(
        jdbc.queryForObject("select exists (select from consent_denial)", Boolean.class));
  }

  /** Denials and their exceptions, by the Consents of these patients; patients without any are left out. */
  public Map<String, List<List<Denial>>> of(Collection<String> patients) {
    Map<String, Map<Long, List<Denial>>> found = new HashMap<>();
    if (!patients.isEmpty()) {
      jdbc.query(
          """
          select patient, consent, number, within, starts, ends, actors, purposes, types, codes, labels, instances, related
          from consent_denial where patient = any(?) order by consent, number
          """,
          row -> {
            found
                .computeIfAbsent(row.getString(1), patient -> new HashMap<>())
                .computeIfAbsent(row.getLong(2), consent -> new ArrayList<>())
                .add(denial(row));
          },
          (Object) patients.toArray(String[]::new));
    }
    Map<String, List<List<Denial>>> denials = new HashMap<>();
    found.forEach((patient, byConsent) -> denials.put(patient, List.copyOf(byConsent.values())));
    return denials;
  }

  private static Denial denial(ResultSet row) throws SQLException {
    return new Denial(
        row.getInt(3),
        row.getInt(4),
        row.getString(1),
        row.getObject(5, OffsetDateTime.class).toInstant(),
        row.getObject(6, OffsetDateTime.class).toInstant(),
        texts(row, 7),
        texts(row, 8),
        texts(row, 9),
        texts(row, 10),
        texts(row, 11),
        texts(row, 12),
        row.getBoolean(13));
  }

  private static List<String> texts(ResultSet row, int column) throws SQLException {
    return List.of((String[]) row.getArray(column).getArray());
  }

  /**
   * Puts what Consents deny now in place of what they denied. Joins the caller's transaction: without the Consent it would be nobody's
   * wish.
   *
   * @param written Consents, perhaps among others
   */
  @Transactional(propagation = Propagation.MANDATORY)
  public void replace(Collection<ResourceRow> written) {
    forget(written.stream().map(ResourceRow::rid).toList());
    List<Object[]> rows = new ArrayList<>();
    for (ResourceRow consent : written) {
      for (Denial one : consent.index().denials()) {
        rows.add(new Object[] {
          consent.rid(),
          one.number(),
          one.within(),
          PostgresLimits.text(one.patient()),
          PostgresLimits.timestamp(one.starts()),
          PostgresLimits.timestamp(one.ends()),
          array(one.actors()),
          array(one.purposes()),
          array(one.types()),
          array(one.codes()),
          array(one.labels()),
          array(one.instances()),
          one.related()
        });
      }
    }
    jdbc.batchUpdate("""
        insert into consent_denial
          (consent, number, within, patient, starts, ends, actors, purposes, types, codes, labels, instances, related)
        values (?, ?, ?, ?, ?::timestamptz, ?::timestamptz, ?, ?, ?, ?, ?, ?, ?)
        """, rows);
  }

  /**
   * Takes back what these resources denied.
   *
   * @param consents internal keys, perhaps of others among them
   */
  void forget(Collection<Long> consents) {
    jdbc.update("delete from consent_denial where consent = any(?::bigint[])", (Object)
        consents.toArray(Long[]::new));
  }

  /** Takes back what was denied by Consents that a replica deleted which does not know of denials. */
  @Transactional(propagation = Propagation.MANDATORY)
  public void forgetDeleted() {
    jdbc.update(
        "delete from consent_denial d using resource r where r.rid = d.consent and r.deleted");
  }

  private static String[] array(List<String> texts) {
    return texts.stream().map(PostgresLimits::text).toArray(String[]::new);
  }
}
