package org.botoxfhir.rest;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.botoxfhir.trace.RequestTrace;
import org.botoxfhir.trace.Traces;
import org.slf4j.MDC;

/** Around everything: times and traces each request as its client sees it, whoever answers it. */
final class RequestTelemetry extends HttpFilter {
  private static final long serialVersionUID = 1L;

  /** Field of each log line that is written for a request that is part of a trace. */
  static final String LOGGED = "trace.id";

  private final transient Traces traces;
  private final transient RequestMetrics metrics;

  RequestTelemetry(Traces traces, RequestMetrics metrics) {
    this.traces = traces;
    this.metrics = metrics;
  }

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    long arrived = System.nanoTime();
    RequestTrace trace = traces.begin(request);
    String id = trace.id();
    if (id != null) {
      MDC.put(LOGGED, id);
    }
    boolean answered = false;
    try {
      chain.doFilter(request, response);
      answered = true;
    } finally {
      // What is thrown past here the container answers, unless an answer is on its way.
      int status = answered || response.isCommitted()
          ? response.getStatus()
          : HttpServletResponse.SC_INTERNAL_SERVER_ERROR;
      RequestMetrics.Asked asked = RequestMetrics.asked(request);
      metrics.record(asked, status, System.nanoTime() - arrived);
      trace.answered(request.getMethod(), asked.interaction(), asked.type(), status);
      trace.close();
      if (id != null) {
        MDC.remove(LOGGED);
      }
    }
  }
}
