package org.botoxfhir.rest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.Fhir.Answer;
import org.botoxfhir.testing.ServiceTest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** Where records come from: what clients say in {@code X-Provenance}, and what the service says of what it derives. */
@ServiceTest
class ProvenanceTest {
  private static final String SAID =
      "{\"resourceType\":\"Provenance\",\"recorded\":\"2026-11-27T08:00:00Z\",\"agent\":[{\"who\":{\"display\":\"Made-up importer %s\"}}]}";

  @Autowired
  Fhir fhir;

  /** An id that no other test uses. */
  private String id = "";

  private String patient = "";
  private String said = "";

  @BeforeEach
  void names() {
    id = UUID.randomUUID().toString();
    patient = "{\"resourceType\":\"Patient\",\"id\":\"%s\",\"active\":true}".formatted(id);
    said = SAID.formatted(id);
  }

  private JsonNode provenances(String target) {
    return fhir.get("Provenance?target=" + target + "&_sort=_lastUpdated").json();
  }

  private static List<String> targets(JsonNode provenance) {
    return provenance
        .path("target")
        .valueStream()
        .map(one -> one.path("reference").asString())
        .toList();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "no JSON",
        "{\"resourceType\":\"Patient\"}",
        "{\"resourceType\":\"Provenance\"}",
        "{\"resourceType\":\"Provenance\",\"recorded\":\"2026-11-27T08:00:00Z\"}",
        "{\"resourceType\":\"Provenance\",\"recorded\":\"yesterday\",\"agent\":[{\"who\":{\"display\":\"x\"}}]}",
        "{\"resourceType\":\"Provenance\",\"no-such\":1,\"recorded\":\"2026-11-27T08:00:00Z\",\"agent\":[{\"who\":{\"display\":\"x\"}}]}",
        "{\"resourceType\":\"Provenance\",\"target\":[{\"reference\":\"Patient/1\"}],\"recorded\":\"2026-11-27T08:00:00Z\",\"agent\":[{\"who\":{\"display\":\"x\"}}]}"
      })
  void aProvenanceThatIsNotOneIs400AndNothingIsWritten(String header) {
    Answer put = fhir.put("Patient/" + id, patient, "X-Provenance", header);
    Answer bundle = fhir.post(
        "",
        "{\"resourceType\":\"Bundle\",\"type\":\"transaction\",\"entry\":[{\"resource\":%s,\"request\":{\"method\":\"PUT\",\"url\":\"Patient/%s\"}}]}"
            .formatted(patient, id),
        "X-Provenance",
        header);

    for (Answer answer : List.of(put, bundle)) {
      assertThat(answer.status()).as(answer.body()).isEqualTo(400);
      assertThat(answer.body()).contains("X-Provenance");
    }
    assertThat(fhir.get("Patient/" + id).status()).isEqualTo(404);
  }

  @Test
  void withWhatItWouldSayNothingOfItIsRefusedRatherThanDropped() {
    fhir.put("Patient/" + id, patient);

    assertThat(fhir.delete("Patient/" + id, "X-Provenance", said).status()).isEqualTo(400);
    assertThat(
            fhir.post("", "{\"resourceType\":\"Bundle\",\"type\":\"batch\"}", "X-Provenance", said)
                .status())
        .isEqualTo(400);
    assertThat(fhir.get("Patient/" + id, "X-Provenance", said).status()).isEqualTo(200);
  }

  @Test
  void eachVersionThatIsWrittenBecomesTheTargetAndWhatChangesNothingLeavesNone() {
    String path = "Patient/" + id;
    assertThat(fhir.put(path, patient, "X-Provenance", said).status()).isEqualTo(201);
    assertThat(fhir.put(path, patient, "X-Provenance", said).status()).isEqualTo(200);
    Answer patched = fhir.send(
        "PATCH",
        path,
        BodyPublishers.ofString("[{\"op\":\"replace\",\"path\":\"/active\",\"value\":false}]"),
        "Content-Type",
        "application/json-patch+json",
        "X-Provenance",
        said);
    assertThat(patched.status()).as(patched.body()).isEqualTo(200);

    JsonNode found = provenances(path);
    assertThat(found.path("entry").valueStream().map(one -> targets(one.path("resource"))))
        .containsExactly(List.of(path + "/_history/1"), List.of(path + "/_history/2"));
    assertThat(found.at("/entry/0/resource/agent/0/who/display").asString())
        .isEqualTo("Made-up importer " + id);
  }

  @Test
  void aCreateAndAConditionalOneHaveTheirsOnce() {
    String named = patient.replace(
        "\"active\":true",
        "\"identifier\":[{\"system\":\"urn:test\",\"value\":\"%s\"}]".formatted(id));
    String criteria = "identifier=urn:test%7C" + id;
    String[] headers = {"X-Provenance", said, "If-None-Exist", criteria};
    Answer created = fhir.post("Patient", named, headers);
    assertThat(created.status()).isEqualTo(201);
    assertThat(fhir.post("Patient", named, headers).status()).isEqualTo(200);

    String key = "Patient/" + created.json().path("id").asString();
    assertThat(provenances(key).path("entry").size()).isOne();
  }

  @Test
  void aTransactionHasOneForAllThatItWrites() {
    String bundle = """
        {"resourceType":"Bundle","type":"transaction","entry":[
          {"resource":%s,"request":{"method":"PUT","url":"Patient/%s"}},
          {"resource":{"resourceType":"Flag","id":"%s","status":"active","code":{"text":"made up"},"subject":{"reference":"Patient/%s"}},
            "request":{"method":"PUT","url":"Flag/%s"}}]}
        """.formatted(patient, id, id, id, id);
    assertThat(fhir.post("", bundle, "X-Provenance", said).status()).isEqualTo(200);

    JsonNode found = provenances("Flag/" + id);
    assertThat(found.path("entry").size()).isOne();
    assertThat(targets(found.at("/entry/0/resource")))
        .containsExactly("Patient/" + id + "/_history/1", "Flag/" + id + "/_history/1");
  }

  @Test
  void whatAReportLeadsToSaysThatTheServicePutItTogether() throws IOException {
    fhir.put("Patient/" + id, patient);
    Answer report = fhir.post(
        "QuestionnaireResponse",
        Files.readString(Path.of("src/test/resources/examples/chronic-migraine-report.json"))
            .replace("example-migraine", id));
    assertThat(report.status()).as(report.body()).isEqualTo(201);
    String key = "QuestionnaireResponse/" + report.json().path("id").asString();

    JsonNode found = fhir.get("Provenance?entity=" + key).json();
    assertThat(found.path("entry").size()).isOne();
    JsonNode provenance = found.at("/entry/0/resource");
    List<String> derived = fhir.get("Observation?derived-from=" + key)
        .json()
        .path("entry")
        .valueStream()
        .map(one -> "Observation/" + one.at("/resource/id").asString())
        .toList();
    assertThat(derived).isNotEmpty();
    assertThat(targets(provenance))
        .containsAll(derived)
        .anyMatch(target -> target.startsWith("AdverseEvent/"));
    assertThat(provenance.at("/agent/0/type/coding/0/code").asString()).isEqualTo("assembler");
    assertThat(provenance.at("/entity/0/what/reference").asString()).isEqualTo(key + "/_history/1");
    assertThat(provenance.at("/entity/0/role").asString()).isEqualTo("derivation");
  }
}
