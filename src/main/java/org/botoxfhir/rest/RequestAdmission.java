package org.botoxfhir.rest;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.TimeMeter;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Semaphore;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.fhir.LimitSettings;
import org.jspecify.annotations.Nullable;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Lets so many requests in at a time, of all clients and of each, and so many a second of each.
 *
 * <p>What may carry a symptom report is counted apart, and never against the places of all: neither what a client reads and writes besides,
 * nor a storm of searches by others, keeps a report out. It is bounded for each client all the same, at far more than a clinic's
 * reports are, since one client without a bound would keep out the reports of all others.
 *
 * <p>A request that is not admitted goes on to {@link #requireAdmitted}, so that it is refused, counted and written down like any
 * other; its body is not read.
 */
final class RequestAdmission extends OncePerRequestFilter {
  private static final String REFUSAL = RequestAdmission.class.getName();
  private static final Duration SOON = Duration.ofSeconds(1);
  private static final Set<String> WRITES = Set.of("POST", "PUT", "PATCH");

  private final LimitSettings limits;
  private final TimeMeter clock;
  private final Semaphore places;
  private final LoadingCache<String, Client> clients;
  private final Counter overloaded;
  private final Counters reportCounters;
  private final Counters otherCounters;

  /** What one client has left. */
  private record Client(Share reports, Share others) {}

  private record Share(Bucket rate, Semaphore places) {}

  private record Counters(Counter rate, Counter places) {}

  RequestAdmission(LimitSettings limits, MeterRegistry meters, TimeMeter clock) {
    this.limits = limits;
    this.clock = clock;
    this.places = new Semaphore(limits.concurrentRequests());
    this.clients = Caffeine.newBuilder()
        .maximumSize(limits.clients())
        // By then its allowance is full again, so that it can be forgotten.
        .expireAfterAccess(limits.burst().plusMinutes(1))
        .build(client ->
            new Client(share(limits.reportsPerSecond()), share(limits.requestsPerSecond())));
    Gauge.builder("botox.limits.places", places, Semaphore::availablePermits)
        .description(
            "Places left for requests that carry no symptom report; at 0 the next is refused")
        .register(meters);
    this.overloaded = counter(meters, "concurrent-requests", "other");
    this.reportCounters = new Counters(
        counter(meters, "reports-per-second", "report"),
        counter(meters, "concurrent-requests-per-client", "report"));
    this.otherCounters = new Counters(
        counter(meters, "requests-per-second", "other"),
        counter(meters, "concurrent-requests-per-client", "other"));
  }

  /** @throws FaultException when the request came too fast, or too many were being worked on */
  static void requireAdmitted(HttpServletRequest request) {
    if (request.getAttribute(REFUSAL) instanceof Fault refusal) {
      throw new FaultException(refusal);
    }
  }

  /** Whether it was refused here. */
  static boolean refused(HttpServletRequest request) {
    return request.getAttribute(REFUSAL) != null;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    boolean report = mayReport(request.getMethod(), request.getPathInfo());
    Client client = clients.get(ClientKeys.of(request));
    Share share = report ? client.reports() : client.others();
    Fault refusal = enter(share, report);
    if (refusal != null) {
      request.setAttribute(REFUSAL, refusal);
      chain.doFilter(request, response);
      return;
    }
    try {
      chain.doFilter(request, response);
    } finally {
      share.places().release();
      if (!report) {
        places.release();
      }
    }
  }

  /** Takes a place of the client's share, and for what is no report one of all. */
  private @Nullable Fault enter(Share share, boolean report) {
    Counters counters = report ? reportCounters : otherCounters;
    ConsumptionProbe probe = share.rate().tryConsumeAndReturnRemaining(1);
    if (!probe.isConsumed()) {
      counters.rate().increment();
      return new Fault.TooManyRequests(
          report
              ? "requests a second that may carry a symptom report (botox.limits.reports-per-second)"
              : "requests a second (botox.limits.requests-per-second)",
          report ? limits.reportsPerSecond() : limits.requestsPerSecond(),
          Duration.ofNanos(probe.getNanosToWaitForRefill()));
    }
    if (!share.places().tryAcquire()) {
      counters.places().increment();
      return new Fault.TooManyRequests(
          "requests at a time (botox.limits.concurrent-requests-per-client)",
          limits.concurrentRequestsPerClient(),
          SOON);
    }
    if (!report && !places.tryAcquire()) {
      share.places().release();
      overloaded.increment();
      return new Fault.Overloaded(limits.concurrentRequests());
    }
    return null;
  }

  /**
   * Whether it writes a questionnaire response, an Observation, or a bundle of anything. Of more no account is taken: to look into the
   * body means to have read it.
   *
   * @param path below the base, decoded
   */
  static boolean mayReport(String method, @Nullable String path) {
    if (!WRITES.contains(method)) {
      return false;
    }
    if (path == null || path.equals("/")) {
      return true;
    }
    return (path.startsWith("/QuestionnaireResponse") || path.startsWith("/Observation"))
        && path.indexOf('$') < 0
        && !path.endsWith("/_search");
  }

  private Share share(int perSecond) {
    long capacity = Math.max(1, perSecond * limits.burst().toMillis() / 1000);
    return new Share(
        Bucket.builder()
            .addLimit(limit -> limit.capacity(capacity).refillGreedy(perSecond, SOON))
            .withCustomTimePrecision(clock)
            .build(),
        new Semaphore(limits.concurrentRequestsPerClient()));
  }

  private static Counter counter(MeterRegistry meters, String limit, String kind) {
    return Counter.builder("botox.limits.refused")
        .description("Requests that were refused because too many came, by limit")
        .tags("limit", limit, "kind", kind)
        .register(meters);
  }
}
