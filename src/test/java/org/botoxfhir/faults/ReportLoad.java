package org.botoxfhir.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.Supplier;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.Fhir.Answer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Patients who report symptoms, and some of whom amend or take back a report. Each patient waits for the answer before the next report,
 * so that the order of the answers is the order of the commits. A request without an answer, or with one of the server's failures, is sent
 * again with the same identifier; of some of them the patient gives up, and whether they are stored is not known.
 */
final class ReportLoad implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int WRITERS = 4;
  private static final int PATIENTS_OF_A_WRITER = 3;
  private static final Duration PACE = Duration.ofMillis(50);
  private static final Path EXAMPLES = Path.of("src/test/resources/examples");

  private final Supplier<List<Fhir>> serving;
  private final int mostRetries;
  private final List<Writer> writers = new ArrayList<>();
  private final AtomicInteger tooLargeWanted = new AtomicInteger();
  private final AtomicInteger retries = new AtomicInteger();
  private final AtomicInteger givenUp = new AtomicInteger();
  private volatile boolean stopping;

  /**
   * A version of a report whose storage was confirmed.
   *
   * @param subject versioned reference
   * @param tooLarge whether its event is larger than Kafka takes, so that it ends among the dead letters
   */
  record Answered(String patient, String subject, boolean tooLarge) {}

  /**
   * Begins.
   *
   * @param serving where requests may be sent just now
   * @param mostRetries how often one request is sent again; one that fails once more fails the test
   */
  ReportLoad(Supplier<List<Fhir>> serving, int mostRetries, Random random) throws IOException {
    this.serving = serving;
    this.mostRetries = mostRetries;
    String patient = Files.readString(EXAMPLES.resolve("chronic-migraine.json"));
    for (int i = 0; i < WRITERS; i++) {
      List<String> patients = new ArrayList<>();
      for (int j = 0; j < PATIENTS_OF_A_WRITER; j++) {
        String id = "made-up-%d-%d".formatted(i, j);
        Answer answer = Replicas.await("somebody who serves")
            .until(serving::get, some -> !some.isEmpty())
            .getFirst()
            .post("", patient.replace("example-migraine", id));
        if (answer.status() != 200) {
          throw new AssertionError("a patient is refused: " + answer);
        }
        patients.add(id);
      }
      writers.add(new Writer(patients, new Random(random.nextLong())));
    }
    writers.forEach(writer -> writer.thread.start());
  }

  /** Lets someone send one report whose event is too large. */
  void sendOneTooLarge() {
    tooLargeWanted.incrementAndGet();
  }

  /** Ends once every request that is under way is answered, or given up. */
  void stop() {
    stopping = true;
    Replicas.await("the last answers")
        .until(() -> writers.stream().noneMatch(writer -> writer.thread.isAlive()));
    for (Writer writer : writers) {
      if (!writer.failures.isEmpty()) {
        throw new AssertionError("a patient got " + writer.failures.peek());
      }
    }
  }

  /** What was confirmed, in order within each patient. */
  List<Answered> answered() {
    return writers.stream().flatMap(writer -> writer.answered.stream()).toList();
  }

  int retries() {
    return retries.get();
  }

  int givenUp() {
    return givenUp.get();
  }

  @Override
  public void close() {
    stopping = true;
    writers.forEach(writer -> writer.thread.interrupt());
  }

  private final class Writer {
    private final Random random;
    private final List<String> patients;
    private final Map<String, String> amendable = new HashMap<>();
    private final List<Answered> answered = new ArrayList<>();
    private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
    private final Thread thread = Thread.ofPlatform().unstarted(this::run);
    private final String example;
    private int reports;
    private int corrections;
    private String lastFailure = "none";

    Writer(List<String> patients, Random random) throws IOException {
      this.patients = patients;
      this.random = random;
      example = Files.readString(EXAMPLES.resolve("chronic-migraine-report.json"));
    }

    private void run() {
      while (!stopping && failures.isEmpty()) {
        String patient = patients.get(random.nextInt(patients.size()));
        String last = amendable.get(patient);
        if (last != null && random.nextInt(10) < 3) {
          correct(patient, last);
        } else {
          report(patient);
        }
        LockSupport.parkNanos(PACE.toNanos());
      }
    }

    private void report(String patient) {
      boolean tooLarge = tooLargeWanted.getAndUpdate(wanted -> Math.max(0, wanted - 1)) > 0;
      ObjectNode report = (ObjectNode) JSON.readTree(example
          .replace("example-migraine-1", patient + "-" + ++reports)
          .replace("example-migraine", patient));
      if (tooLarge) {
        ArrayNode items = (ArrayNode) report.get("item");
        JsonNode symptom = items.get(0);
        for (int i = 0; i < 120; i++) {
          items.add(symptom.deepCopy());
        }
      }
      String body = report.toString();
      confirmed(patient, tooLarge, fhir -> fhir.post("QuestionnaireResponse", body))
          .ifPresent(stored -> {
            if (!tooLarge) {
              amendable.put(patient, stored.toString());
            }
          });
    }

    private void correct(String patient, String stored) {
      ObjectNode report = (ObjectNode) JSON.readTree(stored);
      report.remove("extension"); // the service's words, not the patient's
      boolean takeBack = random.nextInt(5) == 0;
      report.put("status", takeBack ? "entered-in-error" : "amended");
      ((ObjectNode) report.at("/item/0/item/1/answer/0"))
          .put(
              "valueDateTime",
              "2026-11-14T08:%02d:%02d-05:00".formatted(++corrections / 60 % 60, corrections % 60));
      String body = report.toString();
      String path = "QuestionnaireResponse/" + report.path("id").asString();
      amendable.remove(patient);
      confirmed(patient, false, fhir -> fhir.put(path, body)).ifPresent(now -> {
        if (!takeBack) {
          amendable.put(patient, now.toString());
        }
      });
    }

    /** Sends until it is answered. @return what is stored then, or empty when it was given up */
    private Optional<JsonNode> confirmed(
        String patient, boolean tooLarge, Function<Fhir, Answer> request) {
      boolean stubborn = tooLarge || mostRetries < Integer.MAX_VALUE || random.nextInt(3) > 0;
      // The next one in turn, as whoever distributes requests does: not the same again.
      int turn = random.nextInt(1000);
      int failed = 0;
      while (!Thread.currentThread().isInterrupted()) {
        List<Fhir> up = serving.get();
        if (!up.isEmpty()) {
          Optional<Answer> answer = ask(up.get((turn + failed) % up.size()), request);
          if (answer.isPresent()) {
            JsonNode stored = answer.get().json();
            answered.add(new Answered(
                patient,
                "QuestionnaireResponse/%s/_history/%s"
                    .formatted(
                        stored.path("id").asString(),
                        stored.at("/meta/versionId").asString()),
                tooLarge));
            return Optional.of(stored);
          }
          if (failed++ == mostRetries) {
            failures.add("no answer to %d attempts, the last: %s".formatted(failed, lastFailure));
          }
          if (!failures.isEmpty() || !stubborn) {
            givenUp.incrementAndGet();
            return Optional.empty();
          }
          retries.incrementAndGet();
        } else if (mostRetries < Integer.MAX_VALUE) {
          failures.add("nobody serves");
          return Optional.empty();
        }
        LockSupport.parkNanos(PACE.toNanos());
      }
      return Optional.empty();
    }

    private Optional<Answer> ask(Fhir fhir, Function<Fhir, Answer> request) {
      try {
        Answer answer = request.apply(fhir);
        if (answer.status() == 200 || answer.status() == 201) {
          return Optional.of(answer);
        }
        lastFailure = answer.toString();
        if (answer.status() < 500) {
          failures.add(lastFailure);
        }
      } catch (UncheckedIOException e) {
        // No answer: stored or not, only a repetition can tell.
        lastFailure = e.toString();
      }
      return Optional.empty();
    }
  }
}
