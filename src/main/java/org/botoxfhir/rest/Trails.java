package org.botoxfhir.rest;

import ca.uhn.fhir.interceptor.api.Hook;
import ca.uhn.fhir.interceptor.api.Interceptor;
import ca.uhn.fhir.interceptor.api.Pointcut;
import ca.uhn.fhir.rest.api.server.RequestDetails;
import ca.uhn.fhir.rest.server.servlet.ServletRequestDetails;
import jakarta.servlet.http.HttpServletRequest;
import java.nio.charset.StandardCharsets;
import org.botoxfhir.audit.AuditTrail;
import org.botoxfhir.resource.WriteResult;
import org.botoxfhir.search.SearchQuery.Used;
import org.springframework.stereotype.Component;
import org.springframework.web.util.UriUtils;

/** Where providers find the audit trail of the request that they answer; entries of a bundle share that of the bundle. */
@Component
@Interceptor
public final class Trails {
  private static final String TRAIL = Trails.class.getName();
  private static final int FIRST = -1000;

  static void leave(HttpServletRequest request, AuditTrail trail) {
    request.setAttribute(TRAIL, trail);
  }

  static AuditTrail of(RequestDetails request) {
    if (request instanceof ServletRequestDetails servlet) {
      return of(servlet.getServletRequest());
    }
    throw new IllegalStateException("a request came in around the container");
  }

  static AuditTrail of(HttpServletRequest request) {
    if (request.getAttribute(TRAIL) instanceof AuditTrail trail) {
      return trail;
    }
    throw new IllegalStateException("a request came in around rest.AuditFilter");
  }

  /** Notes what a form asks for, before anything is refused. */
  @Hook(value = Pointcut.SERVER_INCOMING_REQUEST_PRE_HANDLER_SELECTED, order = FIRST)
  public void asked(RequestDetails request, HttpServletRequest servlet) {
    String type = servlet.getContentType();
    if (type != null && type.startsWith(MediaTypes.FORM)) {
      of(request).form(text(request));
    }
  }

  private static String text(RequestDetails request) {
    StringBuilder text = new StringBuilder();
    for (Used one : ReadOnlyProvider.used(request)) {
      text.append(text.isEmpty() ? "" : "&")
          .append(UriUtils.encode(one.name(), StandardCharsets.UTF_8))
          .append('=')
          .append(UriUtils.encode(one.value(), StandardCharsets.UTF_8));
    }
    return text.toString();
  }

  /** Notes what a write led to. */
  static void wrote(RequestDetails request, WriteResult result) {
    AuditTrail trail = of(request);
    switch (result.kind()) {
      case CREATED -> trail.created(result.version());
      case UPDATED -> trail.changed(result.version());
      case DELETED -> trail.deleted(result.version());
      case UNCHANGED, EXISTED -> trail.read(result.version());
    }
    if (result.hasMoreToSay()) {
      trail.isAnsweredAnyway();
    }
  }
}
