package org.botoxfhir.benchmark;

import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Arrivals at a fixed rate that do not wait for answers, as patients do not: a slow answer delays no other request, so the time that a
 * request would have waited is measured and not left out (coordinated omission).
 */
final class OpenLoop {
  private OpenLoop() {}

  interface Arrival {
    /**
     * One request, on a thread of its own.
     *
     * @param number from 0
     * @param due {@link System#nanoTime} at which it should have begun; waiting times count from here
     */
    void run(int number, long due) throws Exception;
  }

  /** What became of the arrivals, beside what they measured themselves. */
  record Outcome(int arrivals, int failed, int mostAtOnce, Duration took) {}

  /** Ends when the last one has ended. */
  static Outcome run(double perSecond, Duration length, Arrival arrival) {
    int arrivals = (int) (perSecond * length.toSeconds());
    var failed = new AtomicInteger();
    var atOnce = new AtomicInteger();
    int most = 0;
    long start = System.nanoTime();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < arrivals; i++) {
        int number = i;
        long due = start + (long) (i * 1e9 / perSecond);
        for (long early = due - System.nanoTime(); early > 0; early = due - System.nanoTime()) {
          LockSupport.parkNanos(early);
        }
        most = Math.max(most, atOnce.incrementAndGet());
        threads.submit(() -> {
          try {
            arrival.run(number, due);
          } catch (Exception e) {
            if (failed.incrementAndGet() == 1) {
              System.err.println("first failure: " + e);
            }
          } finally {
            atOnce.decrementAndGet();
          }
        });
      }
    }
    return new Outcome(arrivals, failed.get(), most, Duration.ofNanos(System.nanoTime() - start));
  }
}
