package org.botoxfhir.benchmark;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@link MadeUpRecords} on file at a service, and the ids that it gave them. */
final class Seed {
  private static final Pattern LOCATION =
      Pattern.compile("\"location\":\"([A-Za-z]+)/([A-Za-z0-9.-]+)/_history/1\"");

  private static final Pattern LAST_MODIFIED = Pattern.compile("\"lastModified\":\"([^\"]+)\"");

  private final URI base;
  private final AtomicReference<Instant> newest = new AtomicReference<>(Instant.EPOCH);
  private String[] patients = {};
  private String[] conditions = {};
  private String[] procedures = {};

  /** @param base of the service, e.g. {@code http://127.0.0.1:8080/fhir} */
  Seed(URI base) {
    this.base = base;
  }

  /**
   * Puts the patients that are missing on file, a transaction each.
   *
   * @param number of patients in all
   * @param connections that work at the same time
   * @return how long it took
   */
  Duration grow(int number, int connections) {
    int before = patients.length;
    patients = Arrays.copyOf(patients, number);
    conditions = Arrays.copyOf(conditions, number);
    procedures = Arrays.copyOf(procedures, number * MadeUpRecords.PROCEDURES);
    var next = new AtomicInteger(before);
    long start = System.nanoTime();
    try (ExecutorService threads = Executors.newFixedThreadPool(connections)) {
      List<Future<?>> clients = new ArrayList<>();
      for (int i = 0; i < connections; i++) {
        clients.add(threads.submit(() -> {
          try (var connection = new HttpConnection(base)) {
            for (int patient = next.getAndIncrement();
                patient < number;
                patient = next.getAndIncrement()) {
              store(connection, patient);
            }
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        }));
      }
      for (Future<?> client : clients) {
        client.get();
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("the records cannot be stored", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while records were stored", e);
    }
    return Duration.ofNanos(System.nanoTime() - start);
  }

  private void store(HttpConnection connection, int patient) throws IOException {
    var answer = new ByteArrayOutputStream();
    int status = connection.send(
        Workload.with("POST", base.getPath(), MadeUpRecords.bundle(patient)), answer);
    String text = answer.toString(StandardCharsets.UTF_8);
    LAST_MODIFIED
        .matcher(text)
        .results()
        .map(modified -> Instant.parse(modified.group(1)))
        .min(Comparator.naturalOrder())
        .ifPresent(first ->
            newest.accumulateAndGet(first, (one, other) -> one.isAfter(other) ? one : other));
    Matcher location = LOCATION.matcher(text);
    int created = 0;
    int injections = 0;
    while (location.find()) {
      created++;
      String id = location.group(2);
      switch (location.group(1)) {
        case "Patient" -> patients[patient] = id;
        case "Condition" -> conditions[patient] = id;
        case "Procedure" -> procedures[patient * MadeUpRecords.PROCEDURES + injections++] = id;
        default -> {} // nobody asks for the others by id
      }
    }
    if (status != 200 || created != MadeUpRecords.RESOURCES) {
      throw new IllegalStateException("patient %d: answered %d, %d resources created: %s"
          .formatted(patient, status, created, text));
    }
  }

  URI base() {
    return base;
  }

  int patients() {
    return patients.length;
  }

  int procedures() {
    return procedures.length;
  }

  /** When the first resource of the last record was stored. */
  Instant newest() {
    return newest.get();
  }

  /** Id of a Patient. */
  String patient(int number) {
    return patients[number];
  }

  /** Id of the Condition of a patient. */
  String condition(int patient) {
    return conditions[patient];
  }

  /** Id of a Procedure; that of patient {@code number / PROCEDURES}. */
  String procedure(int number) {
    return procedures[number];
  }

  /** Any patient. */
  int anyPatient(SplittableRandom random) {
    return random.nextInt(patients.length);
  }
}
