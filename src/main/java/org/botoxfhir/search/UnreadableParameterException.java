package org.botoxfhir.search;

import java.io.Serial;

/** A search parameter that is not understood; the message says what is wrong with it, and the way out. */
final class UnreadableParameterException extends RuntimeException {
  @Serial
  private static final long serialVersionUID = 1L;

  UnreadableParameterException(String message) {
    super(message, null, false, false);
  }
}
