package org.botoxfhir.rest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
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

/** What a client can say of how an answer looks, and the ways in which clients write a search. */
@ServiceTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AnswerShapesTest {
  private static final String RUN = UUID.randomUUID().toString().substring(0, 8);
  private static final String FORM = "application/x-www-form-urlencoded";

  @Autowired
  Fhir fhir;

  @BeforeAll
  void patients() {
    put("ann", """
        "text":{"status":"generated","div":"<div xmlns=\\"http://www.w3.org/1999/xhtml\\">Ann</div>"},
        "identifier":[{"system":"urn:test:run","value":"%1$s"},{"system":"urn:a|b","value":"x,y$z|\\\\%1$s"}],
        "name":[{"family":"Shape, the first"}],"gender":"female","birthDate":"1980-01-01","maritalStatus":{"text":"married"}""".formatted(RUN));
    put("bob", """
        "identifier":[{"system":"urn:test:run","value":"%1$s"}],"name":[{"family":"Shape"}],"gender":"male\"""".formatted(RUN));
  }

  private void put(String name, String elements) {
    Answer answer = fhir.put(
        "Patient/%s-%s".formatted(name, RUN),
        "{\"resourceType\":\"Patient\",\"id\":\"%s-%s\",%s}".formatted(name, RUN, elements));
    assertThat(answer.status()).as(answer.body()).isIn(200, 201);
  }

  private JsonNode search(String more) {
    Answer answer = fhir.get("Patient?identifier=" + RUN + "&_sort=_id&" + more);
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    return answer.json();
  }

  private static List<String> elements(JsonNode resource) {
    return resource.propertyStream().map(java.util.Map.Entry::getKey).toList();
  }

  private static boolean isSubsetted(JsonNode resource) {
    return resource
        .at("/meta/tag")
        .valueStream()
        .anyMatch(tag -> tag.path("code").asString().equals("SUBSETTED"));
  }

  @ParameterizedTest
  @CsvSource(delimiter = ';', textBlock = """
      _summary=true;                identifier name gender birthDate;    text maritalStatus
      _summary=text;                text;                                identifier name gender birthDate maritalStatus
      _summary=data;                identifier name gender maritalStatus; text
      _elements=name,birthDate;     name birthDate;                      identifier text gender maritalStatus
      _elements=Patient.gender;     gender;                              identifier name text birthDate
      """)
  void aPartOfEachMatchIsShownAndMarkedAsAPart(String shape, String shown, String left) {
    JsonNode bundle = search(shape);
    JsonNode ann = bundle.at("/entry/0/resource");
    assertThat(elements(ann))
        .contains("id", "meta")
        .contains(shown.strip().split(" "))
        .doesNotContain(left.strip().split(" "));
    assertThat(isSubsetted(ann)).isTrue();
    assertThat(bundle.path("total").asInt()).isEqualTo(2);
    assertThat(bundle.at("/link/0/url").asString()).contains(shape.split("=")[0]);

    JsonNode read = fhir.get("Patient/ann-" + RUN + "?" + shape).json();
    assertThat(elements(read)).as("read alone").isEqualTo(elements(ann));
    assertThat(isSubsetted(read)).isTrue();
  }

  @Test
  void aWholeResourceIsNotMarkedAsAPart() {
    for (String shape : List.of("_summary=false", "_pretty=true", "_format=json")) {
      JsonNode ann = search(shape).at("/entry/0/resource");
      assertThat(elements(ann)).as(shape).contains("text", "name", "maritalStatus");
      assertThat(isSubsetted(ann)).as(shape).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"_summary=count", "_count=0"})
  void onlyTheNumberOfMatchesIsAnswered(String shape) {
    JsonNode bundle = search(shape);
    assertThat(bundle.path("total").asInt()).isEqualTo(2);
    assertThat(bundle.has("entry")).isFalse();
    assertThat(bundle.path("link")).hasSize(1);
  }

  @Test
  void theTotalIsThereWhenAskedForOrKnown() {
    assertThat(search("_count=1").has("total")).as("not asked for").isFalse();
    assertThat(search("_count=1&_total=none").has("total")).isFalse();
    assertThat(search("_count=1&_total=accurate").path("total").asInt()).isEqualTo(2);
    assertThat(search("_count=1&_total=estimate").path("total").asInt()).isEqualTo(2);
    assertThat(search("_count=5").path("total").asInt()).as("known").isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "identifier=urn:a%5C%7Cb%7Cx%5C%2Cy%5C%24z%5C%7C%5C%5C@",
        "identifier=x%5C%2Cy%5C%24z%5C%7C%5C%5C@",
        "identifier=urn:test:run%7C@&family=Shape%5C%2C%20the",
        "identifier=nobody%5C%2C,x%5C%2Cy%5C%24z%5C%7C%5C%5C@"
      })
  void whatIsEscapedStandsForItself(String search) {
    Answer answer = fhir.get("Patient?" + search.replace("@", RUN));
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    assertThat(answer.json().path("entry")).hasSize(1);
    assertThat(answer.json().at("/entry/0/resource/id").asString()).isEqualTo("ann-" + RUN);
  }

  @Test
  void charactersThatManyClientsSendAsTheyAreAreTaken() throws IOException {
    assertThat(raw("Patient?identifier=urn:test:run|" + RUN + "&name:contains=\"{}[]^`<>"))
        .contains("\"total\":0");
    assertThat(raw(
            "Patient?identifier=urn:test:run|" + RUN + "&family=Shape\\, the".replace(" ", "+")))
        .contains("\"total\":1");
    assertThat(raw("Patient?identifier=urn:a\\|b|x\\,y$z\\|\\\\" + RUN)).contains("\"total\":1");
  }

  /** As bytes, since no HTTP client library sends such a URL. */
  private String raw(String search) throws IOException {
    return fhir.raw("GET /fhir/%s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        .formatted(search)
        .getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void repeatedParametersMustAllHoldAndAlternativesNeedNot() {
    assertThat(search("gender=male,female").path("total").asInt()).isEqualTo(2);
    assertThat(search("gender=male&gender=female").path("total").asInt()).isZero();
  }

  @Test
  void aPostedSearchIsTheSameAsOneInTheUrlAndBothAddUp() {
    String url = "identifier=" + RUN + "&gender=female";
    JsonNode got = fhir.get("Patient?" + url).json();
    JsonNode posted = fhir.post("Patient/_search", url, "Content-Type", FORM).json();
    JsonNode mixed = fhir.post(
            "Patient/_search?gender=female", "identifier=" + RUN, "Content-Type", FORM)
        .json();
    assertThat(got.path("total").asInt()).isEqualTo(1);
    for (JsonNode other : List.of(posted, mixed)) {
      assertThat(other.path("entry").get(0).path("fullUrl"))
          .isEqualTo(got.path("entry").get(0).path("fullUrl"));
      assertThat(other.at("/link/0/url")).isEqualTo(got.at("/link/0/url"));
    }
    assertThat(fhir.post(
                "Patient/_search?gender=male&identifier=" + RUN,
                "gender=female",
                "Content-Type",
                FORM)
            .json()
            .path("total")
            .asInt())
        .as("both hold")
        .isZero();
  }

  @Test
  void thePostedSearchIsPagedByLinks() {
    JsonNode first = fhir.post(
            "Patient/_search", "identifier=" + RUN + "&_count=1", "Content-Type", FORM)
        .json();
    String next = first.at("/link/2/url").asString();
    JsonNode second =
        fhir.get(next.substring(fhir.base().toString().length() + 1)).json();
    assertThat(second.path("entry")).hasSize(1);
    assertThat(second.at("/entry/0/fullUrl")).isNotEqualTo(first.at("/entry/0/fullUrl"));
  }

  @ParameterizedTest
  @CsvSource(delimiter = ';', textBlock = """
      handling=lenient;                         200
      return=minimal, handling=lenient;         200
      handling=strict;                          400
      return=minimal;                           400
      """)
  void unknownParametersAreRefusedUnlessTheClientIsLenient(String prefer, int status) {
    assertThat(fhir.get("Patient?nothing=1&identifier=" + RUN, "Prefer", prefer.strip())
            .status())
        .isEqualTo(status);
  }
}
