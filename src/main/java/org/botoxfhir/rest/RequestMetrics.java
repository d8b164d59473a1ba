package org.botoxfhir.rest;

import ca.uhn.fhir.interceptor.api.Hook;
import ca.uhn.fhir.interceptor.api.Interceptor;
import ca.uhn.fhir.interceptor.api.Pointcut;
import ca.uhn.fhir.rest.api.RestOperationTypeEnum;
import ca.uhn.fhir.rest.api.server.RequestDetails;
import ca.uhn.fhir.rest.server.servlet.ServletRequestDetails;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.botoxfhir.fhir.ServedTypes;
import org.springframework.stereotype.Component;

/**
 * Timer {@code botox.fhir.requests}: how long requests take, by interaction, type and class of status. Each value of a tag is one of few
 * that the service knows beforehand: nothing that a client makes up.
 */
@Component
@Interceptor
public final class RequestMetrics {
  private static final String ASKED = RequestMetrics.class.getName();
  private static final Asked UNKNOWN = new Asked("unknown", "none");

  private final MeterRegistry registry;
  private final ServedTypes types;
  private final Map<Series, Timer> timers = new ConcurrentHashMap<>();

  RequestMetrics(MeterRegistry registry, ServedTypes types) {
    this.registry = registry;
    this.types = types;
  }

  /**
   * What a request was for.
   *
   * @param interaction FHIR's code of it, of an operation its name; {@code unknown} where FHIR did not come by, or knows none
   * @param type resource type; {@code none}, or {@code other} for what is not served
   */
  record Asked(String interaction, String type) {}

  private record Series(Asked asked, int statusClass) {}

  /** Notes what a request was for, whatever the answer. Of a bundle and its entries the bundle is the last to end. */
  @Hook(Pointcut.SERVER_PROCESSING_COMPLETED)
  public void completed(RequestDetails request) {
    if (request instanceof ServletRequestDetails details) {
      String type = request.getResourceName();
      details
          .getServletRequest()
          .setAttribute(
              ASKED,
              new Asked(
                  interaction(request),
                  type == null
                      ? "none"
                      : types.serves(type) || type.equals(ServedTypes.AUDIT) ? type : "other"));
    }
  }

  /** Operations are found by their names before they are run, so there are only those that are offered. */
  private static String interaction(RequestDetails request) {
    RestOperationTypeEnum kind = request.getRestOperationType();
    if (kind == null) {
      return UNKNOWN.interaction();
    }
    String operation = request.getOperation();
    return operation != null
            && switch (kind) {
              case EXTENDED_OPERATION_INSTANCE,
                  EXTENDED_OPERATION_TYPE,
                  EXTENDED_OPERATION_SERVER -> true;
              default -> false;
            }
        ? operation
        : kind.getCode();
  }

  /** What a request was for that has been answered. */
  static Asked asked(HttpServletRequest request) {
    return request.getAttribute(ASKED) instanceof Asked asked ? asked : UNKNOWN;
  }

  /** Counts a request that was answered. @param nanos how long that took */
  void record(Asked asked, int status, long nanos) {
    timers
        .computeIfAbsent(new Series(asked, status / 100), this::timer)
        .record(nanos, TimeUnit.NANOSECONDS);
  }

  private Timer timer(Series series) {
    return Timer.builder("botox.fhir.requests")
        .description("FHIR requests by interaction, resource type and class of HTTP status")
        .tags(
            "interaction",
            series.asked().interaction(),
            "type",
            series.asked().type(),
            "status",
            series.statusClass() + "xx")
        .register(registry);
  }
}
