package org.botoxfhir.rest;

import ca.uhn.fhir.rest.api.server.RequestDetails;
import ca.uhn.fhir.rest.server.servlet.ServletRequestDetails;
import jakarta.servlet.http.HttpServletRequest;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.security.Access;
import org.botoxfhir.security.Authentication;
import org.springframework.stereotype.Component;

/** Finds out once who sends a request, and tells whatever answers it, or an entry of its bundle. */
@Component
final class Callers {
  private static final String ACCESS = Callers.class.getName();

  private final Authentication authentication;

  Callers(Authentication authentication) {
    this.authentication = authentication;
  }

  /**
   * Asks a request who sends it, unless it is one that anybody may send: for the CapabilityStatement, or for the methods of a path.
   *
   * @param path below the base
   * @throws FaultException when it does not prove it
   */
  void identify(String path, HttpServletRequest request) {
    if (!path.equals("metadata") && !request.getMethod().equals("OPTIONS")) {
      request.setAttribute(ACCESS, authentication.access(request));
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
