package org.botoxfhir.rest;

import ca.uhn.fhir.interceptor.api.Hook;
import ca.uhn.fhir.interceptor.api.Interceptor;
import ca.uhn.fhir.interceptor.api.Pointcut;
import ca.uhn.fhir.rest.api.RestOperationTypeEnum;
import ca.uhn.fhir.rest.api.server.RequestDetails;
import ca.uhn.fhir.rest.server.servlet.ServletRequestDetails;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.botoxfhir.fhir.ServedTypes;
import org.springframework.stereotype.Component;

/** Timer {@code botox.fhir.requests}: how long requests take, by interaction, type and class of status. */
@Component
@Interceptor
public final class RequestMetrics {
  private final MeterRegistry registry;
  private final ServedTypes types;
  private final Map<Series, Timer> timers = new ConcurrentHashMap<>();

  RequestMetrics(MeterRegistry registry, ServedTypes types) {
    this.registry = registry;
    this.types = types;
  }

  private record Series(String interaction, String type, String status) {}

  /** Counts a request that was answered, whatever the answer. */
  @Hook(Pointcut.SERVER_PROCESSING_COMPLETED)
  public void completed(RequestDetails request) {
    if (request instanceof ServletRequestDetails details
        && details.getServletRequest().getAttribute(RequestBounds.ARRIVED)
            instanceof Long arrived) {
      RestOperationTypeEnum operation = request.getRestOperationType();
      String type = request.getResourceName();
      Series series = new Series(
          operation == null ? "unknown" : operation.getCode(),
          type == null
              ? "none"
              : types.serves(type) || type.equals(ServedTypes.AUDIT) ? type : "other",
          details.getServletResponse().getStatus() / 100 + "xx");
      timers
          .computeIfAbsent(series, this::timer)
          .record(System.nanoTime() - arrived, TimeUnit.NANOSECONDS);
    }
  }

  private Timer timer(Series series) {
    return Timer.builder("botox.fhir.requests")
        .description("FHIR requests by interaction, resource type and class of HTTP status")
        .tags("interaction", series.interaction(), "type", series.type(), "status", series.status())
        .publishPercentileHistogram()
        .register(registry);
  }
}
