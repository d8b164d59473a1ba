package org.botoxfhir.store;

import com.zaxxer.hikari.HikariDataSource;
import org.botoxfhir.fhir.LimitSettings;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.stereotype.Component;

/**
 * Has the server end each statement of the pool that runs past {@code botox.limits.statement-timeout}: a lock that is never let go
 * would else keep a connection, and in the end all of them. The server counts, which costs no timer here. Migrations take the time that
 * they need ({@code db/migration/beforeEachMigrate.sql}).
 */
@Component
class StatementTimeout implements BeanPostProcessor {
  private final ObjectProvider<LimitSettings> limits;

  StatementTimeout(ObjectProvider<LimitSettings> limits) {
    this.limits = limits;
  }

  @Override
  public Object postProcessBeforeInitialization(Object bean, String name) {
    if (bean instanceof HikariDataSource pool) {
      String ours =
          "-c statement_timeout=" + limits.getObject().statementTimeout().toMillis();
      String others = pool.getDataSourceProperties().getProperty("options");
      // The operator's come after it, and so win.
      pool.addDataSourceProperty("options", others == null ? ours : ours + " " + others);
    }
    return bean;
  }
}
