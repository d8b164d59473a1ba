package org.botoxfhir.rest;

import ca.uhn.fhir.rest.server.ServletRequestTracing;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.botoxfhir.audit.AuditLog;
import org.botoxfhir.audit.AuditTrail;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.slf4j.MDC;

/**
 * Puts each interaction on record before a byte of its answer goes out, whoever answers it: FHIR, authentication, a limit, CORS. So it
 * stands outside of all of these, behind only what a trusted proxy says of the client's address. Also gives each request its id.
 */
final class AuditFilter extends HttpFilter {
  private static final long serialVersionUID = 1L;
  private static final int SERVER_FAILURE = HttpServletResponse.SC_INTERNAL_SERVER_ERROR;

  private final transient AuditLog log;

  AuditFilter(AuditLog log) {
    this.log = log;
  }

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    String id = RequestIds.of(request.getHeader(RequestIds.HEADER));
    request.setAttribute(ServletRequestTracing.ATTRIBUTE_REQUEST_ID, id);
    response.setHeader(RequestIds.HEADER, id);
    MDC.put(RequestIds.LOGGED, id);
    try {
      answer(request, response, chain, id);
    } finally {
      MDC.remove(RequestIds.LOGGED);
    }
  }

  private void answer(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain, String id)
      throws IOException, ServletException {
    String path = request
        .getRequestURI()
        .substring(request.getContextPath().length() + request.getServletPath().length());
    path = path.startsWith("/") ? path.substring(1) : path;
    AuditTrail trail = new AuditTrail(
        request.getMethod(),
        path,
        request.getQueryString(),
        request.getRemoteAddr(),
        request.getLocalAddr(),
        id);
    Trails.leave(request, trail);
    if (!isInteraction(request, path)) {
      chain.doFilter(request, response);
      return;
    }
    log.expect();
    var audited = new AuditedResponse(response, trail);
    try {
      chain.doFilter(request, audited);
      audited.putOnRecord(audited.getStatus());
    } catch (FaultException fault) {
      audited.putOnRecordAfterFailure(fault);
      if (!(fault.fault() instanceof Fault.AuditUnavailable)) {
        throw fault;
      }
      unavailable(audited);
    } catch (IOException | ServletException | RuntimeException | Error failed) {
      audited.putOnRecordAfterFailure(failed);
      throw failed;
    }
  }

  /** What says the same to everybody before anybody is known is none: a browser's question what it may send, and where tokens are. */
  private static boolean isInteraction(HttpServletRequest request, String path) {
    return !request.getMethod().equals("OPTIONS") && !path.startsWith(".well-known/");
  }

  private static void unavailable(HttpServletResponse response) throws IOException {
    response.setStatus(HttpServletResponse.SC_SERVICE_UNAVAILABLE);
    response.setHeader("Retry-After", FaultAnswers.RETRY_AFTER_OUTAGE);
    response.setContentType(StoredAnswers.JSON);
    response
        .getOutputStream()
        .write(ContainerFaults.outcome("transient", FaultAnswers.NOT_ON_RECORD)
            .getBytes(StandardCharsets.UTF_8));
  }

  /** Lets nothing through to the container before the request is on record. */
  private final class AuditedResponse extends HttpServletResponseWrapper {
    private final AuditTrail trail;
    private boolean done;

    AuditedResponse(HttpServletResponse response, AuditTrail trail) {
      super(response);
      this.trail = trail;
    }

    /** Once; what is said after a failure to do so is that failure. */
    void putOnRecord(int status) {
      if (done) {
        return;
      }
      done = true;
      try {
        log.write(trail, status);
      } catch (FaultException unavailable) {
        withhold();
        throw unavailable;
      }
    }

    /** The container will answer it as a failure of the server, which is told even where it cannot be put on record. */
    void putOnRecordAfterFailure(Throwable failure) {
      if (!done) {
        done = true;
        try {
          log.write(trail, SERVER_FAILURE);
        } catch (FaultException unavailable) {
          failure.addSuppressed(unavailable);
        }
      }
    }

    /** Takes back what was to be answered, but for what lets a browser read the answer at all, and the request's id. */
    private void withhold() {
      Map<String, String> kept = new LinkedHashMap<>();
      for (String name : getHeaderNames()) {
        String lower = name.toLowerCase(Locale.ROOT);
        if (lower.startsWith("access-control-")
            || lower.equals("vary")
            || name.equalsIgnoreCase(RequestIds.HEADER)) {
          kept.put(name, String.join(", ", getHeaders(name)));
        }
      }
      reset();
      kept.forEach(this::setHeader);
    }

    @Override
    public ServletOutputStream getOutputStream() throws IOException {
      putOnRecord(getStatus());
      return super.getOutputStream();
    }

    @Override
    public PrintWriter getWriter() throws IOException {
      putOnRecord(getStatus());
      return super.getWriter();
    }

    @Override
    public void flushBuffer() throws IOException {
      putOnRecord(getStatus());
      super.flushBuffer();
    }

    @Override
    public void sendError(int status) throws IOException {
      putOnRecord(status);
      super.sendError(status);
    }

    @Override
    public void sendError(int status, String message) throws IOException {
      putOnRecord(status);
      super.sendError(status, message);
    }

    @Override
    public void sendRedirect(String location) throws IOException {
      putOnRecord(SC_FOUND);
      super.sendRedirect(location);
    }

    @Override
    public void sendRedirect(String location, int status, boolean clearBuffer) throws IOException {
      putOnRecord(status);
      super.sendRedirect(location, status, clearBuffer);
    }
  }
}
