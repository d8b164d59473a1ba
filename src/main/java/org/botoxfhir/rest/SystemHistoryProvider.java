package org.botoxfhir.rest;

import ca.uhn.fhir.rest.annotation.History;
import ca.uhn.fhir.rest.api.server.RequestDetails;
import org.hl7.fhir.r4.model.Bundle;
import org.springframework.stereotype.Component;

/** The history of all served types. */
@Component
final class SystemHistoryProvider {
  private final HistoryBundles histories;

  SystemHistoryProvider(HistoryBundles histories) {
    this.histories = histories;
  }

  /** R4 http.html#history, of the system; newest first. */
  @History
  public Bundle history(RequestDetails request) {
    return histories.of((String) null, request);
  }
}
