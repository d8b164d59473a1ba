package org.botoxfhir.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.Fhir.Answer;
import org.botoxfhir.testing.ServiceTest;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

@ServiceTest
class TransactionBundlesTest {
  private static final String MRN = "https://example.org/transaction-bundles-test";

  @Autowired
  private Fhir fhir;

  /** Value of an identifier that only this test has. */
  private final String mine = UUID.randomUUID().toString();

  @Test
  void nothingIsStoredWhenAReferenceMatchesNothing() {
    Answer answer = transaction(patient("urn:uuid:" + UUID.randomUUID(), mine), """
        {"resource": {"resourceType": "Encounter", "status": "finished", "class": {"code": "AMB"},
          "participant": [{"individual": {"reference": "Practitioner?identifier=%s|nobody"}}]},
         "request": {"method": "POST", "url": "Encounter"}}""".formatted(MRN));

    assertThat(answer.status()).isEqualTo(412);
    JsonNode issue = answer.json().at("/issue/0");
    assertThat(issue.at("/expression/0").asString())
        .isEqualTo("Bundle.entry[1].resource.participant[0].individual");
    assertThat(issue.path("diagnostics").asString())
        .contains("Practitioner?identifier=" + MRN + "|nobody");
    assertThat(patients(mine)).isEmpty();
  }

  @Test
  void aConditionThatMatchesSeveralNamesTheEntryAndStoresNothing() {
    assertThat(transaction(patient(null, mine), patient(null, mine)).status()).isEqualTo(200);
    String other = UUID.randomUUID().toString();

    Answer answer = transaction(patient(null, other), conditionalPatient("urn:uuid:1", mine));

    assertThat(answer.status()).isEqualTo(412);
    assertThat(answer.body()).contains("Bundle.entry[1]");
    assertThat(patients(other)).isEmpty();
    assertThat(patients(mine)).hasSize(2);
  }

  @Test
  void aStaleVersionStopsTheWholeTransaction() {
    put(mine, "W/\"1\"", false);
    String other = UUID.randomUUID().toString();

    Answer answer = transaction(patient(null, other), """
        {"resource": {"resourceType": "Patient", "id": "%1$s", "active": false},
         "request": {"method": "PUT", "url": "Patient/%1$s", "ifMatch": "W/\\"7\\""}}""".formatted(mine));

    assertThat(answer.status()).isEqualTo(412);
    assertThat(answer.body()).contains("Patient/" + mine);
    assertThat(patients(other)).isEmpty();
    assertThat(fhir.get("Patient/" + mine).header("ETag")).isEqualTo("W/\"1\"");
  }

  @Test
  void aPatientWhoIsNotOnFileIsNamedWithTheEntryThatRefersToIt() {
    Answer answer = transaction(patient(null, mine), """
        {"resource": {"resourceType": "Encounter", "status": "finished", "class": {"code": "AMB"},
          "subject": {"reference": "Patient/nobody-%s"}},
         "request": {"method": "POST", "url": "Encounter"}}""".formatted(mine));

    assertThat(answer.status()).isEqualTo(422);
    assertThat(answer.json().at("/issue/0/expression/0").asString())
        .isEqualTo("Bundle.entry[1].resource.subject");
    assertThat(answer.json().at("/issue/0/diagnostics").asString())
        .contains("Bundle.entry[1]", "Patient/nobody-" + mine);
    assertThat(patients(mine)).isEmpty();
  }

  @Test
  void aTypeThatIsServedForReadingOnlyCannotComeInThroughATransaction() {
    Answer answer = transaction(patient(null, mine), """
        {"resource": {"resourceType": "CodeSystem", "id": "x", "status": "active", "content": "complete"},
         "request": {"method": "PUT", "url": "CodeSystem/x"}}""");

    assertThat(answer.status()).isEqualTo(422);
    assertThat(answer.json().at("/issue/0/expression/0").asString()).isEqualTo("Bundle.entry[1]");
    assertThat(patients(mine)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"collection", "searchset"})
  void aBundleOfAnotherTypeIsRefused(String type) {
    Answer answer =
        fhir.post("", "{\"resourceType\": \"Bundle\", \"type\": \"%s\"}".formatted(type));

    assertThat(answer.status()).isBetween(400, 499);
    assertThat(answer.json().at("/issue/0/diagnostics").asString())
        .contains("'" + type + "'", "transaction");
  }

