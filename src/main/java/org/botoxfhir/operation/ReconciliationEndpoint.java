package org.botoxfhir.operation;

import org.botoxfhir.outbox.Replays.Period;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.WebEndpoint;
import org.springframework.stereotype.Component;

/** {@code /actuator/reconciliation}: what should have been published and what was. See docs/operations.md. */
@Component
@WebEndpoint(id = "reconciliation")
class ReconciliationEndpoint {
  private final Reconciliation reconciliation;

  ReconciliationEndpoint(Reconciliation reconciliation) {
    this.reconciliation = reconciliation;
  }

  /** @param from first {@code meta.lastUpdated} of the versions to compare @param to end of the period */
  @ReadOperation
  WebEndpointResponse<Object> compare(@Nullable String from, @Nullable String to) {
    return Answers.answer(() -> {
      Period period = Answers.period(from, to);
      if (period == null) {
        throw Answers.invalid("from and to are missing, such as from=2026-11-22T02:00:00Z");
      }
      return reconciliation.compare(period);
    });
  }
}
