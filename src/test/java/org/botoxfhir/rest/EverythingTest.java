package org.botoxfhir.rest;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.Fhir.Answer;
import org.botoxfhir.testing.ServiceTest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** A patient's whole record over HTTP. */
@ServiceTest
class EverythingTest {
  @Autowired
  Fhir fhir;

  /** A suffix of every id, so that each test has records of its own. */
  private String own = "";

  private String ann = "";

  @BeforeEach
  void aRecord() {
    own = "-" + UUID.randomUUID().toString().substring(0, 18);
    ann = "Patient/ann" + own;
    put("Organization", "clinic", "\"name\":\"Made up\"");
    put("Practitioner", "injector", "\"active\":true");
    put("Practitioner", "stranger", "\"active\":true");
    put("Patient", "bob", "\"active\":true");
    put("Patient", "ann", "\"managingOrganization\":{\"reference\":\"Organization/clinic%s\"}");
    put(
        "Procedure",
        "injection",
        "\"status\":\"completed\",\"subject\":{\"reference\":\"Patient/ann%1$s\"},\"performedDateTime\":\"2026-03-01\","
            + "\"performer\":[{\"actor\":{\"reference\":\"Practitioner/injector%1$s\"}},"
            + "{\"actor\":{\"reference\":\"Organization/clinic%1$s\"}}]");
    put(
        "Observation",
        "bobs",
        "\"status\":\"final\",\"code\":{\"text\":\"made up\"},\"subject\":{\"reference\":\"Patient/bob%1$s\"},"
            + "\"performer\":[{\"reference\":\"Practitioner/stranger%1$s\"}]");
    put(
        "Observation",
        "later",
        "\"status\":\"final\",\"code\":{\"text\":\"made up\"},\"subject\":{\"reference\":\"Patient/ann%1$s\"},"
            + "\"effectiveDateTime\":\"2026-06-01\",\"focus\":[{\"reference\":\"Patient/bob%1$s\"}],"
            + "\"hasMember\":[{\"reference\":\"Observation/bobs%1$s\"}],"
            + "\"performer\":[{\"reference\":\"Practitioner/injector%1$s/_history/1\"}],"
            + "\"note\":[{\"text\":\"\\\"reference\\\":\\\"Practitioner/stranger%1$s\\\"\"}]");
    put(
        "Observation",
        "undated",
        "\"status\":\"final\",\"code\":{\"text\":\"made up\"},\"subject\":{\"reference\":\"Patient/ann%1$s\"}");
    put(
        "Condition",
        "lasting",
        "\"subject\":{\"reference\":\"Patient/ann%1$s\"},\"recordedDate\":\"2020-01-01\"");
    put(
        "Condition",
        "over",
        "\"subject\":{\"reference\":\"Patient/ann%1$s\"},\"recordedDate\":\"2020-01-01\",\"abatementDateTime\":\"2021-01-01\"");
  }

  private JsonNode put(String type, String name, String elements) {
    Answer stored = fhir.put(
        "%s/%s%s".formatted(type, name, own),
        "{\"resourceType\":\"%s\",\"id\":\"%s%s\",%s}"
            .formatted(type, name, own, elements.formatted(own)));
    assertThat(stored.status()).as(stored.body()).isBetween(200, 201);
    return stored.json();
  }

  /** References of the resources of a bundle, without the suffix of this test. */
  private List<String> names(JsonNode bundle) {
    return bundle
        .path("entry")
        .valueStream()
        .map(entry -> entry.at("/resource/resourceType").asString() + "/"
            + entry.at("/resource/id").asString().replace(own, ""))
        .toList();
  }

  private List<String> everything(String query) {
    Answer answer = fhir.get(ann + "/$everything" + query);
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    return names(answer.json());
  }

  @Test
  void ofWhatNeverWasItIsNotFoundAndOfWhatIsDeletedGone() {
    assertThat(fhir.get("Patient/nobody" + own + "/$everything").status()).isEqualTo(404);
    String id = "Patient/left" + own;
    put("Patient", "left", "\"active\":false");
    fhir.delete(id);
    assertThat(fhir.get(id + "/$everything").status()).isEqualTo(410);
    assertThat(fhir.get("Patient/$everything").status()).isBetween(400, 404);
  }

  @Test
  void whatItDoesNotTakeIsRefusedByName() {
    for (String query : List.of(
        "name=x",
        "_elements=id",
        "_summary=true",
        "start=soon",
        "_type=Spaceship",
        "_count=many",
        "_cursor=abc",
        "_since=")) {
      Answer answer = fhir.get(ann + "/$everything?" + query);
      assertThat(answer.status()).as(query).isEqualTo(400);
      assertThat(answer.json().path("resourceType").asString()).isEqualTo("OperationOutcome");
    }
  }

