package org.botoxfhir.profiles;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.List;
import java.util.stream.Stream;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.Fhir.Answer;
import org.botoxfhir.testing.ServiceTest;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** The package as the running service takes it: {@code $validate} over HTTP. Shares the service of {@code ValidateTest}. */
@ServiceTest(properties = "botox.validation.timeout=5m")
class ProfilesByServiceTest {
  @Autowired
  Fhir fhir;

  @TestFactory
  Stream<DynamicTest> everyInvalidExampleIsRefusedForExactlyItsReason() {
    return FhirPackage.invalidExamples()
        .map(invalid -> dynamicTest(invalid.name(), () -> {
          List<JsonNode> errors = errors(invalid.resource());
          assertThat(errors)
              .allMatch(error -> invalid.explains(at(error), says(error)))
              .anyMatch(error -> invalid.isExpected(at(error), says(error)));
        }));
  }

  @TestFactory
  Stream<DynamicTest> everyExampleIsValid() {
    return FhirPackage.examples()
        .map(file -> dynamicTest(
            file.getFileName().toString(),
            () -> assertThat(errors(FhirPackage.read(file))).isEmpty()));
  }

  private List<JsonNode> errors(com.fasterxml.jackson.databind.JsonNode resource) {
    Answer answer =
        fhir.post(resource.get("resourceType").asText() + "/$validate", resource.toString());
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    return answer
        .json()
        .path("issue")
        .valueStream()
        .filter(
            issue -> List.of("error", "fatal").contains(issue.path("severity").asString()))
        .toList();
  }

  private static String at(JsonNode issue) {
    return issue.at("/expression/0").asString();
  }

  private static String says(JsonNode issue) {
    return issue.path("diagnostics").asString();
  }
}
