package org.botoxfhir.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
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

/** Codes of value sets and of hierarchies, where clients may write definitions. The code system is made up. */
@ServiceTest(properties = "botox.fhir.read-only-types=AuditEvent")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StoredCodesTest {
  private static final String RUN = UUID.randomUUID().toString().substring(0, 8);

  @Autowired
  Fhir fhir;

  @BeforeAll
  void definitions() {
    put("CodeSystem", "tree", """
        "url":"urn:tree:%s","status":"active","content":"complete","concept":[
          {"code":"muscle","concept":[{"code":"face","concept":[{"code":"brow"},{"code":"chin"}]},{"code":"neck"}]},
          {"code":"platysma","property":[{"code":"parent","valueCode":"face"},{"code":"parent","valueCode":"neck"}]}]""".formatted(RUN));
    put("CodeSystem", "fragment", """
        "url":"urn:fragment:%s","status":"active","content":"fragment","concept":[{"code":"a"}]""".formatted(RUN));
    valueSet("listed", """
        {"system":"urn:tree:@","concept":[{"code":"brow"},{"code":"chin"}]},{"system":"urn:other","concept":[{"code":"neck"}]}""", "");
    valueSet("whole", "{\"system\":\"urn:tree:@\"}", "");
    valueSet("below", """
        {"system":"urn:tree:@","filter":[{"property":"concept","op":"is-a","value":"face"}]}""", """
        ,"exclude":[{"system":"urn:tree:@","concept":[{"code":"chin"}]}]""");
    valueSet("both", "{\"valueSet\":[\"urn:vs:listed:@\",\"urn:vs:below:@\"]}", "");
    valueSet("of-itself", "{\"valueSet\":[\"urn:vs:of-itself:@\"]}", "");
    valueSet("by-display", """
        {"system":"urn:tree:@","filter":[{"property":"display","op":"regex","value":".*"}]}""", "");
    valueSet("of-unknown", "{\"system\":\"urn:unknown:@\"}", "");
    valueSet("of-fragment", "{\"system\":\"urn:fragment:@\"}", "");
    valueSet(
        "large",
        "{\"system\":\"urn:tree:@\",\"concept\":[%s,{\"code\":\"neck\"}]}".formatted(many(40)),
        "");
    valueSet("too-large", "{\"system\":\"urn:tree:@\",\"concept\":[%s]}".formatted(many(1001)), "");
    put("ValueSet", "expanded", """
        "url":"urn:vs:expanded:%1$s","status":"active","expansion":{"timestamp":"2024-01-01","contains":[
          {"system":"urn:tree:%1$s","code":"face","abstract":true,"contains":[{"system":"urn:tree:%1$s","code":"brow"}]}]}""".formatted(RUN));
    for (String code : List.of("muscle", "face", "brow", "chin", "neck", "platysma")) {
      put("Observation", code, """
          "status":"final","identifier":[{"value":"%1$s"}],"code":{"coding":[{"system":"urn:tree:%1$s","code":"%2$s"}]}""".formatted(RUN, code));
    }
  }

  private static String many(int number) {
    return IntStream.range(0, number)
        .mapToObj(i -> "{\"code\":\"other-" + i + "\"}")
        .collect(Collectors.joining(","));
  }

  private void valueSet(String name, String includes, String more) {
    put("ValueSet", name, """
        "url":"urn:vs:%s:%s","version":"2","status":"active","compose":{"include":[%s]%s}""".formatted(
            name, RUN, includes.replace("@", RUN), more.replace("@", RUN)));
  }

  private void put(String type, String name, String elements) {
    Answer answer =
        fhir.put("%s/%s-%s".formatted(type, name, RUN), """
        {"resourceType":"%s","id":"%s-%s",%s}""".formatted(type, name, RUN, elements));
    assertThat(answer.status()).as(answer.body()).isIn(200, 201);
  }

  private Answer search(String condition) {
    return fhir.get(
        "Observation?identifier=" + RUN + "&" + condition.replace("@", RUN).replace("|", "%7C"));
  }

  @ParameterizedTest
  @CsvSource(delimiter = ';', textBlock = """
      code:in=urn:vs:listed:@;                        brow chin
      code:in=urn:vs:listed:@|2;                      brow chin
      code:in=ValueSet/listed-@;                      brow chin
      code:not-in=urn:vs:listed:@;                    muscle face neck platysma
      code:in=urn:vs:whole:@;                         muscle face brow chin neck platysma
      code:in=urn:vs:below:@;                         face brow platysma
      code:in=urn:vs:both:@;                          brow
      code:in=urn:vs:expanded:@;                      brow
      code:in=urn:vs:large:@;                         neck
      code:in=urn:vs:both:@,urn:vs:large:@;           brow neck
      code:below=urn:tree:@|face;                     face brow chin platysma
      code:below=urn:tree:@|brow;                     brow
      code:above=urn:tree:@|brow;                     brow face muscle
      code:above=urn:tree:@|platysma;                 platysma face neck muscle
      code:below=urn:tree:@|neck,urn:tree:@|chin;     neck platysma chin
      """)
  void theCodesOfTheSetAreFoundAndNoOthers(String condition, String names) {
    Answer answer = search(condition.strip());
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    assertThat(answer
            .json()
            .path("entry")
            .valueStream()
            .map(entry -> entry.at("/resource/id").asString().replace("-" + RUN, "")))
        .containsExactlyInAnyOrder(names.strip().split(" "));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "code:in=urn:vs:nowhere",
        "code:in=urn:vs:listed:@|1",
        "code:in=urn:vs:by-display:@",
        "code:in=urn:vs:of-unknown:@",
        "code:in=urn:vs:of-fragment:@",
        "code:in=urn:vs:of-itself:@",
        "code:in=urn:vs:too-large:@",
        "code:not-in=urn:vs:of-unknown:@",
        "code:below=urn:tree:@|nothing",
        "code:below=urn:unknown:@|face",
        "code:below=face",
        "patient:in=urn:vs:listed:@"
      })
  void whatTheDefinitionsOnFileDoNotSayIsRefusedWithTheReason(String condition) {
    Answer answer = search(condition);
    assertThat(answer.status()).as(answer.body()).isEqualTo(400);
    assertThat(answer.json().at("/issue/0/diagnostics").asString()).isNotEmpty();
  }

  @Test
  void aShippedValueSetFindsWhatItLists() {
    put("Observation", "shipped", """
        "status":"final","identifier":[{"value":"shipped-%s"}],
        "code":{"coding":[{"system":"https://botoxfhir.org/fhir/CodeSystem/triage-urgency","code":"urgent"}]}""".formatted(RUN));
    String here = "Observation?identifier=shipped-" + RUN + "&code:";
    assertThat(fhir.get(here + "in=https://botoxfhir.org/fhir/ValueSet/triage-urgency")
            .json()
            .path("total")
            .asInt())
        .isEqualTo(1);
    assertThat(fhir.get(here + "in=https://botoxfhir.org/fhir/ValueSet/symptom-detail")
            .json()
            .path("total")
            .asInt())
        .isZero();
  }
}
