package org.botoxfhir.rest;

import static org.assertj.core.api.Assertions.assertThat;

import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.Fhir.Answer;
import org.botoxfhir.testing.ServiceTest;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/** Where the operator allows what is refused by default: references to nothing, and deletions of several resources at once. */
@ServiceTest(
    ownDatabase = true,
    properties = {"botox.fhir.referential-integrity=off", "botox.fhir.multiple-delete=true"})
class MoreAllowedTest {
  @Autowired
  Fhir fhir;

  private String organization(String name) {
    return fhir.post(
            "Organization", "{\"resourceType\":\"Organization\",\"name\":\"%s\"}".formatted(name))
        .json()
        .path("id")
        .asString();
  }

  private int left(String name) {
    return fhir.get("Organization?name=" + name).json().path("total").asInt();
  }

  @Test
  void ofSeveralMatchesAConditionalDeletionDeletesAllOrNone() {
    organization("several");
    String id = organization("several");
    organization("other");
    fhir.put(
        "Organization/" + id,
        "{\"resourceType\":\"Organization\",\"id\":\"%s\",\"name\":\"several\",\"active\":true}"
            .formatted(id));

    Answer stale = fhir.delete("Organization?name=several", "If-Match", "W/\"1\"");
    assertThat(stale.status()).as("one is at version 2").isEqualTo(412);
    assertThat(left("several")).isEqualTo(2);
    assertThat(fhir.delete("Organization?").status()).as("all of a type").isEqualTo(400);

    Answer deleted = fhir.delete("Organization?name=several");
    assertThat(deleted.status()).isEqualTo(200);
    assertThat(deleted.json().at("/issue/0/diagnostics").asString()).isEqualTo("2 deleted");
    assertThat(left("several")).isZero();
    assertThat(left("other")).isEqualTo(1);
    assertThat(fhir.delete("Organization?name=several")
            .json()
            .at("/issue/0/diagnostics")
            .asString())
        .isEqualTo("0 deleted");
  }

  @Test
  void inATransactionTooAndTheCapabilityStatementSaysSo() {
    organization("bundled");
    organization("bundled");

    Answer answer = fhir.post(
        "",
        "{\"resourceType\":\"Bundle\",\"type\":\"transaction\",\"entry\":["
            + "{\"request\":{\"method\":\"DELETE\",\"url\":\"Organization?name=bundled\"}}]}");

    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    assertThat(left("bundled")).isZero();
    assertThat(fhir.get("metadata").json().at("/rest/0/resource").valueStream())
        .filteredOn(type -> type.path("type").asString().equals("Organization"))
        .singleElement()
        .satisfies(
            type -> assertThat(type.path("conditionalDelete").asString()).isEqualTo("multiple"));
  }

  @Test
  void aRecordOfAnUnknownPatientIsStoredWithoutAWordAndAPatientWithRecordsCanBeDeleted() {
    String flag =
        "{\"resourceType\":\"Flag\",\"status\":\"active\",\"code\":{\"text\":\"made up\"},\"subject\":{\"reference\":\"Patient/p\"}}";
    Answer stored = fhir.post("Flag", flag);
    assertThat(stored.status()).isEqualTo(201);
    assertThat(stored.headers().firstValue("X-FHIR-Warning")).isEmpty();

    assertThat(
            fhir.put("Patient/p", "{\"resourceType\":\"Patient\",\"id\":\"p\"}").status())
        .isEqualTo(201);
    assertThat(fhir.delete("Patient/p").status()).isIn(200, 204);
    assertThat(fhir.get("Flag?subject=Patient/p").json().get("entry").size()).isOne();
  }
}
