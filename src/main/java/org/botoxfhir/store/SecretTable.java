package org.botoxfhir.store;

import java.security.SecureRandom;
import java.util.Objects;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Repository;

/** The only reader and writer of table {@code service_secret}: keys that replicas share. */
@Repository
public class SecretTable {
  private final JdbcTemplate jdbc;

  SecretTable(JdbcTemplate jdbc) {
    this.jdbc = jdbc;
  }

  /** The 32 random bytes under a name, drawn by whichever replica asks first. */
  public byte[] secret(String name) {
    byte[] candidate = new byte[32];
    new SecureRandom().nextBytes(candidate);
    jdbc.update(
        "insert into service_secret (name, value) values (?, ?) on conflict (name) do nothing",
        name,
        candidate);
    return Objects.requireNonNull(
        jdbc.queryForObject("select value from service_secret where name = ?", byte[].class, name));
  }
}
