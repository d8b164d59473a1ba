package org.botoxfhir.rest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.UUID;
import org.botoxfhir.rest.Preferences.Handling;
import org.botoxfhir.rest.Preferences.Returned;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.Fhir.Answer;
import org.botoxfhir.testing.ServiceTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;

@ServiceTest
class PreferencesTest {
  private static final String PATIENT = "{\"resourceType\":\"Patient\",\"active\":true}";

  @Autowired
  Fhir fhir;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "return",
        "return=",
        "return=everything",
        "return=\"minimal",
        "xreturn=minimal",
        "no-return=minimal",
        "note=\"return=minimal\"",
        "note=\"a, return=minimal\"",
        "note=\"a \\\", return=minimal\"",
        "return=everything, return=minimal",
        "respond-async, wait=10",
        ",;=,=;"
      })
  void whatIsNotUnderstoodIsNoPreference(String header) {
    assertThat(Preferences.of(List.of(header))).isEqualTo(new Preferences(null, null));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      return=minimal                                      | MINIMAL           |
      RETURN = Minimal                                    | MINIMAL           |
      return="representation"                             | REPRESENTATION    |
      return=operationoutcome                             | OPERATION_OUTCOME |
      return=minimal, return=representation               | MINIMAL           |
      handling=lenient                                    |                   | LENIENT
      respond-async, Handling="strict", return=minimal    | MINIMAL           | STRICT
      return=representation; handling=lenient             | REPRESENTATION    | LENIENT
      handling=lenient, handling=strict                   |                   | LENIENT
      note="a, \\"b, return=minimal", return=representation | REPRESENTATION    |
      """)
  void theFirstOfEachPreferenceCountsWhateverItsCaseAndQuotes(
      String header, Returned returned, Handling handling) {
    assertThat(Preferences.of(List.of(header))).isEqualTo(new Preferences(returned, handling));
    assertThat(Preferences.of(List.of("wait=1", header, "return=minimal, handling=strict")))
        .isEqualTo(new Preferences(
            returned == null ? Returned.MINIMAL : returned,
            handling == null ? Handling.STRICT : handling));
  }

  private Answer update(String id, String gender, String prefer) {
    return fhir.put(
        "Patient/" + id,
        "{\"resourceType\":\"Patient\",\"id\":\"%s\",\"gender\":\"%s\"}".formatted(id, gender),
        "Prefer",
        prefer);
  }

  private Answer patch(String id, boolean active, String prefer) {
    return fhir.send(
        "PATCH",
        "Patient/" + id,
        java.net.http.HttpRequest.BodyPublishers.ofString(
            "[{\"op\":\"add\",\"path\":\"/active\",\"value\":%s}]".formatted(active)),
        "Content-Type",
        "application/json-patch+json",
        "Prefer",
        prefer);
  }

  @Test
  void createsUpdatesAndPatchesAreAnsweredAsPreferredAndSaySo() {
    String id = UUID.randomUUID().toString();

    for (Answer minimal : List.of(
        fhir.post("Patient", PATIENT, "Prefer", "RETURN=\"minimal\", wait=5"),
        update(id, "male", "return=minimal"),
        patch(id, true, "return=minimal"))) {
      assertThat(minimal.status()).isIn(200, 201);
      assertThat(minimal.body()).isEmpty();
      assertThat(minimal.header("ETag")).startsWith("W/");
      assertThat(minimal.header("Preference-Applied")).isEqualTo("return=minimal");
    }
    for (Answer outcome : List.of(
        fhir.post("Patient", PATIENT, "Prefer", "return=operationoutcome"),
        update(id, "female", "return=OperationOutcome"),
        patch(id, false, "return=OperationOutcome"))) {
      assertThat(outcome.json().path("resourceType").asString()).isEqualTo("OperationOutcome");
      assertThat(outcome.header("Preference-Applied")).isEqualTo("return=OperationOutcome");
    }
    for (Answer whole : List.of(
        fhir.post("Patient", PATIENT, "Prefer", "respond-async; return=representation"),
        update(id, "other", "return=representation"),
        patch(id, true, "return=nothing"))) {
      assertThat(whole.json().path("resourceType").asString()).isEqualTo("Patient");
    }
    assertThat(patch(id, false, "return=nothing").headers().firstValue("Preference-Applied"))
        .isEmpty();
  }

  @Test
  void aDeletionIsAnsweredWithoutABodyUnlessItsOutcomeIsPreferred() {
    String id = fhir.post("Patient", PATIENT).json().path("id").asString();

    Answer told = fhir.delete("Patient/" + id, "Prefer", "return=OperationOutcome");
    Answer nothingLeft =
        fhir.delete("Patient/" + UUID.randomUUID(), "Prefer", "return=OperationOutcome");
    Answer minimal = fhir.delete("Patient/" + id, "Prefer", "return=representation");

    assertThat(told.status()).isEqualTo(200);
    assertThat(told.json().at("/issue/0/diagnostics").asString())
        .isEqualTo("deleted as Patient/%s/_history/2".formatted(id));
    assertThat(nothingLeft.json().at("/issue/0/diagnostics").asString())
        .isEqualTo("there was nothing to delete");
    assertThat(minimal.status()).isEqualTo(204);
    assertThat(minimal.body()).isEmpty();
  }

  @Test
  void ofSeveralHeadersEachIsReadAndTheEntriesOfABundleFollowThem() {
    String bundle = "{\"resourceType\":\"Bundle\",\"type\":\"batch\",\"entry\":["
        + "{\"request\":{\"method\":\"GET\",\"url\":\"Patient?nothing=1&_count=1\"}},"
        + "{\"resource\":%s,\"request\":{\"method\":\"POST\",\"url\":\"Patient\"}}]}"
            .formatted(PATIENT);

    Answer strict = fhir.post("", bundle, "Prefer", "return=OperationOutcome");
    Answer lenient = fhir.post("", bundle, "Prefer", "handling=lenient, return=representation");

    assertThat(strict.json().at("/entry/0/response/status").asString()).startsWith("400");
    assertThat(strict.json().at("/entry/1/response/outcome").isMissingNode()).isFalse();
    assertThat(lenient.json().at("/entry/0/response/status").asString()).startsWith("200");
    assertThat(lenient.json().at("/entry/1/resource/active").asBoolean()).isTrue();
    assertThat(lenient.headers().allValues("Preference-Applied"))
        .containsExactlyInAnyOrder("return=representation", "handling=lenient");
  }

  @Test
  void leniencyIsForSearchesAndNeverForTheConditionOfAWrite() {
    assertThat(fhir.get("Patient?nothing=1&_count=1", "Prefer", "handling=lenient")
            .header("Preference-Applied"))
        .isEqualTo("handling=lenient");
    assertThat(fhir.post(
                "Patient",
                PATIENT,
                "If-None-Exist",
                "identifier=none|none&nothing=1",
                "Prefer",
                "handling=lenient")
            .status())
        .isEqualTo(400);
    assertThat(fhir.delete("Patient?identifier=none%7Cnone&nothing=1", "Prefer", "handling=lenient")
            .status())
        .isEqualTo(400);
  }

  @Test
  void aWishToBeAnsweredLaterIsAnsweredAtOnce() {
    assertThat(fhir.get("Patient?_count=1", "Prefer", "respond-async").status()).isEqualTo(200);
  }
}
