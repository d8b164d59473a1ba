package org.botoxfhir.audit;

import java.util.List;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.fault.Finding;
import org.botoxfhir.security.Access;
import org.botoxfhir.security.Grants;
import org.botoxfhir.security.Permission;

/** Who may read the audit log. The one place to ask: it is no part of what scopes for all types ({@code *}) are meant to open. */
final class Auditors {
  private static final String TYPE = "AuditEvent";

  private Auditors() {}

  /**
   * Lets only those pass that have a scope that names the type and is not narrowed down, and everybody while nobody is authenticated.
   *
   * @throws FaultException with {@link Fault.Forbidden}
   */
  static void require(Access access, Permission permission) {
    Grants grants = access.grants();
    if (!grants.isAll()
        && grants.bounds(TYPE, permission).stream()
            .noneMatch(bound -> !bound.ownRecord() && bound.restrictions().isEmpty())) {
      throw new FaultException(new Fault.Forbidden(
          List.of(
              Finding.error("forbidden", grants.refusal(TYPE, permission, false, List.of()), null)),
          Grants.needed(TYPE, permission, false)));
    }
  }
}
