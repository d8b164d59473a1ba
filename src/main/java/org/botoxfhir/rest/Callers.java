package org.botoxfhir.rest;

import ca.uhn.fhir.rest.api.server.RequestDetails;
import ca.uhn.fhir.rest.server.servlet.ServletRequestDetails;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Set;
import org.botoxfhir.audit.AuditTrail;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.security.Access;
import org.botoxfhir.security.Authentication;
import org.botoxfhir.security.PurposeOfUse;
import org.springframework.stereotype.Component;

/** Finds out once who sends a request, and tells whatever answers it, or an entry of its bundle. */
@Component
final class Callers {
  private static final String ACCESS = Callers.class.getName();

  private final Authentication authentication;
  private final Counter overrides;

  Callers(Authentication authentication, MeterRegistry metrics) {
    this.authentication = authentication;
    this.overrides = Counter.builder("botox.consent.overrides")
        .description("Requests that broke the glass, so that what Consents deny was open to them")
        .register(metrics);
  }

  /**
   * Asks a request who sends it, unless it is one that anybody may send: for the CapabilityStatement, or for the methods of a path.
   *
   * @param path below the base
   * @throws FaultException when it does not prove it, or states a purpose that is none or not the caller's
   */
  void identify(String path, HttpServletRequest request) {
    if (!path.equals("metadata") && !request.getMethod().equals("OPTIONS")) {
      Access access = authentication.access(request);
      AuditTrail trail = Trails.of(request);
      trail.by(access);
      Set<PurposeOfUse> purposes = PurposeOfUse.read(request.getHeader(PurposeOfUse.HEADER));
      trail.stating(purposes); // also where they are refused
      Access stating = authentication.stating(access, purposes);
      trail.by(stating);
      if (stating.breaksTheGlass()) {
        overrides.increment();
      }
      request.setAttribute(ACCESS, stating);
    }
  }

  /** Who sends the request. One that was not asked never gets to a record. */
  static Access of(RequestDetails request) {
    if (request instanceof ServletRequestDetails details
        && details.getServletRequest().getAttribute(ACCESS) instanceof Access access) {
      return access;
    }
    throw new IllegalStateException("a request was not asked who sends it");
  }
}
