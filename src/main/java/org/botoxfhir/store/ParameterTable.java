package org.botoxfhir.store;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Repository;

/** The only reader and writer of table {@code index_parameter}. */
@Repository
public class ParameterTable {
  private final JdbcTemplate jdbc;

  ParameterTable(JdbcTemplate jdbc) {
    this.jdbc = jdbc;
  }

  /** Numbers of the named parameters; names that are new get one. Replicas that start at the same time agree. */
  public Map<String, Short> numbers(Collection<String> names) {
    jdbc.update("""
        insert into index_parameter (name)
        select n from unnest(?::text[]) n where not exists (select 1 from index_parameter p where p.name = n)
        order by n on conflict (name) do nothing
        """, (Object) names.toArray(String[]::new));
    Map<String, Short> numbers = new HashMap<>();
    jdbc.query("select name, param from index_parameter", row -> {
      numbers.put(row.getString(1), row.getShort(2));
    });
    return numbers;
  }
}
