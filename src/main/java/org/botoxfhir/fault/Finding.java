package org.botoxfhir.fault;

import org.jspecify.annotations.Nullable;

/**
 * One thing to tell the caller; becomes one {@code OperationOutcome.issue}.
 *
 * @param severity {@link Severity#ERROR} stops the request
 * @param code R4 IssueType code, e.g. {@code not-found}, {@code invalid}
 * @param text names the element, the value and the way out; goes to the caller, never to a log
 * @param expression FHIRPath of the element, or null when the finding is about the whole request
 */
public record Finding(
    Severity severity, String code, String text, @Nullable String expression) {

  /** R4 IssueSeverity, without {@code fatal}. */
  public enum Severity {
    ERROR,
    WARNING,
    INFORMATION
  }

  public static Finding error(String code, String text, @Nullable String expression) {
    return new Finding(Severity.ERROR, code, text, expression);
  }

  public static Finding warning(String code, String text, @Nullable String expression) {
    return new Finding(Severity.WARNING, code, text, expression);
  }

  public static Finding information(String code, String text, @Nullable String expression) {
    return new Finding(Severity.INFORMATION, code, text, expression);
  }
}
