package org.botoxfhir.validation;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.List;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.botoxfhir.fault.Finding;
import org.botoxfhir.fault.Finding.Severity;
import org.botoxfhir.trace.Traces;
import org.springframework.stereotype.Component;

/**
 * Timer {@code botox.validation}: how long it takes to look at a resource, its turn included, by what it is held against and what came of
 * it; gauge {@code botox.validation.waiting}: how many wait for their turn.
 */
@Component
class ValidationTimers {
  /** What a resource is held against. */
  enum Against {
    /** What R4 asks of every resource. */
    STRUCTURE,
    /** Profiles, and all that HAPI's validator knows. */
    PROFILE
  }

  private final MeterRegistry metrics;
  private final Traces traces;
  private final Timers structure;
  private final Timers profile;

  /** @param failed without an outcome, such as for want of time */
  private record Timers(String name, Timer valid, Timer invalid, Timer failed) {}

  ValidationTimers(MeterRegistry metrics, Traces traces) {
    this.metrics = metrics;
    this.traces = traces;
    structure = timers("structure");
    profile = timers("profile");
  }

  private Timers timers(String against) {
    return new Timers(
        "validate " + against,
        timer(against, "valid"),
        timer(against, "invalid"),
        timer(against, "failed"));
  }

  private Timer timer(String against, String outcome) {
    return Timer.builder("botox.validation")
        .description("Time to validate a resource, its turn included")
        .tags("against", against, "outcome", outcome)
        .register(metrics);
  }

  /** Tells how many wait, from now on. */
  void waiting(IntSupplier number) {
    Gauge.builder("botox.validation.waiting", number, IntSupplier::getAsInt)
        .description("validations against profiles that wait for their turn")
        .strongReference(true)
        .register(metrics);
  }

  /** Runs and times; is a step of the request. */
  List<Finding> time(Against against, Supplier<List<Finding>> validation) {
    Timers of = switch (against) {
      case STRUCTURE -> structure;
      case PROFILE -> profile;
    };
    return traces.step(of.name(), () -> {
      Timer.Sample sample = Timer.start();
      Timer outcome = of.failed();
      try {
        List<Finding> findings = validation.get();
        outcome = findings.stream().anyMatch(finding -> finding.severity() == Severity.ERROR)
            ? of.invalid()
            : of.valid();
        return findings;
      } finally {
        sample.stop(outcome);
      }
    });
  }
}
