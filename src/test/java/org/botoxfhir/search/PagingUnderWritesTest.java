package org.botoxfhir.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.Fhir.Answer;
import org.botoxfhir.testing.ServiceTest;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** 12,500 matches that nobody touches, read page by page while four writers insert, update and delete others among them. */
@ServiceTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PagingUnderWritesTest {
  private static final String RUN = UUID.randomUUID().toString().substring(0, 8);
  private static final int MATCHES = 12_500;
  private static final int IN_A_BUNDLE = 2500;
  private static final int PATIENTS = 100;
  private static final int WRITERS = 4;

  @Autowired
  Fhir fhir;

  @BeforeAll
  void records() {
    store(IntStream.range(0, PATIENTS)
        .mapToObj(i -> entry("Patient", "p%d-%s".formatted(i, RUN), ""))
        .toList());
    for (int from = 0; from < MATCHES; from += IN_A_BUNDLE) {
      store(IntStream.range(from, from + IN_A_BUNDLE)
          .mapToObj(i -> entry("Observation", untouched(i), observation(i)))
          .toList());
    }
  }

  private static String untouched(int number) {
    return "o%d-%s".formatted(number, RUN);
  }

  private static String entry(String type, String id, String elements) {
    return """
        {"resource":{"resourceType":"%1$s","id":"%2$s"%3$s},"request":{"method":"PUT","url":"%1$s/%2$s"}}""".formatted(type, id, elements);
  }

  /** Many share a day, so that pages end within equal sort values. */
  private static String observation(int number) {
    return """
        ,"status":"final","code":{"coding":[{"code":"paging-%1$s"}]},"subject":{"reference":"Patient/p%2$d-%1$s"},
        "effectiveDateTime":"2024-01-%3$02d\"""".formatted(RUN, number % PATIENTS, number % 7 + 1);
  }

  private void store(List<String> entries) {
    Answer answer = fhir.post(
        "",
        "{\"resourceType\":\"Bundle\",\"type\":\"transaction\",\"entry\":["
            + String.join(",", entries) + "]}");
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
  }

  /** Beyond 4,000 the database is not asked for their patients first. */
  @Test
  void patientsAreFoundByMoreObservationsThanAreLookedAtOneByOne() {
    List<String> found = new ArrayList<>();
    page("Patient?_has:Observation:patient:code=paging-%s&_count=1000".formatted(RUN), found);
    assertThat(found).hasSize(PATIENTS).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Observation?code=paging-@&_include=Observation:subject",
        "Observation?code=paging-@&_sort=status,-date",
        "Observation?code=paging-@&_sort=-_lastUpdated",
        "?_type=Observation,Procedure&code=paging-@"
      })
  void everyUntouchedMatchIsSeenOnceForthAndBack(String search)
      throws ExecutionException, InterruptedException {
    AtomicBoolean done = new AtomicBoolean();
    List<Future<Integer>> writing = new ArrayList<>();
    List<String> forth = new ArrayList<>();
    List<String> last = new ArrayList<>();
    List<String> back = new ArrayList<>();
    try (var writers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int w = 0; w < WRITERS; w++) {
        int writer = w;
        writing.add(writers.submit(() -> write(writer, done)));
      }
      try {
        JsonNode page = page(search.replace("@", RUN) + "&_count=1000", forth);
        for (String next = fhir.link(page, "next"); next != null; next = fhir.link(page, "next")) {
          last.clear();
          page = page(next, last);
          forth.addAll(last);
        }
        for (String previous = fhir.link(page, "previous");
            previous != null;
            previous = fhir.link(page, "previous")) {
          page = page(previous, back);
        }
      } finally {
        done.set(true);
      }
    }
    for (Future<Integer> writer : writing) {
      assertThat(writer.get()).as("rounds of a writer").isPositive();
    }
    Set<String> untouched = IntStream.range(0, MATCHES)
        .mapToObj(PagingUnderWritesTest::untouched)
        .collect(Collectors.toSet());
    assertThat(times(forth, untouched)).isEqualTo(Map.of(1L, (long) MATCHES));
    last.forEach(untouched::remove);
    assertThat(times(back, untouched))
        .as("on the way back, which begins before the last page")
        .isEqualTo(Map.of(1L, (long) untouched.size()));
  }

  /** How many of the ids were seen how often. */
  private static Map<Long, Long> times(List<String> seen, Set<String> ids) {
    Map<String, Long> times = new HashMap<>();
    ids.forEach(id -> times.put(id, 0L));
    seen.stream().filter(ids::contains).forEach(id -> times.merge(id, 1L, Long::sum));
    return times.values().stream().collect(Collectors.groupingBy(n -> n, Collectors.counting()));
  }

  private Integer write(int writer, AtomicBoolean done) {
    int rounds = 0;
    while (!done.get()) {
      String id = "w%d-%d-%s".formatted(writer, rounds, RUN);
      for (int day : List.of(writer, writer + 3)) {
        Answer put = fhir.put(
            "Observation/" + id,
            "{\"resourceType\":\"Observation\",\"id\":\"%s\"%s}".formatted(id, observation(day)));
        assertThat(put.status()).as(put.body()).isIn(200, 201);
      }
      if (rounds % 2 == 0) {
        assertThat(fhir.delete("Observation/" + id).status()).isEqualTo(204);
      }
      rounds++;
    }
    return rounds;
  }

  /** Reads a page, adds its matches, and sees that whatever the search includes is there. */
  private JsonNode page(String search, List<String> seen) {
    Answer answer = fhir.get(search);
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    JsonNode bundle = answer.json();
    Set<String> wanted = new HashSet<>();
    Set<String> included = new HashSet<>();
    for (JsonNode entry : bundle.path("entry")) {
      JsonNode resource = entry.path("resource");
      if (entry.at("/search/mode").asString().equals("match")) {
        seen.add(resource.path("id").asString());
        wanted.add(resource.at("/subject/reference").asString());
      } else {
        included.add("Patient/" + resource.path("id").asString());
      }
    }
    if (search.contains("_include")) {
      assertThat(included).isEqualTo(wanted);
    }
    return bundle;
  }
}
