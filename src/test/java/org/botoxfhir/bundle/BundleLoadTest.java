package org.botoxfhir.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.botoxfhir.bundle.BundleText.entry;
import static org.botoxfhir.bundle.BundleText.patient;
import static org.botoxfhir.bundle.BundleText.statuses;
import static org.botoxfhir.bundle.BundleText.withId;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.Fhir.Answer;
import org.botoxfhir.testing.ServiceTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;

/** Large bundles, and bundles that are about the same at the same moment. */
@ServiceTest
class BundleLoadTest {
  private static final int MOST = 5000;

  private final String run = UUID.randomUUID().toString();

  @Autowired
  private Fhir fhir;

  @ParameterizedTest
  @ValueSource(strings = {"transaction", "batch"})
  void aBundleOverTheLimitIsRefusedAsAWhole(String type) {
    List<String> entries =
        new ArrayList<>(Collections.nCopies(MOST, entry("GET", "Patient/nobody")));
    entries.add(entry("PUT", "Patient/over-" + run, "", withId(patient("x", ""), "over-" + run)));

    Answer answer = fhir.post("", BundleText.bundle(type, entries));

    assertThat(answer.status()).isEqualTo(413);
    assertThat(answer.body()).contains("5001", "botox.fhir.max-bundle-entries");
    assertThat(fhir.get("Patient/over-" + run).status()).isEqualTo(404);
  }

  @Test
  void fiveThousandEntriesAreOneTransaction() {
    List<String> entries = new ArrayList<>();
    for (int i = 0; i < MOST; i++) {
      String identifier = "%s-%d".formatted(run, i);
      String condition =
          ",\"ifNoneExist\":\"identifier=%s|%s\"".formatted(BundleText.MRN, identifier);
      entries.add(entry("POST", "Patient", condition, patient(identifier, "")));
    }
    String bundle = BundleText.bundle("transaction", entries);

    Answer first = fhir.post("", bundle);
    Answer second = fhir.post("", bundle);

    assertThat(first.status()).isEqualTo(200);
    assertThat(statuses(first)).hasSize(MOST).containsOnly("201 Created");
    assertThat(statuses(second)).hasSize(MOST).containsOnly("200 OK");
    assertThat(BundleText.stored(second, MOST - 1)).isEqualTo(BundleText.stored(first, MOST - 1));
  }

  @Test
  void thirtyTwoBundlesWithTheSameConditionsInDifferentOrderMakeEachResourceOnce()
      throws Exception {
    List<Integer> numbers = IntStream.range(0, 6).boxed().toList();

    List<Answer> answers = race(32, client -> {
      List<Integer> order = new ArrayList<>(numbers);
      Collections.rotate(order, client);
      return fhir.post(
          "",
          BundleText.bundle("transaction", order.stream().map(this::conditional).toList()));
    });

    assertThat(answers.stream().map(Answer::status)).containsOnly(200);
    assertThat(answers.stream().flatMap(answer -> statuses(answer).stream()))
        .filteredOn("201 Created"::equals)
        .hasSize(numbers.size());
    Set<String> stored = new HashSet<>();
    answers.forEach(
        answer -> numbers.forEach(number -> stored.add(BundleText.stored(answer, number))));
    assertThat(stored).hasSize(numbers.size());
  }

  private String conditional(int number) {
    String identifier = "%s-%d".formatted(run, number);
    return entry(
        "POST",
        "Patient",
        ",\"ifNoneExist\":\"identifier=%s|%s\"".formatted(BundleText.MRN, identifier),
        patient(identifier, ""));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void bundlesThatPutTheSameResourcesInOppositeOrderAllSucceed(boolean onFile) throws Exception {
    List<String> ids =
        IntStream.range(0, 8).mapToObj(i -> "put-%s-%d".formatted(run, i)).toList();
    if (onFile) {
      assertThat(puts(ids, 99).status()).isEqualTo(200);
    }

    List<Answer> answers = race(12, client -> puts(client % 2 == 0 ? ids : ids.reversed(), client));

    assertThat(answers.stream().map(Answer::status)).containsOnly(200);
    for (String id : ids) {
      assertThat(fhir.get("Patient/" + id).header("ETag"))
          .isEqualTo("W/\"%d\"".formatted(onFile ? 13 : 12));
    }
  }

  private Answer puts(List<String> ids, int number) {
    return fhir.post(
        "",
        BundleText.bundle(
            "transaction",
            ids.stream()
                .map(id -> entry(
                    "PUT",
                    "Patient/" + id,
                    "",
                    withId(patient("of-" + id, ",\"multipleBirthInteger\":" + number), id)))
                .toList()));
  }

  @Test
  void ofTransactionsThatUpdateTheSameVersionOneWins() throws Exception {
    String id = "version-" + run;
    fhir.put("Patient/" + id, withId(patient(id, ""), id));

    List<Answer> answers = race(
        8,
        client -> fhir.post(
            "",
            BundleText.transaction(entry(
                "PUT",
                "Patient/" + id,
                ",\"ifMatch\":\"W/\\\"1\\\"\"",
                withId(patient(id, ",\"multipleBirthInteger\":" + client), id)))));

    assertThat(answers.stream().filter(answer -> answer.status() == 200)).hasSize(1);
    assertThat(answers.stream().filter(answer -> answer.status() == 412)).hasSize(7);
  }

  private static List<Answer> race(int clients, IntFunction<Answer> request) throws Exception {
    CyclicBarrier start = new CyclicBarrier(clients);
    List<Future<Answer>> running = new ArrayList<>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < clients; i++) {
        int client = i;
        running.add(threads.submit(() -> {
          start.await();
          return request.apply(client);
        }));
      }
    }
    List<Answer> answers = new ArrayList<>();
    for (Future<Answer> one : running) {
      answers.add(one.get());
    }
    return answers;
  }
}
