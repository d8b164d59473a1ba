package org.botoxfhir.resource;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.Fhir.Answer;
import org.botoxfhir.testing.ServiceTest;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/** Clients that write the same thing at the same moment. */
@ServiceTest
class RacesTest {
  @Autowired
  Fhir fhir;

  /** Runs the request for 0, 1, ... at once and returns the answers. */
  private static List<Answer> race(int clients, IntFunction<Answer> request) throws Exception {
    CyclicBarrier start = new CyclicBarrier(clients);
    List<Future<Answer>> running = new ArrayList<>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < clients; i++) {
        int client = i;
        Callable<Answer> task = () -> {
          start.await();
          return request.apply(client);
        };
        running.add(threads.submit(task));
      }
    }
    List<Answer> answers = new ArrayList<>();
    for (Future<Answer> one : running) {
      answers.add(one.get());
    }
    return answers;
  }

  private static String patient(String id, int number) {
    return "{\"resourceType\":\"Patient\",\"id\":\"%s\",\"name\":[{\"family\":\"N%d\"}]}"
        .formatted(id, number);
  }

  @Test
  void thirtyTwoRacingConditionalCreatesMakeOneResource() throws Exception {
    String value = UUID.randomUUID().toString();
    String body =
        "{\"resourceType\":\"Patient\",\"identifier\":[{\"system\":\"urn:race\",\"value\":\"%s\"}]}"
            .formatted(value);

    List<Answer> answers =
        race(32, i -> fhir.post("Patient", body, "If-None-Exist", "identifier=urn:race|" + value));

    assertThat(answers.stream().filter(a -> a.status() == 201)).hasSize(1);
    assertThat(answers.stream().filter(a -> a.status() == 200)).hasSize(31);
    assertThat(fhir.get("Patient?identifier=urn:race%7C" + value)
            .json()
            .path("total")
            .asInt())
        .isEqualTo(1);
  }

  @Test
  void racingConditionalCreatesMeetHoweverTheirConditionIsSpelt() throws Exception {
    String value = UUID.randomUUID().toString();
    String body =
        "{\"resourceType\":\"Patient\",\"active\":true,\"identifier\":[{\"system\":\"urn:race\",\"value\":\"%s\"}]}"
            .formatted(value);
    List<String> spellings = List.of(
        "identifier=urn:race|%s&active=true",
        "active=true&identifier=urn:race|%s",
        "identifier=urn%%3Arace%%7C%s&active=true",
        "active=true&active=true&identifier=urn:race|%1$s,urn:race|%1$s");

    List<Answer> answers = race(
        32,
        i -> fhir.post(
            "Patient",
            body,
            "If-None-Exist",
            spellings.get(i % spellings.size()).formatted(value)));

    assertThat(answers.stream().filter(a -> a.status() == 201)).hasSize(1);
    assertThat(answers.stream().filter(a -> a.status() == 200)).hasSize(31);
  }

  @Test
  void ofTwoRacingUpdatesOfOneVersionOneWins() throws Exception {
    String id = UUID.randomUUID().toString();
    fhir.put("Patient/" + id, patient(id, 0));

    List<Answer> answers =
        race(2, i -> fhir.put("Patient/" + id, patient(id, i + 1), "If-Match", "W/\"1\""));

    assertThat(answers.stream().map(Answer::status)).containsExactlyInAnyOrder(200, 412);
    assertThat(fhir.put("Patient/" + id, patient(id, 9), "If-Match", "W/\"2\"").status())
        .isEqualTo(200);
  }

  @Test
  void racingUpdatesWithoutIfMatchAllBecomeVersionsWithoutAGap() throws Exception {
    String id = UUID.randomUUID().toString();

    List<Answer> answers = race(8, i -> fhir.put("Patient/" + id, patient(id, i)));

    assertThat(answers.stream().filter(a -> a.status() == 201)).hasSize(1);
    assertThat(answers.stream().filter(a -> a.status() == 200)).hasSize(7);
    assertThat(answers.stream().map(a -> a.header("ETag")).distinct()).hasSize(8);
    assertThat(fhir.get("Patient/" + id + "/_history").json().path("total").asInt())
        .isEqualTo(8);
  }

  @Test
  void aRecordNeverOutlivesItsPatient() throws Exception {
    for (int round = 0; round < 10; round++) {
      String id = UUID.randomUUID().toString();
      fhir.put("Patient/" + id, patient(id, 0));
      String condition =
          "{\"resourceType\":\"Condition\",\"subject\":{\"reference\":\"Patient/%s\"}}"
              .formatted(id);

      List<Answer> answers =
          race(4, i -> i == 0 ? fhir.delete("Patient/" + id) : fhir.post("Condition", condition));

      boolean deleted = answers.getFirst().status() == 204;
      assertThat(answers.getFirst().status()).isIn(204, 409);
      assertThat(
              fhir.get("Condition?subject=Patient/" + id).json().path("total").asInt())
          .isEqualTo(
              deleted
                  ? 0
                  : (int) answers.stream().filter(a -> a.status() == 201).count());
    }
  }

  @Test
  void readersWhoComeTogetherEachGetWhatTheyAskedForAsItIsAfterTheWriteThatWasAnsweredLast()
      throws Exception {
    String deleted = UUID.randomUUID().toString();
    assertThat(fhir.put("Patient/" + deleted, patient(deleted, 0)).status()).isEqualTo(201);
    assertThat(fhir.delete("Patient/" + deleted).status()).isEqualTo(204);
    List<Answer> wrong = Collections.synchronizedList(new ArrayList<>());
    race(24, client -> {
      String id = UUID.randomUUID().toString();
      for (int version = 1; version <= 15; version++) {
        Answer written = fhir.put("Patient/" + id, patient(id, version));
        Answer read = fhir.get("Patient/" + id);
        Answer gone = fhir.get("Patient/" + deleted);
        Answer missing = fhir.get("Patient/never-" + id);
        if (!read.header("ETag").equals("W/\"" + version + "\"")
            || !read.body().equals(written.body())
            || gone.status() != 410
            || missing.status() != 404) {
          wrong.addAll(List.of(written, read, gone, missing));
        }
      }
      return fhir.get("Patient/" + id);
    });
    assertThat(wrong).isEmpty();
  }
}
