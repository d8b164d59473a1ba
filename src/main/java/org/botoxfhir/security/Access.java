package org.botoxfhir.security;

import org.jspecify.annotations.Nullable;

/**
 * Who is asking, and what the caller may do.
 *
 * @param actor stable name of the caller for audit: {@code fhirUser} of the token, else {@code sub}, else the client; never a patient's
 *     name
 * @param client id of the program that asks, as its issuer knows it; null where nobody is authenticated
 * @param grants what the caller may do
 * @param traceparent W3C trace context of the request, or null; events carry it on
 * @param acceptLanguage languages that the caller reads, as the header {@code Accept-Language} says, or null; unchecked
 */
public record Access(
    String actor,
    @Nullable String client,
    Grants grants,
    @Nullable String traceparent,
    @Nullable String acceptLanguage) {
  /** The service itself, e.g. when it writes the definitions that it ships. */
  public static final Access SERVICE = new Access("service", null, Grants.ALL, null, null);

  /** A caller that is not authenticated here: in development mode, or behind a gateway that authenticates. */
  public static Access anonymous(@Nullable String traceparent, @Nullable String acceptLanguage) {
    return new Access("anonymous", null, Grants.ALL, traceparent, acceptLanguage);
  }
}
