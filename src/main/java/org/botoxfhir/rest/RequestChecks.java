package org.botoxfhir.rest;

import ca.uhn.fhir.interceptor.api.Hook;
import ca.uhn.fhir.interceptor.api.Interceptor;
import ca.uhn.fhir.interceptor.api.Pointcut;
import ca.uhn.fhir.rest.api.server.RequestDetails;
import ca.uhn.fhir.rest.server.RestfulServer;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Collections;
import java.util.List;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.fhir.ServedTypes;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** What is asked of every HTTP request before anything is done; entries of bundles are no such requests, and are asked for their path only. */
@Component
@Interceptor
public final class RequestChecks {
  /** Of a URL, and of all headers. The container bounds both together, at more, and could not say which it was. */
  private static final int MOST_CHARACTERS = 16 * 1024;

  private final ServedTypes types;
  private final Callers callers;
  private volatile @Nullable Endpoints endpoints;

  RequestChecks(ServedTypes types, Callers callers) {
    this.types = types;
    this.callers = callers;
  }

  /** The methods that a path takes. HAPI binds operations at the end of its own start, so they are read at the first request. */
  List<String> methods(RestfulServer server, String path) {
    Endpoints known = endpoints;
    if (known == null) {
      known = new Endpoints(types, server);
      endpoints = known;
    }
    return known.methods(path);
  }

  /**
   * Asked of entries of bundles too.
   *
   * @throws FaultException with {@link Fault.MethodNotAllowed}, or what {@link Endpoints#methods} throws
   */
  void requireMethod(RestfulServer server, String path, String method) {
    List<String> methods = methods(server, path);
    if (!methods.contains(method)) {
      throw new FaultException(new Fault.MethodNotAllowed(method, methods));
    }
  }

  /** Refuses what cannot be answered, before it is looked for who would. */
  @Hook(Pointcut.SERVER_INCOMING_REQUEST_PRE_HANDLER_SELECTED)
  public void check(RequestDetails request, HttpServletRequest servlet) {
    MediaTypes.negotiate(request);
    String path = request.getRequestPath();
    callers.identify(path, servlet);
    Preferences.of(request).leaveTo(request);
    requireBounded(servlet);
    requireMethod((RestfulServer) request.getServer(), path, servlet.getMethod());
    MediaTypes.checkBody(request, servlet, path);
  }

  private static void requireBounded(HttpServletRequest request) {
    String query = request.getQueryString();
    if (request.getRequestURI().length() + (query == null ? 0 : query.length()) > MOST_CHARACTERS) {
      throw new FaultException(new Fault.UrlTooLong(MOST_CHARACTERS));
    }
    int characters = 0;
    for (String name : Collections.list(request.getHeaderNames())) {
      String value = request.getHeader(name);
      characters += name.length() + (value == null ? 0 : value.length());
    }
    if (characters > MOST_CHARACTERS) {
      throw new FaultException(new Fault.HeadersTooLarge(MOST_CHARACTERS));
    }
  }
}
