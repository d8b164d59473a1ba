package org.botoxfhir.rest;

import ca.uhn.fhir.rest.annotation.Transaction;
import ca.uhn.fhir.rest.annotation.TransactionParam;
import ca.uhn.fhir.rest.api.server.RequestDetails;
import org.botoxfhir.bundle.TransactionBundles;
import org.hl7.fhir.r4.model.Bundle;
import org.springframework.stereotype.Component;

/** Transaction bundles at the base. */
@Component
final class TransactionProvider {
  private final TransactionBundles bundles;

  TransactionProvider(TransactionBundles bundles) {
    this.bundles = bundles;
  }

  /** R4 http.html#transaction. */
  @Transaction
  public Bundle transaction(@TransactionParam Bundle request, RequestDetails details) {
    boolean representation = ReadOnlyProvider.prefers(details, "return=representation");
    return bundles.execute(ReadOnlyProvider.access(details), request, representation);
  }
}
