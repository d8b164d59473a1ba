package org.botoxfhir.security;

import org.jspecify.annotations.Nullable;

/**
 * Who is asking, and what they may do.
 *
 * @param actor stable name of the caller for audit; never a patient's name
 * @param traceparent W3C trace context of the request as it came, or null; events carry it on
 * @param acceptLanguage languages that the caller reads, as the header {@code Accept-Language} says, or null; unchecked
 * @param grants what the caller may do
 */
public record Access(
    String actor, @Nullable String traceparent, @Nullable String acceptLanguage, Grants grants) {
  /** The service itself, e.g. when it writes the definitions that it ships. */
  public static final Access SERVICE = new Access("service", null, null, Grants.ALL);

  /** A caller that was not authenticated, where this is allowed: it may do everything. */
  public static Access anonymous(@Nullable String traceparent, @Nullable String acceptLanguage) {
    return new Access("anonymous", traceparent, acceptLanguage, Grants.ALL);
  }
}
