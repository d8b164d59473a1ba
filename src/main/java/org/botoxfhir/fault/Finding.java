package org.botoxfhir.fault;

import org.botoxfhir.fhir.ResourceKey;
import org.jspecify.annotations.Nullable;

/**
 * One thing to tell the caller; becomes one {@code OperationOutcome.issue}.
 *
 * @param severity {@link Severity#ERROR} stops the request
 * @param code R4 IssueType code, e.g. {@code not-found}, {@code invalid}
 * @param text names the element, the value and the way out; goes to the caller, never to a log
 * @param expression FHIRPath of the element, or null when the finding is about the whole request
 * @param about the resource that the expression is within, where a request has several; or null
 */
public record Finding(
    Severity severity,
    String code,
    String text,
    @Nullable String expression,
    @Nullable ResourceKey about) {

  /** R4 IssueSeverity, without {@code fatal}. */
  public enum Severity {
    ERROR,
    WARNING,
    INFORMATION
  }

  public static Finding error(String code, String text, @Nullable String expression) {
    return new Finding(Severity.ERROR, code, text, expression, null);
  }

  public static Finding warning(String code, String text, @Nullable String expression) {
    return new Finding(Severity.WARNING, code, text, expression, null);
  }

  public static Finding information(String code, String text, @Nullable String expression) {
    return new Finding(Severity.INFORMATION, code, text, expression, null);
  }

  /** The same, said of what stands at a place of a larger request. @param path FHIRPath of the place */
  public Finding in(String path) {
    return new Finding(severity, code, path + ": " + text, path, about);
  }

  /** The same, said of one of the resources of the request. */
  public Finding within(ResourceKey resource) {
    return new Finding(severity, code, text, expression, resource);
  }
}
