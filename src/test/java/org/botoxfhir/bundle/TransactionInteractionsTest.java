package org.botoxfhir.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.botoxfhir.bundle.BundleText.criteria;
import static org.botoxfhir.bundle.BundleText.entry;
import static org.botoxfhir.bundle.BundleText.fhirPathPatch;
import static org.botoxfhir.bundle.BundleText.jsonPatch;
import static org.botoxfhir.bundle.BundleText.patient;
import static org.botoxfhir.bundle.BundleText.statuses;
import static org.botoxfhir.bundle.BundleText.stored;
import static org.botoxfhir.bundle.BundleText.transaction;
import static org.botoxfhir.bundle.BundleText.withId;

import java.util.UUID;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.Fhir.Answer;
import org.botoxfhir.testing.ServiceTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** What an entry of a transaction may ask for, beside creates and updates by id. */
@ServiceTest
class TransactionInteractionsTest {
  private final String run = UUID.randomUUID().toString();
  private final String mine = "mine-" + run;

  @Autowired
  private Fhir fhir;

  private String onFile(String identifier) {
    return fhir.post("Patient", patient(identifier, ",\"gender\":\"male\""))
        .json()
        .path("id")
        .asString();
  }

  private void nothingWasStored(String identifier) {
    assertThat(fhir.get(criteria(identifier).replace("|", "%7C"))
            .json()
            .path("total")
            .asInt())
        .isZero();
  }

  @Test
  void aReadThatFindsNothingRollsEverythingBackAndNamesItsEntry() {
    Answer answer = fhir.post(
        "",
        transaction(
            entry("POST", "Patient", "", patient(mine, "")),
            entry("GET", "Patient/nobody-" + run)));

    assertThat(answer.status()).isEqualTo(404);
    assertThat(answer.json().at("/issue/0/expression/0").asString()).isEqualTo("Bundle.entry[1]");
    nothingWasStored(mine);
  }

  @Test
  void aPatchThatDoesNotApplyRollsEverythingBackAndNamesItsEntry() {
    String other = onFile("other-" + run);

    Answer answer = fhir.post(
        "",
        transaction(
            entry("POST", "Patient", "", patient(mine, "")),
            entry(
                "PATCH",
                "Patient/" + other,
                "",
                jsonPatch("[{\"op\":\"remove\",\"path\":\"/name\"}]"))));

    assertThat(answer.status()).isEqualTo(422);
    assertThat(answer.json().at("/issue/0/diagnostics").asString())
        .contains("Bundle.entry[1]", other);
    nothingWasStored(mine);
  }

  @ParameterizedTest
  @CsvSource({"PUT, 412", "PATCH, 412", "DELETE, 412"})
  void criteriaThatMatchSeveralStopTheTransactionAndNameTheEntry(String method, int status) {
    onFile("twice-" + run);
    onFile("twice-" + run);
    String resource = switch (method) {
      case "PUT" -> patient("twice-" + run, "");
      case "PATCH" -> jsonPatch("[]");
      default -> "";
    };

    Answer answer = fhir.post(
        "",
        transaction(
            entry("POST", "Patient", "", patient(mine, "")),
            entry(method, criteria("twice-" + run), "", resource)));

    assertThat(answer.status()).as(answer.body()).isEqualTo(status);
    assertThat(answer.json().at("/issue/0/expression/0").asString()).startsWith("Bundle.entry[1]");
    nothingWasStored(mine);
  }

  @Test
  void aPatchByCriteriaThatMatchNothingStopsTheTransaction() {
    Answer answer =
        fhir.post("", transaction(entry("PATCH", criteria("nobody-" + run), "", jsonPatch("[]"))));

    assertThat(answer.status()).isEqualTo(404);
    assertThat(answer.body()).contains("Bundle.entry[0]");
  }

  @ParameterizedTest
  @CsvSource({"PUT", "PATCH", "DELETE"})
  void twoEntriesThatCriteriaLeadToTheSameResourceAreRefused(String method) {
    String id = onFile("same-" + run);
    String resource = switch (method) {
      case "PUT" -> patient("same-" + run, "");
      case "PATCH" -> jsonPatch("[]");
      default -> "";
    };

    Answer answer = fhir.post(
        "",
        transaction(
            entry("DELETE", "Patient/" + id),
            entry(method, criteria("same-" + run), "", resource),
            entry("POST", "Patient", "", patient(mine, ""))));

    assertThat(answer.status()).as(answer.body()).isEqualTo(400);
    assertThat(answer.body()).contains("Bundle.entry[0] and Bundle.entry[1]", "Patient/" + id);
    assertThat(fhir.get("Patient/" + id).json().at("/meta/versionId").asString())
        .isEqualTo("1");
    nothingWasStored(mine);
  }

