package org.botoxfhir.store;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.function.Supplier;
import org.springframework.stereotype.Component;

/** Timer {@code botox.store}: how long the database takes, by operation, connection included. */
@Component
class StoreTimers {
  final Timer read;
  final Timer insert;
  final Timer replace;
  final Timer history;
  final Timer search;
  final Timer count;

  StoreTimers(MeterRegistry registry) {
    read = timer(registry, "read");
    insert = timer(registry, "insert");
    replace = timer(registry, "replace");
    history = timer(registry, "history");
    search = timer(registry, "search");
    count = timer(registry, "count");
  }

  private static Timer timer(MeterRegistry registry, String operation) {
    return Timer.builder("botox.store")
        .description("Time in the database by operation")
        .tag("operation", operation)
        .publishPercentileHistogram()
        .register(registry);
  }

  /** Runs and times; what fails counts too. */
  static <T> T time(Timer timer, Supplier<T> work) {
    Timer.Sample sample = Timer.start();
    try {
      return work.get();
    } finally {
      sample.stop(timer);
    }
  }
}
