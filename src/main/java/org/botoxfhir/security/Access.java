package org.botoxfhir.security;

import org.jspecify.annotations.Nullable;

/**
 * Who is asking. This release authenticates nobody: it is reachable from loopback only, or behind a gateway that the operator
 * names (see {@code NetworkExposureCheck}).
 *
 * @param actor stable name of the caller for audit; never a patient's name
 * @param traceparent W3C trace context of the request as it came, or null; events carry it on
 */
public record Access(String actor, @Nullable String traceparent) {
  /** The service itself, e.g. when it writes the definitions that it ships. */
  public static final Access SERVICE = new Access("service", null);

  /** A caller that was not authenticated. */
  public static Access anonymous(@Nullable String traceparent) {
    return new Access("anonymous", traceparent);
  }
}
