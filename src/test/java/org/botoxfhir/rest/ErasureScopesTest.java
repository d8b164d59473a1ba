package org.botoxfhir.rest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.UUID;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.Fhir.Answer;
import org.botoxfhir.testing.ServiceTest;
import org.botoxfhir.testing.TokenIssuer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** Who may export and erase a patient's record. */
@ServiceTest(tokens = true)
class ErasureScopesTest {
  @Autowired
  Fhir fhir;

  private String id = "";

  private Fhir with(String scopes) {
    return fhir.with(TokenIssuer.shared().token(scopes, id));
  }

  @BeforeEach
  void aPatient() {
    id = UUID.randomUUID().toString();
    Answer put = with("system/*.cruds")
        .put("Patient/" + id, "{\"resourceType\":\"Patient\",\"id\":\"%s\"}".formatted(id));
    assertThat(put.status()).isEqualTo(201);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "system/*.cruds",
        "system/*.*",
        "user/Patient.cruds",
        "system/Patient.d",
        "system/*.$purge",
        "system/Patient.$purged",
        "system/Patient.purge",
        "system/Observation.$purge",
        "patient/Patient.$purge",
        "patient/*.cruds"
      })
  void noOtherScopeAllowsIt(String scopes) {
    Answer export = with(scopes).get("Patient/" + id + "/$purge-export");
    Answer purge = with(scopes).post("Patient/" + id + "/$purge?confirmation=x", "");

    for (Answer answer : new Answer[] {export, purge}) {
      assertThat(answer.status()).as(answer.body()).isEqualTo(403);
      assertThat(answer.header("WWW-Authenticate"))
          .contains("insufficient_scope", "system/Patient.$purge");
      assertThat(answer.json().at("/issue/0/diagnostics").asString())
          .contains("user/Patient.$purge, system/Patient.$purge");
    }
    assertThat(with("system/*.rs").get("Patient/" + id).status()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"system/Patient.$purge", "openid user/Patient.$purge"})
  void itsOwnScopeIsEnoughAndAllowsNothingElse(String scopes) {
    Fhir officer = with(scopes);
    assertThat(officer.get("Patient/" + id).status()).isEqualTo(403);
    assertThat(officer.delete("Patient/" + id).status()).isEqualTo(403);

    JsonNode export = officer.get("Patient/" + id + "/$purge-export").json();
    String confirmation = export.at("/identifier/value").asString();
    Answer erased = officer.post("Patient/" + id + "/$purge?confirmation=" + confirmation, "");

    assertThat(erased.status()).as(erased.body()).isEqualTo(200);
    assertThat(with("system/*.rs").get("Patient/" + id).status()).isEqualTo(410);
    assertThat(with("patient/*.rs").get("Patient/" + id).status()).isEqualTo(404);
  }

  @Test
  void appsAreToldOfTheScopes() {
    assertThat(fhir.get(".well-known/smart-configuration", "Accept", "*/*")
            .json()
            .path("scopes_supported")
            .valueStream()
            .map(JsonNode::asString))
        .contains("launch/patient", "user/Patient.$purge", "system/Patient.$purge");
  }
}
