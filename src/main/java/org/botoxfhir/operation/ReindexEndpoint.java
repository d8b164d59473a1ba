package org.botoxfhir.operation;

import org.botoxfhir.search.Reindex;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.WebEndpoint;
import org.springframework.stereotype.Component;

/** {@code /actuator/reindex}: what cannot be searched by yet, and how far it is. See docs/operations.md. */
@Component
@WebEndpoint(id = "reindex")
class ReindexEndpoint {
  private final Reindex reindex;

  ReindexEndpoint(Reindex reindex) {
    this.reindex = reindex;
  }

  @ReadOperation
  WebEndpointResponse<Object> status() {
    return Answers.answer(reindex::status);
  }
}
