package org.botoxfhir.testing;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Map;
import org.botoxfhir.leaks.Captured;
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

  /** Has those captured who the patients are that it holds in any version, so that they are sought where they must not be. */
  void captureNames() {
    try (var connection = DriverManager.getConnection(url, user, password);
        var statement = connection.createStatement()) {
      var table = statement.executeQuery("select to_regclass('resource')");
      if (!table.next() || table.getString(1) == null) {
        return; // nobody has asked for the schema
      }
      var patients = statement.executeQuery("""
          select content from resource where type = 'Patient' and not deleted
          union
          select content from resource_history where type = 'Patient' and not deleted
          """);
      while (patients.next()) {
        Captured.stored(patients.getString(1));
      }
    } catch (SQLException e) {
      throw new IllegalStateException("the patients of %s cannot be read".formatted(url), e);
    }
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
