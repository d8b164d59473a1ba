package org.botoxfhir.benchmark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/**
 * Clients of the service on a few connections, a thread each.
 *
 * @param connections how many
 * @param perSecond requests of all together that are due a second, and times count from when a request is due; 0: each connection
 *     sends its next request when the last one is answered
 */
record Load(URI base, int connections, double perSecond) {
  /** How long an answer may take at the end before the run is given up. */
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /**
   * Sends requests for a time.
   *
   * @param seed of what is random in them
   * @return how long each answer took
   * @throws IllegalStateException at the first answer with another status than the workload expects, or none
   */
  Latencies run(Workload workload, Duration time, long seed) {
    List<HttpConnection> open = new ArrayList<>();
    for (int i = 0; i < connections; i++) {
      open.add(new HttpConnection(base));
    }
    var ready = new CountDownLatch(connections);
    var seeds = new SplittableRandom(seed);
    try (ExecutorService threads = Executors.newFixedThreadPool(connections)) {
      List<Future<double[]>> answers = new ArrayList<>();
      long start = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(20);
      for (int i = 0; i < connections; i++) {
        int number = i;
        SplittableRandom random = seeds.split();
        answers.add(threads.submit(() -> {
          ready.countDown();
          ready.await();
          await(start);
          return send(open.get(number), workload, number, random, start, time);
        }));
      }
      try {
        List<double[]> milliseconds = new ArrayList<>();
        for (Future<double[]> answer : answers) {
          milliseconds.add(answer.get(time.plus(PATIENCE).toMillis(), TimeUnit.MILLISECONDS));
        }
        return Latencies.of(
            milliseconds.stream().flatMapToDouble(Arrays::stream).toArray());
      } catch (ExecutionException e) {
        throw new IllegalStateException(workload.name() + " failed", e.getCause());
      } catch (TimeoutException e) {
        throw new IllegalStateException(
            "%s: no answer within %s".formatted(workload.name(), PATIENCE), e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted under load", e);
      } finally {
        close(open); // which ends the requests of a run that failed
      }
    }
  }

  /** @return milliseconds of each request */
  private double[] send(
      HttpConnection connection,
      Workload workload,
      int number,
      SplittableRandom random,
      long start,
      Duration time)
      throws IOException {
    double[] milliseconds = new double[1024];
    long end = start + time.toNanos();
    for (int i = 0; ; i++) {
      long due = perSecond == 0
          ? System.nanoTime()
          : start + (long) (((long) i * connections + number) * 1e9 / perSecond);
      if (due >= end) {
        return Arrays.copyOf(milliseconds, i);
      }
      byte[] request = workload.requests().next(number, random);
      await(due);
      long begun = perSecond == 0 ? System.nanoTime() : due;
      int status = connection.send(request);
      if (status != workload.expected()) {
        throw new IllegalStateException("%s: %s was answered %d where %d was expected: %s"
            .formatted(
                workload.name(),
                firstLine(request),
                status,
                workload.expected(),
                connection.end()));
      }
      if (i == milliseconds.length) {
        milliseconds = Arrays.copyOf(milliseconds, 2 * i);
      }
      milliseconds[i] = (System.nanoTime() - begun) / 1e6;
    }
  }

  private static void await(long moment) {
    for (long early = moment - System.nanoTime(); early > 0; early = moment - System.nanoTime()) {
      LockSupport.parkNanos(early);
    }
  }

  private static String firstLine(byte[] request) {
    return new String(request, StandardCharsets.ISO_8859_1).lines().findFirst().orElse("");
  }

  private static void close(List<HttpConnection> connections) {
    for (HttpConnection connection : connections) {
      try {
        connection.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
