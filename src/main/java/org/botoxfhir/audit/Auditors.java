package org.botoxfhir.audit;

import org.botoxfhir.security.Access;

/** Who may read the audit log. The one place to ask: it is no part of what scopes for all types ({@code *}) are meant to open. */
final class Auditors {
  private Auditors() {}

  /** Everybody, as long as nobody is authenticated and the service listens to this machine, or to a gateway, only. */
  static boolean isOne(Access access) {
    return access.actor().equals(Access.anonymous(null, null).actor());
  }
}
