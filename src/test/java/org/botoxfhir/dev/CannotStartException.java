package org.botoxfhir.dev;

/** Something outside the program is in the way. The message is one line that names it and the way out; no stack trace helps. */
final class CannotStartException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  CannotStartException(String message) {
    super(message, null, false, false);
  }
}
