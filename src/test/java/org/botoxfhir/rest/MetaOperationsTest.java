package org.botoxfhir.rest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.UUID;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.Fhir.Answer;
import org.botoxfhir.testing.ServiceTest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** {@code $meta}, {@code $meta-add} and {@code $meta-delete} over HTTP. */
@ServiceTest
class MetaOperationsTest {
  private static final String REPORTED =
      "https://botoxfhir.org/fhir/StructureDefinition/patient-reported-symptom";

  @Autowired
  Fhir fhir;

  private String patient = "";

  /** A tag that no other test uses. */
  private String tag = "";

  @BeforeEach
  void aPatientInTwoVersions() {
    tag = UUID.randomUUID().toString();
    patient = "Patient/" + tag;
    for (String family : List.of("One", "Two")) {
      fhir.put(
          patient,
          "{\"resourceType\":\"Patient\",\"id\":\"%s\",\"name\":[{\"family\":\"%s\"}]}"
              .formatted(tag, family));
    }
  }

  private static String parameters(String meta) {
    return "{\"resourceType\":\"Parameters\",\"parameter\":[{\"name\":\"meta\",\"valueMeta\":{%s}}]}"
        .formatted(meta);
  }

  private String tags(String code) {
    return parameters("\"tag\":[{\"system\":\"urn:test\",\"code\":\"%s\"}]".formatted(code));
  }

  private int found(String query) {
    return fhir.get("Patient?" + query).json().path("total").asInt();
  }

  @Test
  void whatIsNotThereOrDeletedHasNoMetaAndWhatIsNoMetaIsRefused() {
    String unknown = "Patient/" + UUID.randomUUID();
    assertThat(fhir.get(unknown + "/$meta").status()).isEqualTo(404);
    assertThat(fhir.post(unknown + "/$meta-add", tags("x")).status()).isEqualTo(404);
    assertThat(fhir.post(patient + "/_history/9/$meta-add", tags("x")).status()).isEqualTo(404);
    assertThat(
            fhir.post(patient + "/$meta-add", parameters("\"versionId\":\"7\"")).status())
        .isEqualTo(400);
    assertThat(fhir.post(patient + "/$meta-add", "{\"resourceType\":\"Parameters\"}")
            .status())
        .isEqualTo(400);
    fhir.delete(patient);
    assertThat(fhir.get(patient + "/$meta").status()).isEqualTo(410);
    assertThat(fhir.post(patient + "/$meta-add", tags("x")).status()).isEqualTo(410);
  }

  @Test
  void readOnlyTypesKeepTheirMeta() {
    Answer answer = fhir.post("OperationDefinition/triage/$meta-add", tags("x"));

    assertThat(answer.status()).isBetween(400, 405);
    assertThat(fhir.get("OperationDefinition/triage/$meta").body()).doesNotContain("urn:test");
  }

  @Test
  void whatIsAddedIsFoundAtOnceAndMakesNoVersion() {
    String body = parameters("\"tag\":[{\"system\":\"urn:test\",\"code\":\"%1$s\"}],".formatted(tag)
        + "\"security\":[{\"system\":\"urn:test\",\"code\":\"r-%1$s\"}],\"profile\":[\"urn:p:%1$s\"]"
            .formatted(tag));

    Answer added = fhir.post(patient + "/$meta-add", body);

    assertThat(added.status()).as(added.body()).isEqualTo(200);
    assertThat(added.json().at("/parameter/0/name").asString()).isEqualTo("return");
    assertThat(added.json().at("/parameter/0/valueMeta/tag/0/code").asString()).isEqualTo(tag);
    assertThat(added.json().at("/parameter/0/valueMeta").has("versionId")).isFalse();
    Answer read = fhir.get(patient);
    assertThat(read.header("ETag")).isEqualTo("W/\"2\"");
    assertThat(read.json().at("/meta/security/0/code").asString()).isEqualTo("r-" + tag);
    assertThat(read.json().at("/name/0/family").asString()).isEqualTo("Two");
    assertThat(fhir.get(patient + "/_history").json().path("total").asInt()).isEqualTo(2);
    assertThat(fhir.get(patient + "/_history/1").json().path("meta").has("tag")).isFalse();
    assertThat(found("_tag=urn:test%7C" + tag)).isEqualTo(1);
    assertThat(found("_security=urn:test%7Cr-" + tag)).isEqualTo(1);
    assertThat(found("_profile=urn:p:" + tag)).isEqualTo(1);
    assertThat(found("_id=%s&family=two".formatted(tag))).isEqualTo(1);

    assertThat(fhir.post(patient + "/$meta-add", body).json())
        .as("added again, it is there once")
        .isEqualTo(added.json());
  }

  @Test
  void whatIsRemovedIsNotFoundAnyMoreAndTheRestStays() {
    fhir.post(patient + "/$meta-add", tags(tag));
    fhir.post(patient + "/$meta-add", tags("stays"));

    Answer removed = fhir.post(patient + "/$meta-delete", tags(tag));

    assertThat(removed.json().at("/parameter/0/valueMeta/tag")).hasSize(1);
    assertThat(fhir.get(patient + "/$meta").json()).isEqualTo(removed.json());
    assertThat(found("_tag=urn:test%7C" + tag)).isZero();
    assertThat(found("_id=%s&_tag=stays".formatted(tag))).isEqualTo(1);
    assertThat(fhir.post(patient + "/$meta-delete", tags("never-was")).status()).isEqualTo(200);
  }

  @Test
  void aPastVersionIsLabelledWithoutTouchingTheCurrentOne() {
    Answer added = fhir.post(patient + "/_history/1/$meta-add", tags(tag));

    assertThat(added.status()).as(added.body()).isEqualTo(200);
    JsonNode past = fhir.get(patient + "/_history/1").json();
    assertThat(past.at("/meta/tag/0/code").asString()).isEqualTo(tag);
    assertThat(past.at("/name/0/family").asString()).isEqualTo("One");
    assertThat(fhir.get(patient + "/_history/1/$meta").json()).isEqualTo(added.json());
    assertThat(fhir.get(patient).json().path("meta").has("tag")).isFalse();
    assertThat(found("_tag=urn:test%7C" + tag)).isZero();
    assertThat(fhir.get(patient + "/_history").json().path("total").asInt()).isEqualTo(2);
  }

  @Test
  void anObservationDoesNotBecomeASymptomReportBehindTheAlertsBack() {
    JsonNode observation = fhir.post(
            "Observation",
            "{\"resourceType\":\"Observation\",\"status\":\"final\",\"code\":{\"text\":\"made up\"},"
                + "\"subject\":{\"reference\":\"%s\"}}".formatted(patient))
        .json();
    String path = "Observation/" + observation.path("id").asString();

    Answer refused =
        fhir.post(path + "/$meta-add", parameters("\"profile\":[\"%s\"]".formatted(REPORTED)));

    assertThat(refused.status()).isEqualTo(422);
    assertThat(fhir.get(path).json()).isEqualTo(observation);
  }
}
