package org.botoxfhir.search;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.botoxfhir.store.PostgresLimits;

/** The condition that no Consent denies a candidate to a caller: of its current version the same as {@link Requester#isDenied}. */
final class DenialSql {
  /** Whether a code of a list stands in the resource, in any element that it can be searched by. */
  private static final String HOLDS = """
      (%1$s.%2$s = '{}' or exists (select from token_index k cross join unnest(%1$s.%2$s) c where k.rid = %3$s.rid
        and k.key = hashtextextended(regexp_replace(c, '^.*\\|', ''), k.param)
        and (starts_with(c, '|') or k.system = hashtext(regexp_replace(c, '\\|[^|]*$', '')))))
      """;

  private final StringBuilder sql;
  private final List<Object> parameters;
  private final Requester requester;

  private DenialSql(StringBuilder sql, List<Object> parameters, Requester requester) {
    this.sql = sql;
    this.parameters = parameters;
    this.requester = requester;
  }

  /**
   * @param rid of the candidate
   * @param alias that nothing else has
   */
  static void append(
      StringBuilder sql, List<Object> parameters, String rid, String alias, Requester requester) {
    String denial = alias + "d";
    String exception = alias + "e";
    var condition = new DenialSql(sql, parameters, requester);
    sql.append(
        "not exists (select from resource %1$s join consent_denial %2$s on %2$s.patient = %1$s.patient where %1$s.rid = %3$s"
            .formatted(alias, denial, rid));
    sql.append(" and ").append(denial).append(".within = 0");
    condition.applies(denial, alias, false);
    sql.append(
        " and not exists (select from consent_denial %1$s where %1$s.consent = %2$s.consent and %1$s.within = %2$s.number"
            .formatted(exception, denial));
    condition.applies(exception, alias, true);
    sql.append(") offset 0)");
  }

  private void applies(String row, String resource, boolean exception) {
    sql.append(" and ?::timestamptz between %1$s.starts and %1$s.ends".formatted(row));
    parameters.add(PostgresLimits.timestamp(requester.at()));
    sql.append(" and (%1$s.actors = '{}' or %1$s.actors && ?::text[])".formatted(row));
    parameters.add(array(requester.names()));
    purposes(row, exception);
    sql.append(" and (%1$s.types = '{}' or %2$s.type = any(%1$s.types))".formatted(row, resource));
    if (!exception) {
      sql.append(" and ").append(HOLDS.formatted(row, "codes", resource));
      sql.append(" and ").append(HOLDS.formatted(row, "labels", resource));
      sql.append("""
           and (%1$s.instances = '{}' or %2$s.type || '/' || %2$s.id = any(%1$s.instances)
            or %1$s.related and exists (select from token_index k cross join unnest(%1$s.instances) c
              where k.rid = %2$s.rid and k.key = hashtextextended(c, k.param)))
          """.formatted(row, resource));
    }
  }

  private void purposes(String row, boolean exception) {
    if (!exception) {
      if (requester.statesPurpose()) {
        sql.append(" and (%1$s.purposes = '{}' or %1$s.purposes && ?::text[])".formatted(row));
        parameters.add(array(requester.purposes()));
      }
      return;
    }
    if (!requester.statesPurpose()) {
      sql.append(" and %1$s.purposes = '{}'".formatted(row));
    }
    for (Set<String> one : requester.eachPurpose()) {
      sql.append(" and (%1$s.purposes = '{}' or %1$s.purposes && ?::text[])".formatted(row));
      parameters.add(array(one));
    }
  }

  private static String[] array(Collection<String> texts) {
    return texts.toArray(String[]::new);
  }
}
