package org.botoxfhir.search;

import java.util.Set;
import org.springframework.stereotype.Component;

/** The numbers in index rows by which it is found out who refers to a resource. */
@Component
public final class ReferenceParameters {
  private final SearchParameters parameters;
  private final IndexCompleteness completeness;

  ReferenceParameters(SearchParameters parameters, IndexCompleteness completeness) {
    this.parameters = parameters;
    this.completeness = completeness;
  }

  /**
   * Asks for every row of every resource, the column that says whose record it is included.
   *
   * @throws org.botoxfhir.fault.FaultException with {@link org.botoxfhir.fault.Fault.IndexIncomplete} while some are being made
   */
  public void requireComplete() {
    completeness.requireAll();
  }

  /** Those of all types. */
  public Set<Long> all() {
    return parameters.referenceNumbers(null, null);
  }

  /** Those of one parameter; empty when the type is not served. */
  public Set<Long> of(String type, String code) {
    return parameters.referenceNumbers(type, code);
  }
}
