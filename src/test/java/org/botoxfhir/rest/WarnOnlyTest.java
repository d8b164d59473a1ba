package org.botoxfhir.rest;

import static org.assertj.core.api.Assertions.assertThat;

import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.Fhir.Answer;
import org.botoxfhir.testing.ServiceTest;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/** {@code botox.validation.mode=warn}, with a profile that a type needs. */
@ServiceTest(
    properties = {
      "botox.validation.mode=warn",
      "botox.validation.timeout=5m",
      "botox.validation.required-profiles.Patient=https://botoxfhir.org/fhir/StructureDefinition/botox-patient"
    })
class WarnOnlyTest {
  @Autowired
  Fhir fhir;

  @Test
  void whatBreaksTheProfileOfItsTypeIsStoredAndTheAnswerSaysSo() {
    Answer answer = fhir.post(
        "Patient",
        "{\"resourceType\":\"Patient\",\"gender\":\"female\"}",
        "Prefer",
        "return=OperationOutcome");

    assertThat(answer.status()).as(answer.body()).isEqualTo(201);
    assertThat(answer.headers().allValues("X-FHIR-Warning")).contains("structure Patient");
    assertThat(answer.json().path("issue").valueStream())
        .anyMatch(issue -> issue.path("diagnostics").asString().contains("Patient.identifier")
            && issue.path("severity").asString().equals("warning"));
    String location = answer.header("Location");
    assertThat(fhir.get(location.substring(location.indexOf("Patient/"))).status())
        .isEqualTo(200);
  }
}
