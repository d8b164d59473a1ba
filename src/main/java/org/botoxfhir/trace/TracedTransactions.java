package org.botoxfhir.trace;

import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionCallback;
import org.springframework.transaction.support.TransactionTemplate;

/** Takes the place of Spring Boot's template: a database transaction, from begin to commit, is a step of the request. */
@Component
final class TracedTransactions extends TransactionTemplate {
  private static final long serialVersionUID = 1L;

  private final transient Traces traces;

  TracedTransactions(PlatformTransactionManager manager, Traces traces) {
    super(manager);
    this.traces = traces;
  }

  @Override
  public <T extends @Nullable Object> T execute(TransactionCallback<T> work) {
    return traces.step("transaction", () -> super.execute(work));
  }
}
