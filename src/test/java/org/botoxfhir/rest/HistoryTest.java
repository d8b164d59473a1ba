package org.botoxfhir.rest;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.Fhir.Answer;
import org.botoxfhir.testing.ServiceTest;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** Histories of a resource, a type and the system over HTTP. */
@ServiceTest
class HistoryTest {
  private static final DateTimeFormatter MILLISECONDS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

  @Autowired
  Fhir fhir;

  private static String patient(String id, String family) {
    return "{\"resourceType\":\"Patient\",\"id\":\"%s\",\"name\":[{\"family\":\"%s\"}]}"
        .formatted(id, family);
  }

  private static String organization(String id, String name) {
    return "{\"resourceType\":\"Organization\",\"id\":\"%s\",\"name\":\"%s\"}".formatted(id, name);
  }

  /** Puts a patient. @return when that version was written, always to the millisecond */
  private String put(String id, String family) {
    JsonNode stored = fhir.put("Patient/" + id, patient(id, family)).json();
    return MILLISECONDS.format(Instant.parse(stored.at("/meta/lastUpdated").asString()));
  }

  private static String newId() {
    return UUID.randomUUID().toString();
  }

  private Answer follow(JsonNode bundle, String relation) {
    return fhir.get(Objects.requireNonNull(fhir.link(bundle, relation)));
  }

  private boolean hasNext(JsonNode bundle) {
    return fhir.link(bundle, "next") != null;
  }

  /** Method, status and version of each entry, with its resource: {@code PUT 200 Patient/1 W/"2"}. */
  private static List<String> lines(JsonNode bundle) {
    return bundle
        .path("entry")
        .valueStream()
        .map(entry -> "%s %s %s %s"
            .formatted(
                entry.at("/request/method").asString(),
                entry.at("/response/status").asString(),
                entry.path("fullUrl").asString().replaceFirst(".*/fhir/", ""),
                entry.at("/response/etag").asString()))
        .toList();
  }

  @Test
  void theHistoryOfWhatNeverWasIsNotFoundAndThatOfWhatIsDeletedIsThere() {
    String id = newId();
    assertThat(fhir.get("Patient/" + id + "/_history").status()).isEqualTo(404);

    put(id, "Goneson");
    fhir.delete("Patient/" + id);

    Answer history = fhir.get("Patient/" + id + "/_history");
    assertThat(history.status()).isEqualTo(200);
    assertThat(lines(history.json()))
        .containsExactly(
            "DELETE 204 Patient/%s W/\"2\"".formatted(id),
            "POST 201 Patient/%s W/\"1\"".formatted(id));
    assertThat(history.json().at("/entry/0").has("resource")).isFalse();
    assertThat(fhir.get("Patient/" + id + "/_history?_since=2100-01-01").status())
        .isEqualTo(200);
  }

  @Test
  void whatAHistoryDoesNotTakeIsRefusedByName() {
    String id = newId();
    put(id, "Strictson");

    for (String query : List.of(
        "family=x", "_since=yesterday", "_at=2026-13", "_count=-1", "_count=many", "_cursor=abc")) {
      for (String path : List.of("Patient/" + id + "/_history", "Patient/_history", "_history")) {
        Answer answer = fhir.get(path + "?" + query);
        assertThat(answer.status()).as(path + "?" + query).isEqualTo(400);
        assertThat(answer.json().path("resourceType").asString()).isEqualTo("OperationOutcome");
      }
    }
    assertThat(fhir.get("Spaceship/_history").status()).isEqualTo(404);
  }

  @Test
  void aPageLinkOfOneHistoryIsNoneOfAnother() {
    String id = newId();
    put(id, "One");
    put(id, "Two");
    JsonNode first = fhir.get("Patient/" + id + "/_history?_count=1").json();
    String next = first.at("/link/2/url").asString();

    String moved = next.substring(next.indexOf("/_history")).replaceFirst("^/", "");

    assertThat(follow(first, "next").status()).isEqualTo(200);
    assertThat(fhir.get("Patient/" + moved).status()).isEqualTo(400);
    assertThat(fhir.get(moved).status()).isEqualTo(400);
  }

  @Test
  void aTypeAndTheSystemListTheirVersionsNewestFirstWithWhatEachOneDid() {
    String id = newId();
    String other = newId();
    String since = put(id, "V1");
    fhir.put("Organization/" + other, organization(other, "A"));
    put(id, "V2");
    fhir.delete("Patient/" + id);
    put(id, "V4");
    fhir.put("Organization/" + other, organization(other, "B"));

    List<String> patients = List.of(
        "PUT 201 Patient/%s W/\"4\"".formatted(id),
        "DELETE 204 Patient/%s W/\"3\"".formatted(id),
        "PUT 200 Patient/%s W/\"2\"".formatted(id),
        "POST 201 Patient/%s W/\"1\"".formatted(id));
    List<String> all = new ArrayList<>(patients);
    all.add(3, "POST 201 Organization/%s W/\"1\"".formatted(other));
    all.addFirst("PUT 200 Organization/%s W/\"2\"".formatted(other));

    JsonNode ofType = fhir.get("Patient/_history?_since=" + since).json();
    assertThat(lines(ofType)).isEqualTo(patients);
    assertThat(ofType.path("type").asString()).isEqualTo("history");
    assertThat(ofType.path("total").asInt()).isEqualTo(4);
    assertThat(ofType.at("/entry/2/resource/name/0/family").asString()).isEqualTo("V2");
    assertThat(ofType.at("/entry/1").has("resource")).isFalse();
    assertThat(ofType.at("/entry/3/response/lastModified").asString())
        .isEqualTo(Instant.parse(since).toString());
    assertThat(lines(fhir.get("_history?_since=" + since).json())).isEqualTo(all);
  }

