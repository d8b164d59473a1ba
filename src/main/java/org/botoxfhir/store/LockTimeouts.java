package org.botoxfhir.store;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.support.SQLExceptionSubclassTranslator;
import org.springframework.stereotype.Component;

/**
 * Tells a lock that did not come within {@code lock_timeout} from a database that is away: whoever set the time-out wants to give way and
 * try again. Spring knows PostgreSQL's state for it only from a table that it does not use by itself.
 */
@Component
class LockTimeouts extends SQLExceptionSubclassTranslator {
  private static final String LOCK_NOT_AVAILABLE = "55P03";

  @Override
  protected @Nullable DataAccessException doTranslate(
      String task, @Nullable String sql, SQLException failure) {
    return LOCK_NOT_AVAILABLE.equals(failure.getSQLState())
        ? new CannotAcquireLockException(buildMessage(task, sql, failure), failure)
        : super.doTranslate(task, sql, failure);
  }
}
