package org.botoxfhir.rest;

import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.availability.ApplicationAvailability;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.context.SmartLifecycle;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/**
 * Lets the clients go before the service does. Told to end, the service is first no longer ready; for {@code botox.shutdown.drain} it takes
 * requests as before, since whoever sends them has yet to notice, and asks each client to close its connection. Only then does
 * the container refuse what is new and finish what it has begun.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE)
final class Drain implements Filter, SmartLifecycle {
  private static final Logger LOG = LoggerFactory.getLogger(Drain.class);

  private final ShutdownSettings settings;
  private final ApplicationAvailability availability;
  private volatile boolean running;

  Drain(ShutdownSettings settings, ApplicationAvailability availability) {
    this.settings = settings;
    this.availability = availability;
  }

  /** Asks what the probe of readiness asks: a client that has seen it fail is told to go by its very next answer. */
  @Override
  public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    if (availability.getReadinessState() == ReadinessState.REFUSING_TRAFFIC
        && response instanceof HttpServletResponse http) {
      http.setHeader("Connection", "close");
    }
    chain.doFilter(request, response);
  }

  @Override
  public void start() {
    running = true;
  }

  /** Begins when readiness is off: the context says so before it stops anything. */
  @Override
  public void stop() {
    if (settings.drain().isPositive()) {
      LOG.info("no longer ready; requests are taken for another {}", settings.drain());
      try {
        Thread.sleep(settings.drain());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    running = false;
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  /** Stops before everything else. */
  @Override
  public int getPhase() {
    return DEFAULT_PHASE;
  }
}
