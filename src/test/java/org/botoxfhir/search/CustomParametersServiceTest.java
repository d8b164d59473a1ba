package org.botoxfhir.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.Fhir.Answer;
import org.botoxfhir.testing.ServiceTest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** The search parameters that the service ships beside R4's work as R4's do. */
@ServiceTest(ownDatabase = true)
class CustomParametersServiceTest {
  private static final Path EXAMPLES = Path.of("src/test/resources/examples");
  private static final String URL = "https://botoxfhir.org/fhir/SearchParameter/";

  @Autowired
  Fhir fhir;

  private String report;

  @BeforeEach
  void aReportOfADroopingEyelid() throws IOException {
    assertThat(fhir.post("", Files.readString(EXAMPLES.resolve("chronic-migraine.json")))
            .status())
        .isEqualTo(200);
    Answer answer = fhir.post(
        "QuestionnaireResponse",
        Files.readString(EXAMPLES.resolve("chronic-migraine-report.json")));
    assertThat(answer.status()).isIn(200, 201);
    report = "QuestionnaireResponse/" + answer.json().get("id").asString();
  }

  private List<String> found(String query) {
    Answer answer = fhir.get(query);
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    return answer
        .json()
        .path("entry")
        .valueStream()
        .map(entry -> entry.get("resource"))
        .map(r -> r.get("resourceType").asString() + "/" + r.get("id").asString())
        .toList();
  }

  @Test
  void reportsAreFoundByTheirUrgency() {
    assertThat(found("QuestionnaireResponse?triage-urgency=urgent")).containsExactly(report);
    assertThat(found("QuestionnaireResponse?triage-urgency=emergency,routine")).isEmpty();
    assertThat(found("QuestionnaireResponse?triage-urgency:not=urgent")).isEmpty();
    assertThat(
            found(
                "QuestionnaireResponse?triage-urgency=https://botoxfhir.org/fhir/CodeSystem/triage-urgency%7Curgent"))
        .containsExactly(report);
    assertThat(found("QuestionnaireResponse?triage-urgency:missing=false")).containsExactly(report);
  }

  @Test
  void reportsAreFoundByARuleThatFired() {
    assertThat(found("QuestionnaireResponse?triage-rule=drooping-eyelid")).containsExactly(report);
    assertThat(found("QuestionnaireResponse?triage-rule=no-such-rule")).isEmpty();
  }

  @Test
  void anInjectionLeadsToItsReportsAndTheseToTheirAdverseEvents() {
    String injection = "Procedure/example-migraine-injection";
    assertThat(found("QuestionnaireResponse?injection=" + injection)).containsExactly(report);
    assertThat(found("QuestionnaireResponse?injection:missing=true")).isEmpty();
    assertThat(found(
            "Procedure?_id=example-migraine-injection&_revinclude=QuestionnaireResponse:injection"))
        .containsExactlyInAnyOrder(injection, report);
    assertThat(found("QuestionnaireResponse?_include=QuestionnaireResponse:injection"))
        .containsExactlyInAnyOrder(injection, report);
    assertThat(found("Procedure?_has:QuestionnaireResponse:injection:triage-urgency=urgent"))
        .containsExactly(injection);
    List<String> events = found("AdverseEvent?evidence=" + report);
    assertThat(events).singleElement().asString().startsWith("AdverseEvent/");
    assertThat(found("AdverseEvent?evidence:QuestionnaireResponse.triage-urgency=urgent"))
        .isEqualTo(events);
    assertThat(found("AdverseEvent?evidence:QuestionnaireResponse.triage-urgency=routine"))
        .isEmpty();
  }

  @Test
  void theCapabilityStatementNamesThemWithTheirDefinitionsWhichCanBeRead() {
    JsonNode rest = fhir.get("metadata").json().get("rest").get(0);
    JsonNode responses = rest.get("resource")
        .valueStream()
        .filter(type -> type.get("type").asString().equals("QuestionnaireResponse"))
        .findFirst()
        .orElseThrow();
    assertThat(responses
            .get("searchParam")
            .valueStream()
            .filter(one -> one.has("definition"))
            .map(one -> one.get("name").asString() + " " + one.get("definition").asString()))
        .containsExactlyInAnyOrder(
            "injection " + URL + "injection",
            "triage-rule " + URL + "triage-rule",
            "triage-urgency " + URL + "triage-urgency");
    assertThat(responses.get("searchInclude").valueStream().map(JsonNode::asString))
        .contains("QuestionnaireResponse:injection");
    assertThat(fhir.get("SearchParameter/evidence").json().get("url").asString())
        .isEqualTo(URL + "evidence");
    assertThat(found("SearchParameter?code=triage-urgency&base=Observation"))
        .containsExactly("SearchParameter/triage-urgency");
  }
}