  @Test
  void thePatientComesFirstThenTheRecordsThenWhatTheyReferToEachOnceAndNothingOfAnotherPatient() {
    JsonNode bundle = fhir.get(ann + "/$everything").json();

    assertThat(bundle.path("type").asString()).isEqualTo("searchset");
    assertThat(names(bundle))
        .startsWith("Patient/ann")
        .containsExactlyInAnyOrder(
            "Patient/ann",
            "Procedure/injection",
            "Observation/later",
            "Observation/undated",
            "Condition/lasting",
            "Condition/over",
            "Practitioner/injector",
            "Organization/clinic");
    assertThat(names(bundle).subList(6, 8))
        .containsExactlyInAnyOrder("Practitioner/injector", "Organization/clinic");
    assertThat(bundle.at("/entry/0/search/mode").asString()).isEqualTo("match");
    assertThat(bundle.at("/entry/7/search/mode").asString()).isEqualTo("include");
    assertThat(bundle.at("/entry/0/resource")).isEqualTo(fhir.get(ann).json());
  }

  @Test
  void pagesOfAnySizeHoldEachResourceOnceWhileOthersAreWritten() {
    Set<String> whole = new HashSet<>(everything(""));
    for (int count : new int[] {1, 2, 3, 7}) {
      List<String> seen = new ArrayList<>();
      JsonNode page = fhir.get(ann + "/$everything?_count=" + count).json();
      seen.addAll(names(page));
      for (String next = fhir.link(page, "next"); next != null; next = fhir.link(page, "next")) {
        put(
            "Observation",
            "undated",
            "\"status\":\"amended\",\"code\":{\"text\":\"%d %d\"},\"subject\":{\"reference\":\"Patient/ann%%1$s\"}"
                .formatted(count, seen.size()));
        Answer answer = fhir.get(next);
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        page = answer.json();
        assertThat(page.path("entry").size()).isLessThanOrEqualTo(count);
        seen.addAll(names(page));
      }
      assertThat(seen).as("_count=%d", count).doesNotHaveDuplicates().containsAll(whole);
      assertThat(seen).as("_count=%d", count).hasSameSizeAs(whole).startsWith("Patient/ann");
    }
  }

  @Test
  void theTimeOfCareLeavesOutWhatEndedBeforeOrBeganAfterItAndNothingElse() {
    assertThat(everything("?start=2026-04-01"))
        .contains("Observation/later", "Observation/undated", "Condition/lasting", "Patient/ann")
        .doesNotContain("Procedure/injection", "Condition/over");
    assertThat(everything("?end=2026-04-01"))
        .contains("Procedure/injection", "Condition/over", "Observation/undated")
        .doesNotContain("Observation/later");
    assertThat(everything("?start=2026-03-01&end=2026-03-01"))
        .contains("Procedure/injection", "Condition/lasting")
        .doesNotContain("Observation/later", "Condition/over");
  }

  @Test
  void sinceLeavesOutRecordsThatWereNotWrittenSince() {
    JsonNode last = put(
        "Flag",
        "newest",
        "\"status\":\"active\",\"code\":{\"text\":\"made up\"},\"subject\":{\"reference\":\"Patient/ann%1$s\"}");
    Instant since = Instant.parse(last.at("/meta/lastUpdated").asString());

    assertThat(everything("?_since=" + since))
        .contains("Flag/newest")
        .doesNotContain("Patient/ann", "Procedure/injection");
  }

  @Test
  void typesLimitWhatComesAlsoOfWhatIsReferredTo() {
    assertThat(everything("?_type=Procedure,Practitioner"))
        .containsExactly("Procedure/injection", "Practitioner/injector");
    assertThat(everything("?_type=Practitioner")).containsExactly("Practitioner/injector");
    assertThat(everything("?_type=Patient&_type=Flag")).containsExactly("Patient/ann");
  }

  @Test
  void theParametersComeByPostAsWell() {
    Answer answer = fhir.post(
        ann + "/$everything",
        "{\"resourceType\":\"Parameters\",\"parameter\":[{\"name\":\"_type\",\"valueCode\":\"Condition\"},"
            + "{\"name\":\"start\",\"valueDate\":\"2026-01-01\"}]}");

    assertThat(answer.status()).isEqualTo(200);
    assertThat(names(answer.json())).containsExactly("Condition/lasting");
    assertThat(fhir.post(ann + "/$everything", "{\"resourceType\":\"Patient\"}").status())
        .isEqualTo(400);
  }

  @Test
  void itComesAsXmlOrPretty() {
    assertThat(fhir.get(ann + "/$everything?_type=Procedure", "Accept", "application/fhir+xml")
            .body())
        .contains("<Procedure", "<performedDateTime value=\"2026-03-01\"");
    assertThat(fhir.get(ann + "/$everything?_pretty=true").body()).contains("\n  \"");
  }
}
