package org.botoxfhir.security;

/**
 * Who is asking. This release authenticates nobody: it is reachable from loopback only, or behind a gateway that the operator
 * names (see {@code NetworkExposureCheck}).
 *
 * @param actor stable name of the caller for audit; never a patient's name
 */
public record Access(String actor) {
  /** A caller that was not authenticated. */
  public static final Access ANONYMOUS = new Access("anonymous");

  /** The service itself, e.g. when it writes the definitions that it ships. */
  public static final Access SERVICE = new Access("service");
}
