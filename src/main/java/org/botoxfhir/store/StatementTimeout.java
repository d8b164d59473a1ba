package org.botoxfhir.store;

import com.zaxxer.hikari.HikariDataSource;
import java.time.Duration;
import java.util.Properties;
import org.botoxfhir.fhir.LimitSettings;
import org.postgresql.PGProperty;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.stereotype.Component;

/**
 * Has the server end each statement of the pool that runs past {@code botox.limits.statement-timeout}: a lock that is never let go
 * would else keep a connection, and in the end all of them. The server counts, which costs no timer here. A server that is gone without a
 * word, as when its machine lost power, ends nothing any more: a while later the connection is given up. Migrations take the time that
 * they need ({@code db/migration/beforeEachMigrate.sql}, {@link UnhurriedMigrations}).
 */
@Component
class StatementTimeout implements BeanPostProcessor {
  /** For the server's own refusal to arrive. */
  private static final Duration GRACE = Duration.ofSeconds(15);

  private final ObjectProvider<LimitSettings> limits;

  StatementTimeout(ObjectProvider<LimitSettings> limits) {
    this.limits = limits;
  }

  @Override
  public Object postProcessBeforeInitialization(Object bean, String name) {
    if (bean instanceof HikariDataSource pool) {
      Duration timeout = limits.getObject().statementTimeout();
      String ours = "-c statement_timeout=" + timeout.toMillis();
      Properties properties = pool.getDataSourceProperties();
      String others = properties.getProperty("options");
      // The operator's come after it, and so win.
      properties.setProperty("options", others == null ? ours : ours + " " + others);
      properties.putIfAbsent(
          PGProperty.SOCKET_TIMEOUT.getName(), Long.toString(timeout.plus(GRACE).toSeconds()));
    }
    return bean;
  }
}
