package org.botoxfhir.store;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.function.Supplier;
import org.botoxfhir.trace.Traces;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.stereotype.Component;

/**
 * Timer {@code botox.store}: how long the database takes, by operation, connection included; counter {@code botox.store.failures}: how
 * often it did not do it.
 */
@Component
class StoreTimers {
  final Operation read;
  final Operation insert;
  final Operation replace;
  final Operation history;
  final Operation search;
  final Operation count;

  /** What the database is asked for. */
  record Operation(String name, Timer timer, Counter failures, Traces traces) {}

  StoreTimers(MeterRegistry registry, Traces traces) {
    read = operation(registry, traces, "read");
    insert = operation(registry, traces, "insert");
    replace = operation(registry, traces, "replace");
    history = operation(registry, traces, "history");
    search = operation(registry, traces, "search");
    count = operation(registry, traces, "count");
  }

  private static Operation operation(MeterRegistry registry, Traces traces, String name) {
    return new Operation(
        name,
        Timer.builder("botox.store")
            .description("Time in the database by operation")
            .tag("operation", name)
            .register(registry),
        Counter.builder("botox.store.failures")
            .description("Statements that failed or ran out of time, by operation")
            .tag("operation", name)
            .register(registry),
        traces);
  }

  /** Runs, times and traces; what fails counts too. */
  static <T> T time(Operation operation, Supplier<T> work) {
    return operation.traces().query(operation.name(), () -> timed(operation, work));
  }

  private static <T> T timed(Operation operation, Supplier<T> work) {
    Timer.Sample sample = Timer.start();
    try {
      return work.get();
    } catch (DuplicateKeyException taken) {
      throw taken; // an answer like any other: somebody was faster
    } catch (RuntimeException failed) {
      operation.failures().increment();
      throw failed;
    } finally {
      sample.stop(operation.timer());
    }
  }
}