  @Test
  void twoConditionalUpdatesOfTheSameResourceAreRefused() {
    String id = onFile("both-" + run);

    Answer answer = fhir.post(
        "",
        transaction(
            entry("PUT", criteria("both-" + run), "", patient("both-" + run, "")),
            entry("PUT", "Patient?_id=" + id, "", patient("both-" + run, ",\"active\":true"))));

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json().at("/issue/0/code").asString()).isEqualTo("duplicate");
  }

  @Test
  void anUpdateThatMustBeTheFirstStopsWhereThereIsOne() {
    String id = onFile("first-" + run);
    String ifNoneMatch = ",\"ifNoneMatch\":\"*\"";

    Answer answer = fhir.post(
        "", transaction(entry("PUT", "Patient/" + id, ifNoneMatch, withId(patient("x", ""), id))));
    Answer free = fhir.post(
        "",
        transaction(entry("PUT", "Patient/" + mine, ifNoneMatch, withId(patient(mine, ""), mine))));

    assertThat(answer.status()).isEqualTo(412);
    assertThat(answer.body()).contains("Bundle.entry[0]", id);
    assertThat(statuses(free)).containsExactly("201 Created");
  }

  @Test
  void conditionalWritesDoWhatTheyDoAlone() {
    String changed = onFile("changed-" + run);
    String gone = onFile("gone-" + run);
    String patched = onFile("patched-" + run);

    Answer answer = fhir.post(
        "",
        transaction(
            entry("PUT", criteria("changed-" + run), "", patient("changed-" + run, "")),
            entry("PUT", criteria("new-" + run), "", patient("new-" + run, "")),
            entry("DELETE", criteria("gone-" + run)),
            entry("DELETE", criteria("never-" + run)),
            entry(
                "PATCH",
                criteria("patched-" + run),
                ",\"ifMatch\":\"W/\\\"1\\\"\"",
                fhirPathPatch("delete", "Patient.gender", ""))));

    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    assertThat(statuses(answer))
        .containsExactly("200 OK", "201 Created", "200 OK", "200 OK", "200 OK");
    assertThat(stored(answer, 0)).isEqualTo("Patient/" + changed);
    assertThat(fhir.get(stored(answer, 1)).status()).isEqualTo(200);
    assertThat(fhir.get("Patient/" + gone).status()).isEqualTo(410);
    assertThat(fhir.get("Patient/" + patched).json().has("gender")).isFalse();
  }

  @Test
  void readsSeeWhatTheTransactionWrites() {
    String deleted = onFile("deleted-" + run);
    String kept = onFile("kept-" + run);

    Answer answer = fhir.post(
        "",
        transaction(
            entry("GET", "Patient?identifier=" + BundleText.MRN + "|" + mine),
            entry("GET", "Patient?_id=" + deleted),
            entry("GET", "Patient/" + kept, ",\"ifNoneMatch\":\"W/\\\"1\\\"\"", ""),
            entry("GET", "Patient/" + kept + "/_history/1"),
            entry("HEAD", "Patient/" + kept),
            entry("GET", "Patient/" + kept + "/_history"),
            entry("GET", "Patient/" + kept + "?_elements=gender"),
            entry("POST", "Patient", "", patient(mine, "")),
            entry("DELETE", "Patient/" + deleted)));

    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    assertThat(statuses(answer).subList(0, 7))
        .containsExactly(
            "200 OK", "200 OK", "304 Not Modified", "200 OK", "200 OK", "200 OK", "200 OK");
    JsonNode found = BundleText.entry(answer, 0).path("resource");
    assertThat(found.path("type").asString()).isEqualTo("searchset");
    assertThat(found.at("/entry/0/resource/id").asString())
        .isEqualTo(stored(answer, 7).substring("Patient/".length()));
    assertThat(BundleText.entry(answer, 1).at("/resource/total").asInt()).isZero();
    assertThat(BundleText.entry(answer, 2).has("resource")).isFalse();
    assertThat(BundleText.entry(answer, 3).at("/resource/id").asString()).isEqualTo(kept);
    assertThat(BundleText.entry(answer, 3).at("/response/etag").asString()).isEqualTo("W/\"1\"");
    assertThat(BundleText.entry(answer, 4).has("resource")).isFalse();
    assertThat(BundleText.entry(answer, 5).at("/resource/type").asString()).isEqualTo("history");
    assertThat(BundleText.entry(answer, 6).at("/resource/gender").asString()).isEqualTo("male");
    assertThat(BundleText.entry(answer, 6).path("resource").has("identifier")).isFalse();
  }

  @Test
  void aSearchInACompartmentSaysNothingOfTheNextSearch() {
    String one = onFile("one-" + run);
    String other = onFile("other-" + run);
    String encounter =
        "{\"resourceType\":\"Encounter\",\"status\":\"finished\",\"class\":{\"code\":\"AMB\"},\"subject\":{\"reference\":\"Patient/%s\"}}";

    Answer answer = fhir.post(
        "",
        transaction(
            entry("GET", "Patient/" + one + "/Encounter"),
            entry("GET", "Encounter?subject=Patient/" + other),
            entry("GET", "metadata?_elements=fhirVersion"),
            entry("POST", "Encounter", "", encounter.formatted(one)),
            entry("POST", "Encounter", "", encounter.formatted(other))));

    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    for (int search = 0; search < 2; search++) {
      assertThat(BundleText.entry(answer, search)
              .at("/resource/entry/0/resource/id")
              .asString())
          .isEqualTo(stored(answer, 3 + search).substring("Encounter/".length()));
    }
    assertThat(BundleText.entry(answer, 2).at("/resource/fhirVersion").asString())
        .isEqualTo("4.0.1");
  }

  @Test
  void whatIsDeletedAndCreatedAgainUnderItsIdGoesOn() {
    String id = onFile("again-" + run);
    fhir.post("", transaction(entry("DELETE", "Patient/" + id)));

    Answer answer = fhir.post(
        "",
        transaction(entry("PUT", "Patient/" + id, "", withId(patient("again-" + run, ""), id))));

    assertThat(statuses(answer)).containsExactly("201 Created");
    assertThat(BundleText.entry(answer, 0).at("/response/etag").asString()).isEqualTo("W/\"3\"");
  }

  @Test
  void aLinkInAPatchLeadsToTheEntryThatItNames() {
    String id = onFile("linked-" + run);
    String urn = "urn:uuid:" + UUID.randomUUID();
    String organization = "{\"fullUrl\":\"%s\",".formatted(urn)
        + entry(
                "POST",
                "Organization",
                "",
                "{\"resourceType\":\"Organization\",\"name\":\"Clinic\"}")
            .substring(1);
    String patch = fhirPathPatch(
        "add",
        "Patient",
        ",{\"name\":\"name\",\"valueString\":\"managingOrganization\"},{\"name\":\"value\",\"valueReference\":{\"reference\":\"%s\"}}"
            .formatted(urn));

    Answer answer =
        fhir.post("", transaction(organization, entry("PATCH", "Patient/" + id, "", patch)));

    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    assertThat(fhir.get("Patient/" + id)
            .json()
            .at("/managingOrganization/reference")
            .asString())
        .isEqualTo(stored(answer, 0));
  }

  @Test
  void oneConditionInTwoSpellingsIsRefusedLikeInOne() {
    String condition = "identifier=%s|%s".formatted(BundleText.MRN, mine);

    Answer answer = fhir.post(
        "",
        transaction(
            entry(
                "POST",
                "Patient",
                ",\"ifNoneExist\":\"%s&active=true\"".formatted(condition),
                patient(mine, ",\"active\":true")),
            entry(
                "PUT",
                "Patient?active=true&" + condition.replace("|", "%7C"),
                "",
                patient(mine, ",\"active\":true"))));

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json().at("/issue/0/diagnostics").asString())
        .contains("Bundle.entry[0]", "Bundle.entry[1]", "same condition");
    nothingWasStored(mine);
  }

  @Test
  void theClientSaysHowMuchOfEachEntryComesBack() {
    String bundle = transaction(entry("POST", "Patient", "", patient(mine, "")));

    JsonNode minimal = BundleText.entry(fhir.post("", bundle, "Prefer", "return=minimal"), 0);
    JsonNode outcome =
        BundleText.entry(fhir.post("", bundle, "Prefer", "return=OperationOutcome"), 0);
    Answer xml =
        fhir.post("", bundle, "Prefer", "return=representation", "Accept", "application/fhir+xml");

    assertThat(minimal.has("resource")).isFalse();
    assertThat(minimal.path("response").has("outcome")).isFalse();
    assertThat(outcome.has("resource")).isFalse();
    assertThat(outcome.at("/response/outcome/issue/0/diagnostics").asString())
        .startsWith("created as Patient/");
    assertThat(xml.body()).contains("<status value=\"201 Created\"", mine);
  }
}
