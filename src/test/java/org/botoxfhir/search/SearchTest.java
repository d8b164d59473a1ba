package org.botoxfhir.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.Fhir.Answer;
import org.botoxfhir.testing.ServiceTest;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** Searches over HTTP on a few visible records. */
@ServiceTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SearchTest {
  private static final String RUN = UUID.randomUUID().toString();

  @Autowired
  Fhir fhir;

  private String patient;
  private String other;

  @BeforeAll
  void records() {
    patient = create("Patient", """
        "identifier":[{"system":"urn:test:mrn","value":"%s"}],"gender":"female","birthDate":"1980-05",
        "name":[{"family":"Núñez-%s","given":["María José"]}]""".formatted(RUN, RUN));
    other = create("Patient", "\"gender\":\"male\"");
    procedure("day", "completed", "\"performedDateTime\":\"2024-03-05\"");
    procedure("instant", "completed", "\"performedDateTime\":\"2024-03-05T10:00:00Z\"");
    procedure("month", "in-progress", "\"performedDateTime\":\"2024-03\"");
    procedure(
        "period",
        "completed",
        "\"performedPeriod\":{\"start\":\"2024-03-04T22:00:00Z\",\"end\":\"2024-03-05T02:00:00Z\"}");
    procedure("open", "completed", "\"performedPeriod\":{\"start\":\"2024-03-06\"}");
    procedure("undated", "completed", "\"performedString\":\"last spring\"");
  }

  private void procedure(String name, String status, String performed) {
    create("Procedure", """
        "identifier":[{"system":"urn:test:name","value":"%s-%s"}],"status":"%s",%s,
        "code":{"coding":[{"system":"urn:test:a","code":"%s"},{"system":"urn:test:b","code":"%s"}]},
        "subject":{"reference":"Patient/%s"}""".formatted(
            name, RUN, status, performed, "code-" + RUN, "code-" + RUN, patient));
  }

  private String create(String type, String elements) {
    Answer answer = fhir.post(type, "{\"resourceType\":\"%s\",%s}".formatted(type, elements));
    assertThat(answer.status()).as(answer.body()).isEqualTo(201);
    return answer.json().path("id").asString();
  }

  private List<String> names(String query) {
    Answer answer = fhir.get("Procedure?" + encode(query));
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    return answer
        .json()
        .path("entry")
        .valueStream()
        .map(e -> e.at("/resource/identifier/0/value").asString().split("-", 2)[0])
        .toList();
  }

  /** By R4 search.html#prefix: eq wants the value within the range, ge beyond or within it, and so on. */
  static Stream<Arguments> dates() {
    return Stream.of(
        Arguments.of("2024-03-05", Set.of("day", "instant")),
        Arguments.of("eq2024-03", Set.of("day", "instant", "month", "period")),
        Arguments.of("ne2024-03-05", Set.of("month", "period", "open")),
        Arguments.of("gt2024-03-05", Set.of("month", "open")),
        Arguments.of("ge2024-03-05", Set.of("day", "instant", "month", "open")),
        Arguments.of("lt2024-03-05", Set.of("month", "period")),
        Arguments.of("le2024-03-05", Set.of("day", "instant", "month", "period")),
        Arguments.of("sa2024-03-05", Set.of("open")),
        Arguments.of("eb2024-03-05T01:00:00Z", Set.of()),
        Arguments.of("eb2024-03-05T02:00:01Z", Set.of("period")),
        Arguments.of("ap2024-03-05", Set.of("day", "instant", "month", "period", "open")),
        Arguments.of("2024-03-05T12:00:00%2B02:00", Set.of("instant")),
        Arguments.of("2023,2024-03-05T10:00:00Z", Set.of("instant")),
        Arguments.of("ge2024-03-05&date=le2024-03-05", Set.of("day", "instant", "month")));
  }

  @ParameterizedTest
  @MethodSource("dates")
  void datesCompareAsTheRangesThatTheyStandFor(String date, Set<String> found) {
    assertThat(names("patient=Patient/" + patient + "&date=" + date))
        .containsExactlyInAnyOrderElementsOf(found);
    assertThat(names("code=code-" + RUN + "&_sort=_lastUpdated&date=" + date))
        .as("the same by another plan")
        .containsExactlyInAnyOrderElementsOf(found);
  }

  @Test
  void datesAloneFindWhatTheyNameAlongTheTimeline() {
    String later = create("Procedure", """
        "status":"completed","performedPeriod":{"start":"2199-03-04","end":"2199-03-06"},
        "subject":{"reference":"Patient/%s"}""".formatted(other));

    for (String date : List.of(
        "ge2199",
        "gt2199-03-05",
        "2199-03",
        "sa2199-03-03",
        "ge2199&date=lt2199-03-05",
        "eb2200&date=gt2198")) {
      // Newest first: before it there is nothing, after it at most what is still going on.
      assertThat(fhir.get("Procedure?date=" + date)
              .json()
              .at("/entry/0/resource/id")
              .asString())
          .as(date)
          .isEqualTo(later);
    }
    for (String date : List.of("gt2199-03-06", "sa2199-03-04", "lt1900", "eb1900", "ge2200")) {
      assertThat(fhir.get("Procedure?_id=" + later + "&date=" + date)
              .json()
              .path("total")
              .asInt())
          .as(date)
          .isZero();
    }
    fhir.delete("Procedure/" + later);
  }

  static Stream<Arguments> tokens() {
    return Stream.of(
        Arguments.of("code=code-" + RUN, 6),
        Arguments.of("code=urn:test:a|code-" + RUN, 6),
        Arguments.of("code=urn:test:c|code-" + RUN, 0),
        Arguments.of("code=|code-" + RUN, 0),
        Arguments.of("code=urn:test:a|", 6),
        Arguments.of("code=x,urn:test:b|code-" + RUN, 6),
        Arguments.of("code=code-" + RUN + "&status=in-progress", 1),
        Arguments.of(
            "code=code-" + RUN + "&status=http://hl7.org/fhir/event-status|in-progress,completed",
            6),
        Arguments.of("identifier=urn:test:name|day-" + RUN + ",urn:test:name|open-" + RUN, 2),
        Arguments.of("identifier=day-" + RUN + "&status=in-progress", 0));
  }

  @ParameterizedTest
  @MethodSource("tokens")
  void tokensMatchByCodeBySystemOrByBoth(String query, int found) {
    assertThat(names("patient=" + patient + "&" + query)).hasSize(found);
    assertThat(fhir.get("Procedure?_summary=count&patient=" + patient + "&" + encode(query))
            .json()
            .path("total")
            .asInt())
        .isEqualTo(found);
  }

  @Test
  void theBarBetweenSystemAndCodeMayComeRawAsManyClientsSendIt() throws Exception {
    var url = java.net.URI.create(fhir.base() + "/Procedure").toURL();
    var raw = new java.net.URL(
        url, "Procedure?code=urn:test:a|code-" + RUN); // a URI would not take the bar
    try (var body = raw.openStream()) {
      assertThat(new String(body.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8))
          .contains("\"total\":6");
    }
  }

  @Test
  void aReferenceMatchesByIdByTypeAndIdAndByTypeAsModifier() {
    assertThat(names("patient=" + patient)).hasSize(6);
    assertThat(names("subject=Patient/" + patient)).hasSize(6);
    assertThat(names("subject:Patient=" + patient)).hasSize(6);
    assertThat(names("subject=Group/" + patient)).isEmpty();
    assertThat(names("patient=" + other)).isEmpty();
  }

  @Test
  void stringsMatchFromTheStartWithoutCaseAndAccents() {
    for (String query :
        List.of("family=nunez-" + RUN, "name=NUÑEZ-" + RUN, "given=maria&family=núñez-" + RUN)) {
      assertThat(fhir.get("Patient?" + encode(query)).json().path("total").asInt())
          .as(query)
          .isEqualTo(1);
    }
    assertThat(fhir.get("Patient?family=unez-" + RUN).json().path("total").asInt())
        .isZero();
    assertThat(fhir.get("Patient?family=%25").json().path("total").asInt())
        .as("no wildcards")
        .isZero();
  }

  private static String encode(String query) {
    return query
        .replace("ñ", "%C3%B1")
        .replace("Ñ", "%C3%91")
        .replace("ú", "%C3%BA")
        .replace("|", "%7C");
  }

  @Test
  void sortingByDatePutsTheUndatedLastWhenNewestComeFirst() {
    assertThat(names("patient=" + patient + "&_sort=-date"))
        .containsExactly("open", "instant", "day", "period", "month", "undated");
    assertThat(names("patient=" + patient + "&_sort=date"))
        .containsExactly("undated", "month", "period", "day", "instant", "open");
    assertThat(names("patient=" + patient + "&_sort=_lastUpdated"))
        .containsExactly("day", "instant", "month", "period", "open", "undated");
  }

  @Test
  void aSearchMayBePosted() {
    Answer posted = fhir.post(
        "Procedure/_search",
        "patient=" + patient + "&status=in-progress",
        "Content-Type",
        "application/x-www-form-urlencoded");

    assertThat(posted.status()).isEqualTo(200);
    assertThat(posted.json().path("total").asInt()).isEqualTo(1);
  }

  @Test
  void anUnknownParameterIsAnErrorThatListsTheValidOnes() {
    Answer strict = fhir.get("Procedure?bodysite=x&patient=" + patient);
    assertThat(strict.status()).isEqualTo(400);
    assertThat(strict.json().at("/issue/0/diagnostics").asString())
        .contains("'bodysite'", "patient", "date", "_lastUpdated");

    Answer lenient =
        fhir.get("Procedure?bodysite=x&patient=" + patient, "Prefer", "handling=lenient");
    assertThat(lenient.status()).isEqualTo(200);
    assertThat(lenient.json().at("/link/0/url").asString())
        .doesNotContain("bodysite")
        .contains("patient");
    assertThat(lenient
            .json()
            .path("entry")
            .valueStream()
            .filter(e -> e.at("/search/mode").asString().equals("outcome")))
        .hasSize(1);
  }

  @Test
  void whatCannotBeUnderstoodIsRefusedWithTheWayOut() {
    for (String query : List.of(
        "date=yesterday",
        "date=xx2024",
        "_count=many",
        "_count=-1",
        "_total=yes",
        "_summary=no",
        "status:exact=x",
        "patient:Practitioner=1",
        "patient=",
        "code=,")) {
      Answer answer = fhir.get("Procedure?" + query);
      assertThat(answer.status()).as(query).isEqualTo(400);
      assertThat(answer.json().at("/issue/0/diagnostics").asString()).as(query).isNotEmpty();
    }
  }

  @Test
  void pagesShowEveryUntouchedResourceExactlyOnceWhileOthersWrite() {
    String subject = create("Patient", "\"gender\":\"other\"");
    Set<String> untouched = new HashSet<>();
    for (int i = 0; i < 60; i++) {
      untouched.add(observation(subject, i % 7));
    }
    AtomicBoolean done = new AtomicBoolean();
    List<String> seen = new ArrayList<>();
    try (var writers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int w = 0; w < 3; w++) {
        int day = w * 3;
        writers.submit(() -> {
          while (!done.get()) {
            String id = observation(subject, day);
            fhir.put("Observation/" + id, body(id, subject, day + 1));
            fhir.delete("Observation/" + id);
          }
        });
      }
      String page = "Observation?patient=" + subject + "&_count=5";
      while (page != null) {
        JsonNode bundle = fhir.get(page).json();
        bundle.path("entry").forEach(e -> seen.add(e.at("/resource/id").asString()));
        page = fhir.link(bundle, "next");
      }
      done.set(true);
    }
    assertThat(seen.stream().filter(untouched::contains))
        .containsExactlyInAnyOrderElementsOf(untouched);
  }

  private String observation(String subject, int day) {
    return fhir.post("Observation", body("", subject, day)).json().path("id").asString();
  }

  private static String body(String id, String subject, int day) {
    return """
        {"resourceType":"Observation",%s"status":"final","code":{"text":"made up"},"subject":{"reference":"Patient/%s"},
        "effectiveDateTime":"2024-01-0%d"}""".formatted(id.isEmpty() ? "" : "\"id\":\"" + id + "\",", subject, day + 1);
  }

  @Test
  void aPageLinkThatWasTamperedWithOrBelongsToAnotherSearchIsRefused() {
    JsonNode bundle = fhir.get("Procedure?_count=2&patient=" + patient).json();
    assertThat(bundle.at("/link/2/relation").asString()).isEqualTo("next");
    String next =
        bundle.at("/link/2/url").asString().substring(fhir.base().toString().length() + 1);
    String cursor = next.substring(next.indexOf("_cursor=") + 8);

    assertThat(fhir.get(next).status()).isEqualTo(200);
    assertThat(fhir.get(next.replace("_count=2", "_count=3")).status()).isEqualTo(400);
    assertThat(fhir.get("Procedure?_count=2&patient=" + other + "&_cursor=" + cursor)
            .status())
        .isEqualTo(400);
    assertThat(fhir.get(next.substring(0, next.length() - 2) + "AA").status()).isEqualTo(400);
    assertThat(fhir.get("Procedure?_count=2&patient=" + patient + "&_cursor=..").status())
        .isEqualTo(400);
  }

  @Test
  void anUpdatedResourceIsFoundByWhatItSaysNowOnly() {
    String id = create(
        "Condition",
        "\"code\":{\"coding\":[{\"code\":\"old-%s\"}]},\"subject\":{\"reference\":\"Patient/%s\"}"
            .formatted(RUN, other));
    fhir.put(
        "Condition/" + id,
        "{\"resourceType\":\"Condition\",\"id\":\"%s\",\"code\":{\"coding\":[{\"code\":\"new-%s\"}]},\"subject\":{\"reference\":\"Patient/%s\"}}"
            .formatted(id, RUN, other));

    assertThat(fhir.get("Condition?code=old-" + RUN).json().path("total").asInt())
        .isZero();
    assertThat(fhir.get("Condition?code=new-" + RUN).json().path("total").asInt())
        .isEqualTo(1);
  }
}