  @Test
  void aCreateThatFindsWhatTheSameTransactionDeletesIsRefused() {
    put(mine, "W/\"1\"", true);

    Answer answer = transaction(
        conditionalPatient("urn:uuid:1", mine),
        "{\"request\": {\"method\": \"DELETE\", \"url\": \"Patient/%s\"}}".formatted(mine));

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.body()).contains("Bundle.entry[0]", "Bundle.entry[1]");
    assertThat(fhir.get("Patient/" + mine).status()).isEqualTo(200);
  }

  @Test
  void everyEntryIsAnsweredInItsPlaceWhateverTheOrderOfProcessing() {
    put(mine, "W/\"1\"", true);
    String chosen = UUID.randomUUID().toString();

    Answer answer = transaction(
        """
        {"resource": {"resourceType": "Encounter", "id": "%1$s", "status": "finished", "class": {"code": "AMB"},
          "subject": {"reference": "urn:uuid:aaaaaaaa-0000-4000-8000-000000000001"}},
         "request": {"method": "PUT", "url": "Encounter/%1$s"}}""".formatted(chosen),
        patient("urn:uuid:aaaaaaaa-0000-4000-8000-000000000001", chosen),
        "{\"request\": {\"method\": \"DELETE\", \"url\": \"Patient/%s\", \"ifMatch\": \"W/\\\"1\\\"\"}}"
            .formatted(mine));

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.json().path("type").asString()).isEqualTo("transaction-response");
    assertThat(BundleText.statuses(answer))
        .containsExactly("201 Created", "201 Created", "204 No Content");
    JsonNode created = answer.json().at("/entry/1/response");
    assertThat(created.path("location").asString()).matches("Patient/[0-9a-f-]{36}/_history/1");
    assertThat(created.path("etag").asString()).isEqualTo("W/\"1\"");
    assertThat(created.has("lastModified")).isTrue();
    assertThat(answer.json().at("/entry/0").has("resource")).isFalse();
    assertThat(fhir.get("Encounter/" + chosen).json().at("/subject/reference").asString())
        .isEqualTo(location(answer, 1));
    assertThat(fhir.get("Patient/" + mine).status()).isEqualTo(410);
  }

  @Test
  void aConditionalReferenceLeadsToWhatIsOnFile() {
    put(mine, "W/\"1\"", true);

    Answer answer = transaction("""
        {"resource": {"resourceType": "Encounter", "status": "finished", "class": {"code": "AMB"},
          "subject": {"reference": "Patient?identifier=%s|%s"}},
         "request": {"method": "POST", "url": "Encounter"}}""".formatted(MRN, mine));

    assertThat(answer.status()).isEqualTo(200);
    assertThat(fhir.get(location(answer, 0)).json().at("/subject/reference").asString())
        .isEqualTo("Patient/" + mine);
  }

  @Test
  void racingConditionalCreatesMakeOneResource() throws Exception {
    List<Callable<Answer>> racers = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      racers.add(() -> transaction(conditionalPatient("urn:uuid:" + UUID.randomUUID(), mine)));
    }
    List<String> statuses = new ArrayList<>();
    var locations = new HashSet<String>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (var answer : threads.invokeAll(racers)) {
        assertThat(answer.get().status()).isEqualTo(200);
        statuses.addAll(BundleText.statuses(answer.get()));
        locations.add(location(answer.get(), 0));
      }
    }

    assertThat(statuses).containsOnlyOnce("201 Created").contains("200 OK");
    assertThat(locations).hasSize(1);
    assertThat(patients(mine)).hasSize(1);
  }

  @Test
  void theStoredResourcesComeBackWhenAskedFor() {
    String bundle = bundle(patient(null, mine));

    JsonNode resource =
        fhir.post("", bundle, "Prefer", "return=representation").json().at("/entry/0/resource");

    assertThat(resource.at("/identifier/0/value").asString()).isEqualTo(mine);
    assertThat(resource.at("/meta/versionId").asString()).isEqualTo("1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"chronic-migraine", "upper-limb-spasticity", "cervical-dystonia", "blepharospasm"})
  void anExampleThatIsLoadedAgainChangesNothing(String indication) throws IOException {
    String example = example(indication);
    assertThat(fhir.post("", example).status()).isEqualTo(200);

    Answer again = fhir.post("", example);

    assertThat(again.status()).isEqualTo(200);
    assertThat(BundleText.statuses(again)).containsOnly("200 OK");
    for (JsonNode entry : again.json().path("entry")) {
      assertThat(entry.at("/response/etag").asString()).isEqualTo("W/\"1\"");
    }
  }

  @Test
  void aSymptomReportInATransactionIsAnsweredWithWhatToDoNowAndIsOneReportHoweverOftenItIsSent()
      throws IOException {
    assertThat(fhir.post("", example("cervical-dystonia")).status()).isEqualTo(200);
    String report = example("cervical-dystonia-report").replace("example-dystonia-1", mine);
    String entry =
        "{\"resource\": %s, \"request\": {\"method\": \"POST\", \"url\": \"QuestionnaireResponse\"}}"
            .formatted(report);

    Answer first = transaction(entry);
    Answer second = transaction(entry);

    assertThat(first.status()).isEqualTo(200);
    assertThat(BundleText.statuses(first)).containsExactly("201 Created");
    assertThat(first.json().at("/entry/0/resource/resourceType").asString())
        .isEqualTo("QuestionnaireResponse");
    assertThat(BundleText.statuses(second)).containsExactly("200 OK");
    assertThat(location(second, 0)).isEqualTo(location(first, 0));
    assertThat(second.json().at("/entry/0/resource"))
        .isEqualTo(first.json().at("/entry/0/resource"));
  }

  /** Stores a patient under an id, which is its identifier too. */
  private void put(String id, String etag, boolean active) {
    Answer answer = fhir.put("Patient/" + id, """
        {"resourceType": "Patient", "id": "%1$s", "identifier": [{"system": "%2$s", "value": "%1$s"}], "active": %3$s}""".formatted(id, MRN, active));
    assertThat(answer.header("ETag")).isEqualTo(etag);
  }

  private Answer transaction(String... entries) {
    return fhir.post("", bundle(entries));
  }

  private static String bundle(String... entries) {
    return "{\"resourceType\": \"Bundle\", \"type\": \"transaction\", \"entry\": ["
        + String.join(",", entries) + "]}";
  }

  private static String patient(@Nullable String fullUrl, String identifier) {
    return """
        {%s "resource": {"resourceType": "Patient", "identifier": [{"system": "%s", "value": "%s"}]},
         "request": {"method": "POST", "url": "Patient"}}""".formatted(
            fullUrl == null ? "" : "\"fullUrl\": \"" + fullUrl + "\",", MRN, identifier);
  }

  private static String conditionalPatient(String fullUrl, String identifier) {
    return """
        {"fullUrl": "%1$s", "resource": {"resourceType": "Patient", "identifier": [{"system": "%2$s", "value": "%3$s"}]},
         "request": {"method": "POST", "url": "Patient", "ifNoneExist": "identifier=%2$s|%3$s"}}""".formatted(fullUrl, MRN, identifier);
  }

  private List<JsonNode> patients(String identifier) {
    String token = URLEncoder.encode(MRN + "|" + identifier, StandardCharsets.UTF_8);
    Answer answer = fhir.get("Patient?identifier=" + token);
    assertThat(answer.status()).isEqualTo(200);
    return answer.json().path("entry").valueStream().toList();
  }

  /** Type and id of what an entry is stored as. */
  private static String location(Answer answer, int entry) {
    String location = answer.json().at("/entry/" + entry + "/response/location").asString();
    return location.substring(0, location.indexOf("/_history/"));
  }

  private static String example(String name) throws IOException {
    String path = "/examples/" + name + ".json";
    try (InputStream json =
        Objects.requireNonNull(TransactionBundlesTest.class.getResourceAsStream(path), path)) {
      return new String(json.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
