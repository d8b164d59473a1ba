package org.botoxfhir.store;

import java.sql.SQLException;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.callback.Callback;
import org.flywaydb.core.api.callback.Context;
import org.flywaydb.core.api.callback.Event;
import org.springframework.stereotype.Component;

/**
 * Lets a migration wait for its answer as long as it takes; {@link StatementTimeout} bounds that for requests. The pool sets its own bound
 * again when it gets the connection back.
 */
@Component
class UnhurriedMigrations implements Callback {

  @Override
  public boolean supports(Event event, Context context) {
    return event == Event.BEFORE_EACH_MIGRATE;
  }

  @Override
  public boolean canHandleInTransaction(Event event, Context context) {
    return true;
  }

  @Override
  public void handle(Event event, Context context) {
    try {
      context.getConnection().setNetworkTimeout(Runnable::run, 0);
    } catch (SQLException e) {
      throw new FlywayException("the connection of a migration has no time limit to lift", e);
    }
  }

  @Override
  public String getCallbackName() {
    return "unhurriedMigrations";
  }
}