  @Test
  void aVersionThatIsWrittenWhileAClientPagesNeitherShiftsNorRepeatsOthers() {
    String first = newId();
    String since = put(first, "P0");
    List<String> expected = new ArrayList<>();
    expected.add("POST 201 Patient/%s W/\"1\"".formatted(first));
    for (int i = 1; i < 10; i++) {
      String id = newId();
      put(id, "P" + i);
      expected.addFirst("POST 201 Patient/%s W/\"1\"".formatted(id));
    }

    for (String path : List.of("Patient/_history", "_history")) {
      List<String> seen = new ArrayList<>();
      JsonNode page = fhir.get(path + "?_count=3&_since=" + since).json();
      // The versions of the pages before grow; every page ends where it would have ended.
      seen.addAll(lines(page).stream().filter(line -> line.endsWith("\"1\"")).toList());
      while (hasNext(page)) {
        put(first, "later " + seen.size() + path);
        fhir.put("Patient/" + newId(), "{\"resourceType\":\"Patient\"}");
        page = follow(page, "next").json();
        seen.addAll(lines(page));
      }
      assertThat(seen).as(path).doesNotHaveDuplicates().containsSubsequence(expected);
    }
  }

  @Test
  void anInstancePagesThroughItsVersionsWhileOthersAreWritten() {
    String id = newId();
    for (int i = 1; i <= 7; i++) {
      put(id, "V" + i);
    }
    List<String> seen = new ArrayList<>();
    JsonNode page = fhir.get("Patient/" + id + "/_history?_count=2").json();
    assertThat(page.path("total").asInt()).isEqualTo(7);
    seen.addAll(lines(page));
    for (int i = 8; hasNext(page); i++) {
      put(id, "V" + i);
      page = follow(page, "next").json();
      seen.addAll(lines(page));
    }

    assertThat(seen.stream().map(line -> line.replaceFirst(".* W/", "")))
        .containsExactly("\"7\"", "\"6\"", "\"5\"", "\"4\"", "\"3\"", "\"2\"", "\"1\"");
  }

  @Test
  void sinceIncludesTheVersionOfThatMomentAndNoneBeforeIt() {
    String id = newId();
    put(id, "V1");
    String second = put(id, "V2");
    put(id, "V3");

    JsonNode history = fhir.get("Patient/" + id + "/_history?_since=" + second).json();

    assertThat(history.path("total").asInt()).isEqualTo(2);
    assertThat(lines(history)).noneMatch(line -> line.endsWith("\"1\"")).hasSize(2);
  }

  @Test
  void atListsWhatWasCurrentThenWhateverHasBecomeOfIt() {
    String id = newId();
    String first = put(id, "V1");
    String second = put(id, "V2");
    fhir.delete("Patient/" + id);
    String fourth = put(id, "V4");

    for (String path : List.of("Patient/" + id + "/_history", "Patient/_history", "_history")) {
      assertThat(versionsOf(id, path + "?_count=1000&_at=" + first)).as(path).containsExactly(1);
      assertThat(versionsOf(id, path + "?_count=1000&_at=" + second)).as(path).containsExactly(2);
      assertThat(versionsOf(id, path + "?_count=1000&_at=" + fourth)).as(path).containsExactly(4);
      assertThat(versionsOf(id, path + "?_count=1000&_at=2100")).as(path).containsExactly(4);
      assertThat(versionsOf(id, path + "?_count=1000&_at=2001")).as(path).isEmpty();
    }
    String year = first.substring(0, 4);
    assertThat(versionsOf(id, "Patient/" + id + "/_history?_at=" + year))
        .containsExactly(4, 3, 2, 1);
    fhir.delete("Patient/" + id);
    assertThat(versionsOf(id, "Patient/" + id + "/_history?_at=2100")).isEmpty();
  }

  private List<Integer> versionsOf(String id, String path) {
    List<Integer> versions = new ArrayList<>();
    JsonNode page = fhir.get(path).json();
    while (true) {
      page.path("entry")
          .valueStream()
          .filter(entry -> entry.path("fullUrl").asString().endsWith(id))
          .forEach(entry -> versions.add(
              Integer.valueOf(entry.at("/response/etag").asString().replaceAll("[^0-9]", ""))));
      if (!hasNext(page)) {
        return versions;
      }
      page = follow(page, "next").json();
    }
  }

  @Test
  void aCountOfZeroAnswersWithTheNumberOfVersionsAlone() {
    String id = newId();
    String since = put(id, "V1");
    put(id, "V2");
    fhir.delete("Patient/" + id);

    for (String path : List.of("Patient/" + id + "/_history", "Patient/_history", "_history")) {
      for (String count : List.of("_count=0", "_summary=count")) {
        JsonNode answer =
            fhir.get("%s?%s&_since=%s".formatted(path, count, since)).json();
        assertThat(answer.path("total").asInt()).as(path).isEqualTo(3);
        assertThat(answer.has("entry")).as(path).isFalse();
      }
    }
  }

  @Test
  void aHistoryComesAsXmlPrettyOrShortened() {
    String id = newId();
    String since = put(id, "Lookson");

    for (String path : List.of("Patient/" + id + "/_history", "Patient/_history", "_history")) {
      String query = path + "?_since=" + URLEncoder.encode(since, StandardCharsets.UTF_8);
      assertThat(fhir.get(query, "Accept", "application/fhir+xml").body())
          .contains("<family value=\"Lookson\"");
      assertThat(fhir.get(query + "&_pretty=true").body()).contains("\n  \"");
      JsonNode shortened = fhir.get(query + "&_elements=gender").json();
      assertThat(shortened.at("/entry/0/resource/id").asString()).isEqualTo(id);
      assertThat(shortened.at("/entry/0/resource").has("name")).isFalse();
    }
  }
}
