package org.botoxfhir.testing;

import com.zaxxer.hikari.HikariDataSource;
import java.util.Map;
import org.flywaydb.core.Flyway;

/**
 * An empty database of its own on the shared PostgreSQL.
 *
 * @param url JDBC URL
 * @param user superuser of the server
 * @param password of that user
 */
public record TestDatabase(String url, String user, String password) {

  /** The service's settings that name this database. */
  public Map<String, String> settings() {
    return Map.of(
        "spring.datasource.url",
        url,
        "spring.datasource.username",
        user,
        "spring.datasource.password",
        password);
  }

  /** Brings the schema up to date, as the service does at its start. */
  public TestDatabase migrated() {
    Flyway.configure().dataSource(url, user, password).load().migrate();
    return this;
  }

  /** A new pool of connections to it; the caller closes it. */
  public HikariDataSource connect() {
    var pool = new HikariDataSource();
    pool.setJdbcUrl(url);
    pool.setUsername(user);
    pool.setPassword(password);
    pool.setMaximumPoolSize(40);
    pool.setMinimumIdle(0);
    return pool;
  }
}
