package org.botoxfhir.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
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
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** Over R4's definitions, ours, and some made-up ones. */
@ServiceTest(
    properties = {
      "botox.definitions.load=true",
      "botox.terminology.max-expansion=1000",
      "botox.fhir.read-only-types=AuditEvent"
    })
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TerminologyOperationsTest {
  private static final String RUN = UUID.randomUUID().toString().substring(0, 8);

  @Autowired
  Fhir fhir;

  @BeforeAll
  void definitions() {
    await("R4's definitions")
        .atMost(Duration.ofMinutes(2))
        .until(() -> fhir.get("CodeSystem/$lookup?system=urn:nothing&code=a").status() == 404);
    put("CodeSystem", "tree", """
        "version":"1","caseSensitive":false,"content":"complete",
        "property":[{"code":"side","type":"code"},{"code":"inactive","type":"boolean"},{"code":"notSelectable","type":"boolean"}],
        "concept":[
          {"code":"muscle","display":"Muscle","property":[{"code":"notSelectable","valueBoolean":true}],"concept":[
            {"code":"brow","display":"Corrugator","definition":"Frowns.","property":[{"code":"side","valueCode":"both"}],
             "designation":[{"language":"de","value":"Stirnrunzler"}]},
            {"code":"chin","display":"Mentalis élevé","property":[{"code":"inactive","valueBoolean":true}]}]},
          {"code":"platysma","property":[{"code":"parent","valueCode":"muscle"},{"code":"side","valueCode":"one"}]}]""");
    put("CodeSystem", "part", "\"content\":\"fragment\",\"concept\":[{\"code\":\"a\"}]");
    put("CodeSystem", "grouped", """
        "content":"complete","hierarchyMeaning":"grouped-by","concept":[{"code":"a","concept":[{"code":"b"}]}]""");
    set("all", "{\"system\":\"urn:tree:@\"}");
    set("below", filter("concept", "is-a", "muscle"));
    set("strictly-below", filter("concept", "descendent-of", "muscle"));
    set("not-below", filter("concept", "is-not-a", "brow"));
    set("above", filter("concept", "generalizes", "brow"));
    set("on-one-side", filter("side", "=", "one"));
    set("on-a-side", filter("side", "exists", "true"));
    set("two", filter("code", "in", "brow, chin"));
    set("by-expression", filter("code", "regex", "(a+)+b"));
    set("by-unknown-property", filter("colour", "=", "red"));
    set("of-part", "{\"system\":\"urn:part:@\"}");
    set("of-missing", "{\"system\":\"urn:tree:@\"},{\"system\":\"urn:missing:@\"}");
    set(
        "listed",
        "{\"system\":\"urn:missing:@\",\"concept\":[{\"code\":\"x\",\"display\":\"An x\"}]}");
    set("takes-in-nothing", "{\"valueSet\":[\"urn:nowhere:@\"]}");
    set("itself", "{\"valueSet\":[\"urn:itself:@\"]}");
  }

  private static String filter(String property, String operator, String value) {
    return """
        {"system":"urn:tree:@","filter":[{"property":"%s","op":"%s","value":"%s"}]}""".formatted(property, operator, value);
  }

  private void set(String name, String include) {
    put("ValueSet", name, "\"compose\":{\"include\":[%s]}".formatted(include));
  }

  private void put(String type, String name, String elements) {
    Answer answer =
        fhir.put("%s/%s-%s".formatted(type, name, RUN), """
        {"resourceType":"%s","id":"%s-@","url":"urn:%s:@","status":"active",%s}""".formatted(type, name, name, elements)
            .replace("@", RUN));
    assertThat(answer.status()).as(answer.body()).isIn(200, 201);
  }

  private Answer get(String path) {
    return fhir.get(path.replace("@", RUN).replace("|", "%7C").replace(" ", "%20"));
  }

  private JsonNode answered(String path) {
    Answer answer = get(path);
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    return answer.json();
  }

  private static List<String> codes(JsonNode expanded) {
    return expanded
        .at("/expansion/contains")
        .valueStream()
        .map(one -> one.path("code").asString())
        .toList();
  }

  private static String value(JsonNode parameters, String name) {
    return parameters
        .path("parameter")
        .valueStream()
        .filter(one -> one.path("name").asString().equals(name))
        .flatMap(one -> one.properties().stream()
            .filter(field -> field.getKey().startsWith("value"))
            .map(field -> field.getValue().asString()))
        .findFirst()
        .orElse("");
  }

  @ParameterizedTest
  @CsvSource(delimiter = ';', textBlock = """
      ValueSet/$expand?url=urn:nowhere:@;                                    404; not-found; urn:nowhere
      ValueSet/$expand?url=urn:all:@|7;                                      404; not-found; urn:all:@|7
      ValueSet/nowhere/$expand;                                              404; not-found; ValueSet/nowhere
      ValueSet/$validate-code?url=urn:nowhere:@&system=urn:tree:@&code=a;    404; not-found; urn:nowhere
      ValueSet/$validate-code?url=urn:all:@&system=urn:missing:@&code=a;     404; not-found; urn:missing
      CodeSystem/$validate-code?url=urn:missing:@&code=a;                    404; not-found; urn:missing
      CodeSystem/$lookup?system=urn:missing:@&code=a;                        404; not-found; urn:missing
      CodeSystem/$lookup?system=http://snomed.info/sct&code=404684003;       404; not-found; http://snomed.info/sct
      CodeSystem/$lookup?system=urn:tree:@&code=nose;                        404; not-found; nose
      CodeSystem/$lookup?system=urn:tree:@&version=2&code=brow;              404; not-found; urn:tree:@|2
      CodeSystem/$subsumes?system=urn:missing:@&codeA=a&codeB=b;             404; not-found; urn:missing
      CodeSystem/$subsumes?system=urn:tree:@&codeA=brow&codeB=nose;          404; not-found; nose
      ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/observation-codes;   422; not-supported; http://loinc.org
      ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/condition-code;      422; not-supported; http://snomed.info/sct
      ValueSet/$expand?url=urn:of-missing:@;                                 422; not-supported; urn:missing
      ValueSet/$expand?url=urn:of-part:@;                                    422; not-supported; fragment
      ValueSet/$expand?url=urn:takes-in-nothing:@;                           422; not-supported; urn:nowhere
      ValueSet/$expand?url=urn:by-expression:@;                              422; not-supported; regex
      ValueSet/$expand?url=urn:by-unknown-property:@;                        422; not-supported; colour
      ValueSet/$expand?url=urn:itself:@;                                     422; too-costly; itself
      ValueSet/$validate-code?url=urn:of-part:@&system=urn:part:@&code=b;    422; not-supported; fragment
      CodeSystem/$validate-code?url=urn:part:@&code=b;                       422; not-supported; fragment
      CodeSystem/$subsumes?system=urn:grouped:@&codeA=a&codeB=b;             422; not-supported; grouped-by
      ValueSet/$expand?url=http://terminology.hl7.org/ValueSet/v3-ActCode;   422; too-costly; count and offset
      ValueSet/$expand;                                                      400; invalid; url or valueSet
      ValueSet/all-@/$expand?url=urn:all:@;                                  400; invalid; several
      ValueSet/$expand?url=urn:all:@&date=2020;                              400; not-supported; displayLanguage
      ValueSet/$expand?url=urn:all:@&count=-1;                               400; invalid; -1
      ValueSet/$expand?url=urn:all:@&activeOnly=perhaps;                     400; invalid; perhaps
      ValueSet/$expand?url=urn:all:@&url=urn:below:@;                        400; invalid; twice
      ValueSet/$validate-code?url=urn:all:@&code=brow;                       400; required; system
      ValueSet/$validate-code?url=urn:all:@&system=urn:tree:@;               400; invalid; codeableConcept
      ValueSet/$validate-code?url=urn:all:@&coding=urn:tree:@|brow;          400; invalid; POST
      CodeSystem/$lookup?code=brow;                                          400; required; system
      CodeSystem/$lookup?system=urn:tree:@&code=brow&colour=red;             400; not-supported; property
      CodeSystem/$subsumes?system=urn:tree:@&codeA=brow;                     400; required; codeB
      """)
  void whatCannotBeAnsweredIsRefusedWithTheReason(
      String path, int status, String code, String says) {
    Answer answer = get(path);
    assertThat(answer.status()).as(answer.body()).isEqualTo(status);
    assertThat(answer.json().at("/issue/0/code").asString()).isEqualTo(code);
    assertThat(answer.json().at("/issue/0/diagnostics").asString())
        .contains(says.replace("@", RUN));
  }

  @ParameterizedTest
  @CsvSource(delimiter = ';', textBlock = """
      url=urn:all:@;                      muscle brow chin platysma
      url=urn:all:@&activeOnly=true;      muscle brow platysma
      url=urn:all:@&filter=corr;          brow
      url=urn:all:@&filter=ELEV ment;     chin
      url=urn:all:@&filter=stirn;         brow
      url=urn:all:@&filter=platy;         platysma
      url=urn:all:@&filter=nose;
      url=urn:all:@&count=2&offset=1;     brow chin
      url=urn:all:@&count=0;
      url=urn:all:@&offset=3;             platysma
      url=urn:below:@;                    muscle brow chin platysma
      url=urn:strictly-below:@;           brow chin platysma
      url=urn:not-below:@;                muscle chin platysma
      url=urn:above:@;                    muscle brow
      url=urn:on-one-side:@;              platysma
      url=urn:on-a-side:@;                brow platysma
      url=urn:two:@;                      brow chin
      url=urn:listed:@;                   x
      url=http://hl7.org/fhir/ValueSet/administrative-gender;         male female other unknown
      url=http://hl7.org/fhir/ValueSet/administrative-gender|4.0.1;   male female other unknown
      """)
  void anExpansionHoldsTheCodesOfTheSetInItsOrder(String query, String codes) {
    JsonNode expanded = answered("ValueSet/$expand?" + query);
    assertThat(String.join(" ", codes(expanded))).isEqualTo(codes == null ? "" : codes);
    assertThat(expanded.path("compose").isMissingNode()).isTrue();
  }

  @Test
  void anExpansionSaysHowItCameAbout() {
    JsonNode expanded = answered(
        "ValueSet/all-@/$expand?count=1&offset=1&displayLanguage=de&includeDesignations=true&includeDefinition=true");
    assertThat(expanded.path("url").asString()).isEqualTo("urn:all:" + RUN);
    assertThat(expanded.at("/expansion/total").asInt()).isEqualTo(4);
    assertThat(expanded.at("/expansion/offset").asInt()).isEqualTo(1);
    assertThat(expanded.at("/expansion/contains/0/display").asString()).isEqualTo("Stirnrunzler");
    assertThat(expanded.at("/expansion/contains/0/designation/0/language").asString())
        .isEqualTo("de");
    assertThat(expanded.at("/compose/include/0/system").asString()).isEqualTo("urn:tree:" + RUN);
    assertThat(expanded.at("/expansion/parameter").toString())
        .contains("\"count\"", "\"offset\"", "urn:tree:" + RUN + "|1");
    JsonNode all = answered("ValueSet/all-@/$expand");
    assertThat(all.at("/expansion/contains/0/abstract").asBoolean()).isTrue();
    assertThat(all.at("/expansion/contains/2/inactive").asBoolean()).isTrue();
    assertThat(all.at("/expansion/offset").isMissingNode()).isTrue();
  }

  @Test
  void aLargeExpansionIsReadInPages() {
    String page = "ValueSet/$expand?url=http://terminology.hl7.org/ValueSet/v3-ActCode&count=";
    JsonNode first = answered(page + "5000");
    assertThat(codes(first)).hasSize(1000);
    int total = first.at("/expansion/total").asInt();
    assertThat(codes(answered(page + "1000&offset=1000")))
        .hasSize(total - 1000)
        .doesNotContainAnyElementsOf(codes(first));
  }

  @Test
  void aValueSetMayComeInTheBody() {
    Answer answer = fhir.post("ValueSet/$expand", """
        {"resourceType":"Parameters","parameter":[
          {"name":"valueSet","resource":{"resourceType":"ValueSet","status":"draft","compose":{
            "include":[{"valueSet":["urn:all:@"]}],
            "exclude":[{"system":"urn:tree:@","concept":[{"code":"chin"}]}]}}},
          {"name":"activeOnly","valueBoolean":true},{"name":"count","valueInteger":2}]}""".replace("@", RUN));
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    assertThat(codes(answer.json())).containsExactly("muscle", "brow");
    assertThat(fhir.post("ValueSet/$expand", """
        {"resourceType":"Parameters","parameter":[{"name":"valueSet","resource":{"resourceType":"Patient"}}]}""").status()).isEqualTo(400);
  }

  @ParameterizedTest
  @CsvSource(delimiter = ';', textBlock = """
      ValueSet/$validate-code?url=urn:all:@&system=urn:tree:@&code=brow;                             true;  Corrugator
      ValueSet/$validate-code?url=urn:all:@&system=urn:tree:@&code=BROW;                             true;  Corrugator
      ValueSet/$validate-code?url=urn:all:@&system=urn:tree:@&code=brow&display=corrugator;          true;  Corrugator
      ValueSet/$validate-code?url=urn:all:@&system=urn:tree:@&code=brow&display=Stirnrunzler;        true;  Corrugator
      ValueSet/$validate-code?url=urn:all:@&system=urn:tree:@&code=brow&display=Chin;                false; Corrugator
      ValueSet/$validate-code?url=urn:all:@&system=urn:tree:@&code=brow&systemVersion=2;             false; Corrugator
      ValueSet/$validate-code?url=urn:all:@&system=urn:tree:@&code=nose;                             false;
      ValueSet/$validate-code?url=urn:all:@&system=urn:tree:@&code=muscle;                           true;  Muscle
      ValueSet/$validate-code?url=urn:all:@&system=urn:tree:@&code=muscle&abstract=false;            false; Muscle
      ValueSet/all-@/$validate-code?system=urn:tree:@&code=brow;                                     true;  Corrugator
      ValueSet/$validate-code?url=urn:listed:@&system=urn:missing:@&code=x;                          true;  An x
      ValueSet/$validate-code?url=urn:listed:@&system=urn:missing:@&code=y;                          false;
      ValueSet/$validate-code?url=urn:of-part:@&system=urn:part:@&code=a;                            true;
      ValueSet/$validate-code?url=urn:of-missing:@&system=urn:tree:@&code=brow;                      true;  Corrugator
      CodeSystem/$validate-code?url=urn:tree:@&code=brow;                                            true;  Corrugator
      CodeSystem/$validate-code?url=urn:tree:@&code=nose;                                            false;
      CodeSystem/tree-@/$validate-code?code=chin;                                                    true;  Mentalis élevé
      CodeSystem/$validate-code?url=urn:part:@&code=a;                                               true;
      ValueSet/$validate-code?url=http://hl7.org/fhir/ValueSet/observation-codes&system=http://snomed.info/sct&code=1; false;
      ValueSet/$validate-code?url=http://terminology.hl7.org/ValueSet/v3-ActEncounterCode&system=http://terminology.hl7.org/CodeSystem/v3-ActCode&code=AMB; true; ambulatory
      """)
  void aCodeIsRightOrSaidToBeWrong(String path, boolean right, String display) {
    JsonNode answer = answered(path);
    assertThat(value(answer, "result")).isEqualTo(Boolean.toString(right));
    assertThat(value(answer, "message").isEmpty()).isEqualTo(right);
    assertThat(value(answer, "display")).isEqualTo(display == null ? "" : display);
  }

  @ParameterizedTest
  @CsvSource(delimiter = ';', textBlock = """
      all;           brow;   200; true
      all;           muscle; 200; true
      listed;        brow;   200; true
      of-missing;    brow;   200; true
      of-missing;    nose;   422; urn:missing
      strictly-below; muscle; 200; false
      """)
  void oneRightCodingMakesAConceptRightWhateverTheOtherIs(
      String set, String code, int status, String says) {
    Answer answer =
        fhir.post("ValueSet/$validate-code", """
        {"resourceType":"Parameters","parameter":[{"name":"url","valueUri":"urn:%s:@"},
          {"name":"codeableConcept","valueCodeableConcept":{"text":"something","coding":[
            {"system":"urn:missing:@","code":"x"},{"system":"urn:tree:@","code":"%s"}]}}]}""".formatted(set, code).replace("@", RUN));
    assertThat(answer.status()).as(answer.body()).isEqualTo(status);
    assertThat(answer.body()).contains(says);
  }

  @Test
  void aLookupTellsWhatIsKnownOfACode() {
    JsonNode all = answered("CodeSystem/$lookup?system=urn:tree:@&code=brow");
    assertThat(value(all, "name")).isEqualTo("urn:tree:" + RUN);
    assertThat(value(all, "version")).isEqualTo("1");
    assertThat(value(all, "display")).isEqualTo("Corrugator");
    assertThat(all.toString()).contains("Stirnrunzler", "Frowns.", "\"parent\"", "\"both\"");
    JsonNode side =
        answered("CodeSystem/$lookup?system=urn:tree:@&code=brow&property=side&displayLanguage=de");
    assertThat(value(side, "display")).isEqualTo("Stirnrunzler");
    assertThat(side.toString()).contains("\"both\"").doesNotContain("Frowns.", "\"parent\"");
    Answer posted = fhir.post("CodeSystem/$lookup", """
        {"resourceType":"Parameters","parameter":[{"name":"coding","valueCoding":
          {"system":"http://hl7.org/fhir/administrative-gender","code":"female"}}]}""");
    assertThat(value(posted.json(), "display")).isEqualTo("Female");
  }

  @ParameterizedTest
  @CsvSource(delimiter = ';', textBlock = """
      system=urn:tree:@&codeA=muscle&codeB=brow;        subsumes
      system=urn:tree:@&codeA=platysma&codeB=muscle;    subsumed-by
      system=urn:tree:@&codeA=brow&codeB=Brow;          equivalent
      system=urn:tree:@&codeA=brow&codeB=chin;          not-subsumed
      system=http://terminology.hl7.org/CodeSystem/v3-RoleCode&codeA=NCHILD&codeB=DAU; subsumes
      """)
  void oneCodeSubsumesAnotherByNestingAndByProperties(String query, String outcome) {
    assertThat(value(answered("CodeSystem/$subsumes?" + query), "outcome")).isEqualTo(outcome);
  }

  @Test
  void searchesAndOperationsKnowTheSameCodes() {
    Answer encounter = fhir.post("Encounter", """
        {"resourceType":"Encounter","status":"planned","identifier":[{"value":"%s"}],
         "class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB"}}""".formatted(RUN));
    assertThat(encounter.status()).as(encounter.body()).isEqualTo(201);
    String in = "Encounter?identifier=@&class:in=http://terminology.hl7.org/ValueSet/";
    assertThat(answered(in + "v3-ActEncounterCode").path("entry").size()).isEqualTo(1);
    assertThat(answered(in + "v3-ActPriority").path("entry").size()).isZero();
    assertThat(get("Encounter?class:in=http://hl7.org/fhir/ValueSet/observation-codes")
            .status())
        .isEqualTo(400);
  }

  @Test
  void aChangedDefinitionIsUsedAtOnce() {
    put("CodeSystem", "changing", "\"content\":\"complete\",\"concept\":[{\"code\":\"a\"}]");
    String code = "CodeSystem/$lookup?system=urn:changing:@&code=b";
    assertThat(get(code).status()).isEqualTo(404);
    put("CodeSystem", "changing", "\"content\":\"complete\",\"concept\":[{\"code\":\"b\"}]");
    assertThat(get(code).status()).isEqualTo(200);
  }
}
