package org.botoxfhir.reference;

import static org.assertj.core.api.Assertions.assertThat;

import ca.uhn.fhir.context.FhirContext;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.botoxfhir.reference.MadeUpSearches.Search;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.Fhir.Answer;
import org.botoxfhir.testing.ServiceTest;
import org.hl7.fhir.r4.model.Resource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the service finds is what {@link ReferenceSearch} finds: no more and no less, for thousands of made-up searches over the records
 * of 58 generated patients and the examples. {@code -Dbotox.test.seed} makes other searches, {@code -Dbotox.test.searches} more.
 */
@ServiceTest(ownDatabase = true)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SearchAgainstReferenceTest {
  private static final Path RESOURCES = Path.of("src", "test", "resources");
  private static final int IN_A_BUNDLE = 200;
  private static final int WAYS_EACH = 4;
  private static final int MOST_SHOWN = 25;

  private final long seed = Long.getLong("botox.test.seed", 20261122);
  private final int searches = Integer.getInteger("botox.test.searches", 1500);

  @Autowired
  Fhir fhir;

  private ReferenceSearch data;

  @BeforeAll
  void records() throws IOException {
    Path records = RESOURCES.resolve("synthea-searches").resolve("records.ndjson.gz");
    try (var lines = new BufferedReader(new InputStreamReader(
        new GZIPInputStream(Files.newInputStream(records)), StandardCharsets.UTF_8))) {
      List<String> entries = new ArrayList<>();
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        JsonNode resource = JsonMapper.shared().readTree(line);
        String url =
            resource.path("resourceType").asString() + "/" + resource.path("id").asString();
        entries.add("{\"resource\":%s,\"request\":{\"method\":\"PUT\",\"url\":\"%s\"}}"
            .formatted(line, url));
      }
      for (int from = 0; from < entries.size(); from += IN_A_BUNDLE) {
        store("{\"resourceType\":\"Bundle\",\"type\":\"transaction\",\"entry\":["
            + String.join(",", entries.subList(from, Math.min(from + IN_A_BUNDLE, entries.size())))
            + "]}");
      }
    }
    try (Stream<Path> examples = Files.list(RESOURCES.resolve("examples"))) {
      for (Path example :
          examples.filter(p -> p.toString().endsWith(".json")).sorted().toList()) {
        String text = Files.readString(example);
        if (JsonMapper.shared().readTree(text).path("resourceType").asString().equals("Bundle")) {
          store(text);
        }
      }
    }
    for (String kind : List.of("blepharospasm", "chronic-migraine", "cervical-dystonia")) {
      String report =
          Files.readString(RESOURCES.resolve("examples").resolve(kind + "-report.json"));
      assertThat(fhir.post("QuestionnaireResponse", report).status()).isEqualTo(201);
    }
    data = new ReferenceSearch(FhirContext.forR4Cached(), onFile(), advertised());
  }

  private void store(String bundle) {
    Answer answer = fhir.post("", bundle);
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
  }

  private Map<String, Set<String>> advertised() {
    Map<String, Set<String>> codes = new HashMap<>();
    fhir.get("metadata")
        .json()
        .at("/rest/0/resource")
        .forEach(type -> type.path("searchParam")
            .forEach(p -> codes
                .computeIfAbsent(type.path("type").asString(), t -> new HashSet<>())
                .add(p.path("name").asString())));
    return codes;
  }

  /** By history, which is no search: all that was sent, what came of it, and what the service ships with. */
  private List<Resource> onFile() {
    var parser = FhirContext.forR4Cached().newJsonParser();
    Map<String, JsonNode> current = new HashMap<>();
    @Nullable String page = "_history?_count=1000";
    while (page != null) {
      JsonNode bundle = fhir.get(page).json();
      bundle.path("entry").forEach(entry -> {
        JsonNode resource = entry.path("resource");
        if (!resource.isMissingNode()) {
          current.putIfAbsent(
              resource.path("resourceType").asString() + "/"
                  + resource.path("id").asString(),
              resource);
        }
      });
      page = fhir.link(bundle, "next");
    }
    return current.entrySet().stream()
        .filter(one -> !one.getKey().startsWith("AuditEvent/"))
        .sorted(Map.Entry.comparingByKey())
        .map(one -> (Resource) parser.parseResource(one.getValue().toString()))
        .toList();
  }

  @Test
  void whatComesAlongIsWhatTheReferencesNameNoMoreAndNoLess() {
    List<MadeUpSearches.Inclusion> all = new MadeUpSearches(data, seed).ofEveryReference();
    for (MadeUpSearches.Inclusion one : all) {
      Answer answer = fhir.get(one.url());
      assertThat(answer.status()).as(one.url() + ": " + answer.body()).isEqualTo(200);
      Set<String> matches = new HashSet<>();
      List<String> included = new ArrayList<>();
      answer.json().path("entry").forEach(entry -> {
        String key = entry.at("/resource/resourceType").asString() + "/"
            + entry.at("/resource/id").asString();
        if (entry.at("/search/mode").asString().equals("match")) {
          matches.add(key);
        } else {
          included.add(key);
        }
      });
      Set<String> expected = new HashSet<>(one.expected());
      expected.removeAll(matches);
      assertThat(included).as(one.url()).containsExactlyInAnyOrderElementsOf(expected);
    }
    assertThat(all).as("references that lead somewhere, and back").hasSizeGreaterThan(50);
  }

  @Test
  void everySearchFindsWhatLookingAtEachResourceFindsNoMoreAndNoLess() {
    var made = new MadeUpSearches(data, seed);
    List<Search> all = new ArrayList<>(made.ofEveryParameter(WAYS_EACH));
    while (all.size() < 2000 + searches) {
      all.add(made.any());
    }
    List<String> wrong = new ArrayList<>();
    int found = 0;
    int paged = 0;
    for (Search search : all) {
      Set<String> before = search.expected(data, Instant.now());
      List<String> ids = new ArrayList<>();
      String problem = "";
      String page = search.url();
      int pages = 0;
      while (page != null && problem.isEmpty()) {
        Answer answer = fhir.get(page);
        pages++;
        if (answer.status() == 200) {
          JsonNode bundle = answer.json();
          bundle.path("entry").forEach(entry -> ids.add(entry.at("/resource/id").asString()));
          page = fhir.link(bundle, "next");
        } else {
          problem = answer.status() + " " + answer.body();
        }
      }
      Set<String> missed = new LinkedHashSet<>(before);
      ids.forEach(missed::remove);
      Set<String> extra = new LinkedHashSet<>(ids);
      extra.removeAll(before);
      boolean disagrees = !problem.isEmpty()
          || !missed.isEmpty()
          || !extra.isEmpty()
          || new HashSet<>(ids).size() != ids.size();
      // What is "approximately" depends on now: only what is so all the while is held against it.
      if (disagrees && search.expected(data, Instant.now()).equals(before)) {
        wrong.add("%s (%s)%n  expected %d, got %d; missed %s, extra %s %s"
            .formatted(
                java.net.URLDecoder.decode(search.url(), StandardCharsets.UTF_8),
                search.url(),
                before.size(),
                ids.size(),
                missed.stream().limit(3).toList(),
                extra.stream().limit(3).toList(),
                problem));
      }
      found += ids.isEmpty() ? 0 : 1;
      paged += pages > 1 ? 1 : 0;
    }
    System.out.printf(
        "%d searches of %d types, seed %d: %d found something, %d over several pages, %d disagreements%n",
        all.size(), data.types().size(), seed, found, paged, wrong.size());
    assertThat(wrong.stream().limit(MOST_SHOWN))
        .as(
            "%d of %d searches disagree; -Dbotox.test.seed=%d makes them again",
            wrong.size(), all.size(), seed)
        .isEmpty();
    assertThat(found).as("searches that find something").isGreaterThan(all.size() / 3);
    assertThat(paged).as("searches over several pages").isGreaterThan(100);
  }
}
