package org.botoxfhir.fault;

/** Carries a {@link Fault} out of a transaction, so that it rolls back. Its message is only the kind of fault: no patient data. */
public final class FaultException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Fault fault;

  public FaultException(Fault fault) {
    super(fault.getClass().getSimpleName(), null, false, false);
    this.fault = fault;
  }

  public Fault fault() {
    return fault;
  }
}
