package org.botoxfhir.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.Fhir.Answer;
import org.botoxfhir.testing.ServiceTest;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** Searches at the base and in compartments, on records whose ids end with the run and which bear its tag. */
@ServiceTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SearchOfSeveralTypesTest {
  private static final String RUN = UUID.randomUUID().toString().substring(0, 8);

  @Autowired
  Fhir fhir;

  @BeforeAll
  void clinic() {
    put("Organization", "clinic", "\"name\":\"Clinic\"");
    put("Practitioner", "nurse", "\"name\":[{\"family\":\"Nurse\"}]");
    put("Patient", "ann", """
        "generalPractitioner":[{"reference":"Practitioner/nurse-%s"}]""".formatted(RUN));
    put("Patient", "bob", """
        "link":[{"other":{"reference":"Patient/ann-%s"},"type":"seealso"}]""".formatted(RUN));
    put("Encounter", "visit", """
        "status":"finished","class":{"code":"AMB"},"subject":{"reference":"Patient/ann-%s"},"period":{"start":"2024-03-01"}""".formatted(RUN));
    put("Procedure", "injection", """
        "status":"completed","subject":{"reference":"Patient/ann-%1$s"},"encounter":{"reference":"Encounter/visit-%1$s"},
        "performedDateTime":"2024-03-01","code":{"coding":[{"system":"urn:test","code":"inject"}]},
        "performer":[{"actor":{"reference":"Practitioner/nurse-%1$s"}}]""".formatted(RUN));
    put("Procedure", "by-herself", """
        "status":"completed","subject":{"reference":"Patient/bob-%1$s"},"performedDateTime":"2024-03-02",
        "performer":[{"actor":{"reference":"Patient/ann-%1$s"}}]""".formatted(RUN));
    put("Procedure", "on-herself", """
        "status":"completed","subject":{"reference":"Patient/ann-%1$s"},"performedDateTime":"2024-03-03",
        "performer":[{"actor":{"reference":"Patient/ann-%1$s"}}]""".formatted(RUN));
    put("Observation", "pain", """
        "status":"final","code":{"text":"Pain"},"subject":{"reference":"Patient/ann-%s"},"effectiveDateTime":"2024-03-04\"""".formatted(RUN));
    put("Task", "call", """
        "status":"requested","intent":"order","for":{"reference":"Patient/ann-%s"}""".formatted(RUN));
  }

  private void put(String type, String name, String elements) {
    Answer answer = fhir.put(
        "%s/%s-%s".formatted(type, name, RUN), """
        {"resourceType":"%s","id":"%s-%s","meta":{"tag":[{"system":"urn:run","code":"%s"}]},%s}""".formatted(type, name, RUN, RUN, elements));
    assertThat(answer.status()).as(answer.body()).isIn(200, 201);
  }

  private JsonNode bundle(String search) {
    Answer answer = fhir.get(search.replace("@", RUN).replace("|", "%7C").replace("*", "%2A"));
    assertThat(answer.status()).as(search + ": " + answer.body()).isEqualTo(200);
    return answer.json();
  }

  private static List<String> names(JsonNode bundle, String mode) {
    return bundle
        .path("entry")
        .valueStream()
        .filter(entry -> entry.at("/search/mode").asString().equals(mode))
        .map(entry -> entry.at("/resource/id").asString().replace("-" + RUN, ""))
        .toList();
  }

  private static List<String> words(String text) {
    return text.isBlank() ? List.of() : List.of(text.strip().split(" "));
  }

  @ParameterizedTest
  @CsvSource(delimiter = ';', textBlock = """
      ?_tag=urn:run|@;                               clinic nurse ann bob visit injection by-herself on-herself pain call
      ?_tag=urn:run|@&_type=Patient;                 ann bob
      ?_tag=urn:run|@&_type=Patient,Procedure;       ann bob injection by-herself on-herself
      ?_tag=urn:run|@&_type=Patient,Procedure&_type=Procedure,Task; injection by-herself on-herself
      ?_type=Procedure,Observation&patient=ann-@;    injection on-herself pain
      ?_type=Procedure,Encounter&_tag=@&date=lt2024-03-02; visit injection
      ?_id=pain-@,call-@;                            pain call
      ?_id=pain-@&_lastUpdated=lt2000;               ''
      Patient/ann-@/Procedure;                       injection by-herself on-herself
      Patient/ann-@/Procedure?code=inject;           injection
      Patient/ann-@/Patient;                         ann bob
      Patient/ann-@/Observation?status=final;        pain
      Patient/ann-@/Observation?status=registered;   ''
      Patient/ann-@/*;                               ann bob visit injection by-herself on-herself pain
      Patient/ann-@/*?_type=Observation,Encounter;   visit pain
      Patient/nobody-@/Procedure;                    ''
      Practitioner/nurse-@/*;                        nurse ann injection
      Practitioner/nurse-@/Procedure;                injection
      Encounter/visit-@/Procedure;                   injection
      Encounter/visit-@/*;                           visit injection
      """)
  void whatIsAskedForIsFoundOnce(String search, String names) {
    JsonNode bundle =
        bundle(search.strip() + (search.contains("?") ? "&" : "?") + "_total=accurate");
    assertThat(names(bundle, "match")).containsExactlyInAnyOrderElementsOf(words(names));
    assertThat(bundle.path("total").asInt()).isEqualTo(words(names).size());
    assertThat(bundle(search.strip() + (search.contains("?") ? "&" : "?") + "_summary=count")
            .path("total")
            .asInt())
        .as("counted alone")
        .isEqualTo(words(names).size());
  }

  @Test
  void aRecordIsReadNewestFirstByWhenThingsHappened() {
    assertThat(names(bundle("Patient/ann-@/*?_type=Procedure,Observation,Encounter"), "match"))
        .startsWith("pain", "on-herself", "by-herself")
        .last()
        .isIn("visit", "injection");
  }

  @ParameterizedTest
  @CsvSource(delimiter = ';', textBlock = """
      ?_type=Procedure,Observation&_tag=@&_sort=date;        injection by-herself on-herself pain
      ?_type=Procedure,Patient&_tag=@&_sort=-_id;            on-herself injection by-herself bob ann
      Patient/ann-@/Procedure?_sort=-date;                   on-herself by-herself injection
      Patient/ann-@/Procedure?_sort=status,_id;              by-herself injection on-herself
      Patient/ann-@/*?_type=Procedure,Observation&_sort=_id; by-herself injection on-herself pain
      """)
  void severalTypesAreSortedTogetherAndPagedForthAndBack(String search, String names) {
    assertThat(names(bundle(search.strip()), "match")).containsExactlyElementsOf(words(names));
    List<String> forth = new ArrayList<>();
    JsonNode page = bundle(search.strip() + "&_count=2");
    forth.addAll(names(page, "match"));
    for (String next = fhir.link(page, "next"); next != null; next = fhir.link(page, "next")) {
      page = bundle(next);
      forth.addAll(names(page, "match"));
    }
    assertThat(forth).as("forth").containsExactlyElementsOf(words(names));
    List<String> back = new ArrayList<>(names(page, "match"));
    for (String last = fhir.link(page, "previous");
        last != null;
        last = fhir.link(page, "previous")) {
      page = bundle(last);
      back.addAll(0, names(page, "match"));
    }
    assertThat(back).as("back").containsExactlyElementsOf(words(names));
  }

  @Test
  void aPageOfSeveralTypesBringsWhatBelongsToIt() {
    JsonNode bundle = bundle(
        "Patient/ann-@/*?_type=Procedure,Encounter&_include=Procedure:performer:Practitioner");
    assertThat(names(bundle, "match")).contains("visit", "injection");
    assertThat(names(bundle, "include")).containsExactly("nurse");
  }

  @Test
  void theLinkToItselfNamesTheCompartment() {
    JsonNode bundle = bundle("Patient/ann-@/Procedure?code=inject");
    assertThat(bundle.at("/link/0/url").asString())
        .isEqualTo(fhir.base() + "/Patient/ann-" + RUN + "/Procedure?code=inject");
    assertThat(bundle("?_type=Patient&_tag=@").at("/link/0/url").asString())
        .isEqualTo(fhir.base() + "?_tag=" + RUN + "&_type=Patient");
  }

  @Test
  void aPostedSearchFindsTheSame() {
    String form = "application/x-www-form-urlencoded";
    assertThat(names(
            fhir.post("_search", "_type=Patient,Task&_tag=" + RUN, "Content-Type", form)
                .json(),
            "match"))
        .containsExactlyInAnyOrder("ann", "bob", "call");
    assertThat(names(
            fhir.post(
                    "Patient/ann-" + RUN + "/Procedure/_search",
                    "code=inject",
                    "Content-Type",
                    form)
                .json(),
            "match"))
        .containsExactly("injection");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "?_type=Nothing",
        "?_type=Patient&_type=Task",
        "?name=x",
        "?_type=Patient,Procedure&gender=male",
        "?_type=Patient,Procedure&_sort=gender",
        "?_type=Patient&_include=Procedure:patient",
        "Procedure?_type=Procedure",
        "Patient/1/Task",
        "Patient/1/Organization",
        "Organization/1/Patient",
        "Patient/1/Procedure?_type=Procedure",
        "Patient/1/Procedure?nothing=1"
      })
  void whatCannotBeAskedIsRefusedWithTheWayOut(String search) {
    Answer answer = fhir.get(search);
    assertThat(answer.status()).as(answer.body()).isEqualTo(400);
    assertThat(answer.json().at("/issue/0/diagnostics").asString()).isNotEmpty();
  }

  @Test
  void aCompartmentOfATypeThatIsNotServedIsNotFound() {
    assertThat(fhir.get("Patient/1/Nothing").status()).isEqualTo(404);
    for (String owner : List.of("Nothing", "nothing", "1", "%2A", "%00")) {
      assertThat(fhir.get(owner + "/1/Patient").status()).as(owner).isIn(400, 404);
    }
  }

  @Test
  void theCapabilityStatementSaysSo() {
    JsonNode rest = fhir.get("metadata").json().at("/rest/0");
    assertThat(rest.path("interaction").valueStream().map(i -> i.path("code").asString()))
        .contains("search-system");
    assertThat(rest.path("compartment").valueStream().map(JsonNode::asString))
        .contains("http://hl7.org/fhir/CompartmentDefinition/patient");
    assertThat(rest.path("searchParam").valueStream().map(p -> p.path("name").asString()))
        .contains("_id", "_lastUpdated", "_tag", "_type");
  }
}
