package org.botoxfhir.rest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.botoxfhir.testing.Events;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.Fhir.Answer;
import org.botoxfhir.testing.ServiceTest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a write is refused for, over HTTP; shares the service of {@link ValidateTest}, which waits for the definitions. */
@ServiceTest(properties = "botox.validation.timeout=5m")
class WriteValidationTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @Autowired
  Fhir fhir;

  @Autowired
  Events events;

  private String patient;

  @BeforeEach
  void aPatient() {
    patient = "Patient/"
        + fhir.post("Patient", "{\"resourceType\":\"Patient\"}")
            .json()
            .path("id")
            .asString();
  }

  /** The example of the package, about a patient on file and with an identifier of its own. */
  private String example(String name, String identifier) {
    try {
      String text = Files.readString(Path.of("fhir-profiles/package/example", name + ".json"))
          .replaceFirst("\"id\": \"[^\"]*\",", "")
          .replace("Patient/example-patient", patient);
      return text.replaceFirst(
          "\\{",
          "{\"identifier\":[{\"system\":\"https://example.org/test\",\"value\":\"%s\"}],"
              .formatted(identifier));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** Units below zero: refused by the profile, fine for R4. */
  private String negativeDose(String identifier) {
    return administration(identifier).replace("\"value\": 5,", "\"value\": -5,");
  }

  private String administration(String identifier) {
    return example("MedicationAdministration-example-procerus", identifier);
  }

  private int onFile(String type, String identifier) {
    return fhir.get(
            type + "?identifier=https://example.org/test%7C" + identifier + "&_total=accurate")
        .json()
        .path("total")
        .asInt();
  }

  private static String transaction(String kind, String... resources) {
    StringBuilder entries = new StringBuilder();
    for (String resource : resources) {
      String type = JSON.readTree(resource).path("resourceType").asString();
      entries
          .append(entries.isEmpty() ? "" : ",")
          .append("{\"resource\":%s,\"request\":{\"method\":\"POST\",\"url\":\"%s\"}}"
              .formatted(resource, type));
    }
    return "{\"resourceType\":\"Bundle\",\"type\":\"%s\",\"entry\":[%s]}".formatted(kind, entries);
  }

  private static String unique() {
    return UUID.randomUUID().toString();
  }

  @Test
  void aCreateThatBreaksTheProfileItClaimsIs422WithPlaceAndWayOutAndNothingIsStored() {
    String identifier = unique();
    Answer answer = fhir.post("MedicationAdministration", negativeDose(identifier));

    assertThat(answer.status()).as(answer.body()).isEqualTo(422);
    JsonNode issue = answer.json().at("/issue/0");
    assertThat(issue.path("severity").asString()).isEqualTo("error");
    assertThat(issue.path("code").asString()).isEqualTo("invariant");
    assertThat(issue.path("expression").path(0).asString())
        .isEqualTo("MedicationAdministration.dosage.dose");
    assertThat(issue.path("diagnostics").asString())
        .contains("botox-unit-1")
        .contains("correct what the rule names");
    assertThat(onFile("MedicationAdministration", identifier)).isZero();
    assertThat(fhir.post("MedicationAdministration", administration(identifier)).status())
        .isEqualTo(201);
  }

  @Test
  void aCreateThatLacksWhatR4RequiresIs422WithoutAnyProfile() {
    Answer answer = fhir.post(
        "Observation",
        "{\"resourceType\":\"Observation\",\"status\":\"final\",\"subject\":{\"reference\":\"%s\"}}"
            .formatted(patient));
    assertThat(answer.status()).isEqualTo(422);
    assertThat(answer.json().at("/issue/0/diagnostics").asString())
        .isEqualTo("Observation.code is missing, which R4 requires; add it");
  }

  @Test
  void oneEntryOfATransactionThatBreaksItsProfileRollsAllBackAndIsNamed() {
    String identifier = unique();
    Answer answer = fhir.post(
        "", transaction("transaction", administration(identifier), negativeDose(identifier)));

    assertThat(answer.status()).as(answer.body()).isEqualTo(422);
    assertThat(answer.json().at("/issue/0/expression/0").asString())
        .isEqualTo("Bundle.entry[1].resource.dosage.dose");
    assertThat(onFile("MedicationAdministration", identifier)).isZero();
  }

  @Test
  void inATransactionWithConditionsTooAndInABatchOnlyTheEntryFails() {
    String identifier = unique();
    String conditional = transaction("transaction", negativeDose(identifier))
        .replace(
            "\"method\":\"POST\"",
            "\"ifNoneExist\":\"identifier=https://example.org/test|%s\",\"method\":\"POST\""
                .formatted(identifier));
    Answer refused = fhir.post("", conditional);
    assertThat(refused.status()).as(refused.body()).isEqualTo(422);
    assertThat(refused.json().at("/issue/0/expression/0").asString())
        .startsWith("Bundle.entry[0].resource");

    Answer batch =
        fhir.post("", transaction("batch", negativeDose(identifier), administration(identifier)));
    assertThat(batch.status()).isEqualTo(200);
    assertThat(batch.json().at("/entry/0/response/status").asString()).startsWith("422");
    assertThat(batch.json().at("/entry/1/response/status").asString()).startsWith("201");
    assertThat(onFile("MedicationAdministration", identifier)).isOne();
  }

  @Test
  void anUpdateAPatchAndANewClaimThatBreakTheProfileAreRefusedAndTheVersionStays() {
    String identifier = unique();
    String id = fhir.post("MedicationAdministration", administration(identifier))
        .json()
        .path("id")
        .asString();
    String key = "MedicationAdministration/" + id;
    String withId = negativeDose(identifier).replaceFirst("\\{", "{\"id\":\"%s\",".formatted(id));

    assertThat(fhir.put(key, withId).status()).isEqualTo(422);
    assertThat(fhir.put(
                "MedicationAdministration?identifier=https://example.org/test%7C" + identifier,
                negativeDose(identifier))
            .status())
        .isEqualTo(422);
    Answer patched =
        patch(key, "[{\"op\":\"replace\",\"path\":\"/dosage/dose/value\",\"value\":-1}]");
    assertThat(patched.status()).as(patched.body()).isEqualTo(422);
    assertThat(patched.body()).contains("botox-unit-1");
    assertThat(patch(key, "[{\"op\":\"replace\",\"path\":\"/dosage/dose/value\",\"value\":7}]")
            .status())
        .isEqualTo(200);
    assertThat(fhir.get(key).json().at("/meta/versionId").asString()).isEqualTo("2");

    Answer claim = fhir.post(
        patient + "/$meta-add",
        "{\"resourceType\":\"Parameters\",\"parameter\":[{\"name\":\"meta\",\"valueMeta\":{\"profile\":"
            + "[\"https://botoxfhir.org/fhir/StructureDefinition/botox-patient\"]}}]}");
    assertThat(claim.status()).as(claim.body()).isEqualTo(422);
    assertThat(fhir.get(patient).json().at("/meta/profile").isMissingNode()).isTrue();
  }

  private Answer patch(String key, String patch) {
    return fhir.send(
        "PATCH",
        key,
        BodyPublishers.ofString(patch),
        "Content-Type",
        "application/json-patch+json");
  }

  @Test
  void aSymptomReportThatBreaksItsProfileIsStoredTriagedPublishedAndWarnedOf() {
    String report = """
        {"resourceType":"Observation","status":"final",
         "meta":{"profile":["https://botoxfhir.org/fhir/StructureDefinition/patient-reported-symptom"]},
         "code":{"coding":[{"system":"http://snomed.info/sct","code":"267036007"}]},
         "subject":{"reference":"%s"}}
        """.formatted(patient);
    Answer answer = fhir.post("Observation", report, "Prefer", "return=OperationOutcome");

    assertThat(answer.status()).as(answer.body()).isEqualTo(201);
    assertThat(answer.json().path("issue").valueStream())
        .anyMatch(issue -> issue.path("severity").asString().equals("warning")
            && issue.path("diagnostics").asString().contains("Observation.category"))
        .noneMatch(issue -> issue.path("severity").asString().equals("error"));
    String location = answer.header("Location");
    assertThat(events
            .await(location.substring(location.indexOf("Observation/")))
            .json()
            .at("/triage/urgency")
            .asString())
        .isEqualTo("emergency");

    String withoutLinkId = """
        {"resourceType":"QuestionnaireResponse","status":"completed","subject":{"reference":"%s"},
         "questionnaire":"https://botoxfhir.org/fhir/Questionnaire/botox-symptom-report",
         "item":[{"answer":[{"valueBoolean":true}]}]}
        """.formatted(patient);
    Answer answered = fhir.post("QuestionnaireResponse", withoutLinkId);
    assertThat(answered.status()).as(answered.body()).isEqualTo(201);
    assertThat(answered.headers().allValues("X-FHIR-Warning"))
        .contains("required QuestionnaireResponse.item[0]");
    assertThat(fhir.post(
                "QuestionnaireResponse", withoutLinkId.replace("\"status\":\"completed\",", ""))
            .status())
        .isEqualTo(201);
  }

  @Test
  void whatTheServiceDerivesFromAReportConformsToItsProfile() throws IOException {
    String report = Files.readString(
            Path.of("src/test/resources/examples/chronic-migraine-report.json"))
        .replace("Patient/example-migraine", patient)
        .replaceFirst("\"value\": \"[^\"]*\"", "\"value\": \"%s\"".formatted(unique()));
    JsonNode stored = fhir.post("QuestionnaireResponse", report).json();
    String key = "QuestionnaireResponse/" + stored.path("id").asString();
    List<JsonNode> derived = fhir.get("Observation?derived-from=" + key)
        .json()
        .path("entry")
        .valueStream()
        .map(entry -> entry.path("resource"))
        .toList();
    List<JsonNode> candidates = fhir.get("AdverseEvent?evidence=" + key)
        .json()
        .path("entry")
        .valueStream()
        .map(entry -> entry.path("resource"))
        .toList();

    assertThat(derived).isNotEmpty();
    assertThat(candidates).isNotEmpty();
    for (JsonNode one :
        java.util.stream.Stream.concat(derived.stream(), candidates.stream()).toList()) {
      String type = one.path("resourceType").asString();
      String profile =
          type.equals("Observation") ? "patient-reported-symptom" : "suspected-adverse-event";
      Answer outcome = fhir.post(
          type + "/$validate?profile=https://botoxfhir.org/fhir/StructureDefinition/" + profile,
          one.toString());
      assertThat(outcome.json().path("issue").valueStream())
          .as(one.toString())
          .noneMatch(
              issue -> List.of("error", "fatal").contains(issue.path("severity").asString()));
    }
  }

  @Test
  void manyAtTheSameTimeAreEachToldTheTruth() throws Exception {
    int writers = 64;
    String prefix = unique();
    try (var threads = Executors.newFixedThreadPool(16)) {
      List<Future<Integer>> answers = threads.invokeAll(java.util.stream.IntStream.range(0, writers)
          .mapToObj(i -> (Callable<Integer>) () -> {
            String identifier = prefix + "-" + i;
            return fhir.post(
                    "MedicationAdministration",
                    i % 2 == 0 ? administration(identifier) : negativeDose(identifier))
                .status();
          })
          .toList());
      for (int i = 0; i < writers; i++) {
        assertThat(answers.get(i).get()).as("writer %d", i).isEqualTo(i % 2 == 0 ? 201 : 422);
      }
    }
    for (int i = 0; i < writers; i++) {
      assertThat(onFile("MedicationAdministration", prefix + "-" + i)).isEqualTo(1 - i % 2);
    }
  }
}
