package org.botoxfhir.rest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.Fhir.Answer;
import org.botoxfhir.testing.ServiceTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** Create, read, update, delete and history over HTTP. */
@ServiceTest
class InteractionsTest {
  @Autowired
  Fhir fhir;

  private static String patient(String family) {
    return "{\"resourceType\":\"Patient\",\"name\":[{\"family\":\"%s\"}]}".formatted(family);
  }

  private static String patient(String id, String family) {
    return "{\"resourceType\":\"Patient\",\"id\":\"%s\",\"name\":[{\"family\":\"%s\"}]}"
        .formatted(id, family);
  }

  private static String newId() {
    return UUID.randomUUID().toString();
  }

  private String create(String family) {
    return fhir.post("Patient", patient(family)).json().path("id").asString();
  }

  @Test
  void aCreateAnswersWithTheStoredResourceItsPlaceAndItsVersion() {
    Answer answer = fhir.post("Patient", patient("Madeup"));

    assertThat(answer.status()).isEqualTo(201);
    String id = answer.json().path("id").asString();
    assertThat(answer.header("Location")).isEqualTo(fhir.base() + "/Patient/" + id + "/_history/1");
    assertThat(answer.header("ETag")).isEqualTo("W/\"1\"");
    assertThat(answer.headers().firstValue("Last-Modified")).isPresent();
    assertThat(answer.json().at("/meta/versionId").asString()).isEqualTo("1");
    assertThat(answer.json().at("/name/0/family").asString()).isEqualTo("Madeup");
    assertThat(fhir.get("Patient/" + id).body()).isEqualTo(answer.body());
  }

  @Test
  void thePreferHeaderDecidesWhatACreateAnswers() {
    Answer minimal = fhir.post("Patient", patient("A"), "Prefer", "return=minimal");
    assertThat(minimal.status()).isEqualTo(201);
    assertThat(minimal.body()).isEmpty();
    assertThat(minimal.header("Location")).contains("/Patient/");
    assertThat(minimal.header("ETag")).isEqualTo("W/\"1\"");

    Answer outcome = fhir.post("Patient", patient("A"), "Prefer", "return=OperationOutcome");
    assertThat(outcome.json().path("resourceType").asString()).isEqualTo("OperationOutcome");
    assertThat(outcome.json().at("/issue/0/diagnostics").asString())
        .startsWith("created as Patient/");
  }

  @ParameterizedTest
  @ValueSource(strings = {"application/fhir+json", "application/fhir+xml"})
  void anUpdateTellsOnceWhichVersionItMadeWhateverItsEncoding(String encoding) {
    String id = create("Beforeson");

    Answer updated = fhir.put("Patient/" + id, patient(id, "Afterson"), "Accept", encoding);

    assertThat(updated.headers().allValues("Content-Location"))
        .containsExactly(fhir.base() + "/Patient/" + id + "/_history/2");
  }

  /** As a Provenance of a whole record has them; a walk through the resource for each of them took minutes. */
  @Test
  void ofTensOfThousandsOfReferencesThatLeadNowhereEachIsNamed() {
    String targets = IntStream.range(0, 30_000)
        .mapToObj("{\"reference\":\"Observation/none-%d\"}"::formatted)
        .collect(Collectors.joining(","));

    Answer answer = fhir.post(
        "Provenance",
        "{\"resourceType\":\"Provenance\",\"recorded\":\"2026-11-22T10:00:00Z\",\"target\":[%s],\"agent\":[{\"who\":{\"display\":\"made up\"}}]}"
            .formatted(targets),
        "Prefer",
        "return=OperationOutcome");

    assertThat(answer.status()).isEqualTo(201);
    assertThat(answer
            .json()
            .path("issue")
            .valueStream()
            .map(issue -> issue.at("/expression/0").asString())
            .filter(expression -> expression.startsWith("Provenance.target[")))
        .hasSize(30_000)
        .contains("Provenance.target[0]", "Provenance.target[29999]");
  }

  @Test
  void anUpdateMakesAVersionAndTheOldOneStaysReadable() {
    String id = create("Beforeson");

    Answer updated = fhir.put("Patient/" + id, patient(id, "Afterson"), "If-Match", "W/\"1\"");

    assertThat(updated.status()).isEqualTo(200);
    assertThat(updated.header("ETag")).isEqualTo("W/\"2\"");
    assertThat(fhir.get("Patient/" + id).json().at("/name/0/family").asString())
        .isEqualTo("Afterson");
    assertThat(fhir.get("Patient/" + id + "/_history/1")
            .json()
            .at("/name/0/family")
            .asString())
        .isEqualTo("Beforeson");
  }

  @Test
  void anUpdateOfAStaleVersionIsRefusedAndChangesNothing() {
    String id = create("One");
    fhir.put("Patient/" + id, patient(id, "Two"));

    Answer stale = fhir.put("Patient/" + id, patient(id, "Threeson"), "If-Match", "W/\"1\"");

    assertThat(stale.status()).isEqualTo(412);
    assertThat(stale.json().at("/issue/0/diagnostics").asString())
        .isEqualTo("Patient/%s is at version 2, not 1; read it and try again".formatted(id));
    assertThat(fhir.get("Patient/" + id).json().at("/name/0/family").asString()).isEqualTo("Two");
  }

  @Test
  void anUpdateOfAVersionOfWhatIsNotThereIsRefused() {
    String id = newId();

    Answer answer = fhir.put("Patient/" + id, patient(id, "Earlyson"), "If-Match", "W/\"1\"");

    assertThat(answer.status()).isEqualTo(412);
    assertThat(answer.json().at("/issue/0/diagnostics").asString())
        .contains("leave out If-Match to create it");
    assertThat(fhir.get("Patient/" + id).status()).isEqualTo(404);
  }

  @Test
  void anIdenticalUpdateMakesNoVersion() {
    String id = create("Sameson");

    Answer again = fhir.put("Patient/" + id, patient(id, "Sameson"));

    assertThat(again.status()).isEqualTo(200);
    assertThat(again.header("ETag")).isEqualTo("W/\"1\"");
    assertThat(fhir.get("Patient/" + id + "/_history").json().path("total").asInt())
        .isEqualTo(1);
  }

  @Test
  void anUpdateCreatesUnderAnyIdThatR4AllowsAllDigitsIncluded() {
    for (String id :
        new String[] {Long.toString(System.nanoTime()), "a." + newId(), "x".repeat(28) + newId()}) {
      Answer created = fhir.put("Patient/" + id, patient(id, "Digitsson"));
      assertThat(created.status()).as(id).isEqualTo(201);
      assertThat(created.header("Location")).endsWith("/Patient/" + id + "/_history/1");
      assertThat(fhir.get("Patient/" + id).status()).isEqualTo(200);
    }
  }

  @Test
  void aDeletedResourceIsGoneItsVersionsAreNotAndItCanComeBack() {
    String id = create("Goner");

    assertThat(fhir.delete("Patient/" + id).status()).isEqualTo(204);
    assertThat(fhir.get("Patient/" + id).status()).isEqualTo(410);
    assertThat(fhir.get("Patient/" + id + "/_history/2").status()).isEqualTo(410);
    assertThat(fhir.get("Patient/" + id + "/_history/1").status()).isEqualTo(200);
    assertThat(fhir.delete("Patient/" + id).status()).isEqualTo(204);
    assertThat(fhir.get("Patient?_id=" + id).json().path("total").asInt()).isZero();

    Answer back = fhir.put("Patient/" + id, patient(id, "Backson"));
    assertThat(back.status()).isEqualTo(201);
    assertThat(back.header("ETag")).isEqualTo("W/\"3\"");
    assertThat(fhir.get("Patient?_id=" + id).json().path("total").asInt()).isEqualTo(1);
  }

  @Test
  void aDeletionOfAStaleVersionIsRefused() {
    String id = create("Keptworth");

    assertThat(fhir.delete("Patient/" + id, "If-Match", "W/\"7\"").status()).isEqualTo(412);
    assertThat(fhir.get("Patient/" + id).status()).isEqualTo(200);
  }

  @Test
  void aHistoryListsAllVersionsNewestFirstPageByPageDeletionsAmongThem() {
    String id = create("V1");
    fhir.put("Patient/" + id, patient(id, "V2"));
    fhir.delete("Patient/" + id);
    fhir.put("Patient/" + id, patient(id, "V4"));

    Answer first = fhir.get("Patient/" + id + "/_history?_count=3");
    assertThat(first.json().path("type").asString()).isEqualTo("history");
    assertThat(first.json().path("total").asInt()).isEqualTo(4);
    assertThat(first.json().at("/entry/0/resource/name/0/family").asString()).isEqualTo("V4");
    assertThat(first.json().at("/entry/1/request/method").asString()).isEqualTo("DELETE");
    assertThat(first.json().at("/entry/1/resource").isMissingNode()).isTrue();
    assertThat(first.json().at("/entry/2/resource/name/0/family").asString()).isEqualTo("V2");

    String next = first.json().at("/link/2/url").asString();
    Answer second = fhir.get(next.substring(fhir.base().toString().length() + 1));
    assertThat(second.json().path("entry")).hasSize(1);
    assertThat(second.json().at("/entry/0/resource/name/0/family").asString()).isEqualTo("V1");
    assertThat(second.json().at("/entry/0/request/method").asString()).isEqualTo("POST");
  }

  @Test
  void aReadWithTheVersionAtHandIsNotModified() {
    String id = create("Cachedson");

    Answer unchanged = fhir.get("Patient/" + id, "If-None-Match", "W/\"1\"");

    assertThat(unchanged.status()).isEqualTo(304);
    assertThat(unchanged.body()).isEmpty();
    assertThat(fhir.get("Patient/" + id, "If-None-Match", "W/\"2\"").status()).isEqualTo(200);
  }

  @Test
  void theSameResourceComesAsXmlOrPrettyAndTakesXml() {
    String xml =
        "<Patient xmlns=\"http://hl7.org/fhir\"><name><family value=\"Xml\"/></name></Patient>";
    Answer created = fhir.post("Patient", xml, "Content-Type", "application/fhir+xml");
    assertThat(created.status()).isEqualTo(201);
    String id = created.json().path("id").asString();

    Answer asXml = fhir.get("Patient/" + id, "Accept", "application/fhir+xml");
    assertThat(asXml.header("Content-Type")).startsWith("application/fhir+xml");
    assertThat(asXml.body()).contains("<family value=\"Xml\"");
    assertThat(asXml.header("ETag")).isEqualTo("W/\"1\"");
    assertThat(fhir.get("Patient/" + id + "?_pretty=true").body()).contains("\n  \"");
    assertThat(fhir.get("Patient/" + id + "?_format=xml").body()).startsWith("<Patient");
  }

  @Test
  void aConditionalCreateMakesNoSecondResource() {
    String value = newId();
    String body =
        "{\"resourceType\":\"Patient\",\"identifier\":[{\"system\":\"urn:test\",\"value\":\"%s\"}]}"
            .formatted(value);
    String condition = "identifier=urn:test|" + value;

    Answer first = fhir.post("Patient", body, "If-None-Exist", condition);
    Answer second = fhir.post("Patient", body, "If-None-Exist", condition);

    assertThat(first.status()).isEqualTo(201);
    assertThat(second.status()).isEqualTo(200);
    assertThat(second.json().path("id").asString())
        .isEqualTo(first.json().path("id").asString());

    fhir.post("Patient", body);
    assertThat(fhir.post("Patient", body, "If-None-Exist", condition).status()).isEqualTo(412);
  }

  @Test
  void theCapabilityStatementNamesWhatIsThereAndNothingElse() {
    var statement = fhir.get("metadata").json();

    var procedure = statement
        .at("/rest/0/resource")
        .valueStream()
        .filter(r -> r.path("type").asString().equals("Procedure"))
        .findFirst()
        .orElseThrow();
    assertThat(
            procedure.path("interaction").valueStream().map(i -> i.path("code").asString()))
        .containsExactlyInAnyOrder(
            "read",
            "vread",
            "create",
            "update",
            "patch",
            "delete",
            "history-instance",
            "history-type",
            "search-type");
    assertThat(
            procedure.path("searchParam").valueStream().map(p -> p.path("name").asString()))
        .contains("patient", "date", "code", "_id", "_lastUpdated", "instantiates-uri", "_source");
    assertThat(procedure.path("searchInclude").valueStream().map(JsonNode::asString))
        .contains("*", "Procedure:patient")
        .doesNotContain("Procedure:code");
    assertThat(procedure.path("searchRevInclude").valueStream().map(JsonNode::asString))
        .contains("AdverseEvent:substance", "Observation:part-of")
        .doesNotContain("Observation:encounter");
    var valueSet = statement
        .at("/rest/0/resource")
        .valueStream()
        .filter(r -> r.path("type").asString().equals("ValueSet"))
        .findFirst()
        .orElseThrow();
    assertThat(
            valueSet.path("interaction").valueStream().map(i -> i.path("code").asString()))
        .containsExactlyInAnyOrder(
            "read", "vread", "history-instance", "history-type", "search-type");
    assertThat(statement
            .at("/rest/0/interaction")
            .valueStream()
            .map(i -> i.path("code").asString()))
        .containsExactlyInAnyOrder("transaction", "batch", "history-system", "search-system");
  }

  @Test
  void everyOperationOfTheCapabilityStatementHasADefinitionThatCanBeRead() {
    var operations = fhir.get("metadata")
        .json()
        .at("/rest/0/resource")
        .valueStream()
        .flatMap(resource -> resource.path("operation").valueStream())
        .toList();

    assertThat(operations).isNotEmpty();
    for (JsonNode operation : operations) {
      String definition = operation.path("definition").asString();
      String path = definition.substring(definition.indexOf("OperationDefinition/"));
      Answer read = fhir.get(path);
      assertThat(read.status()).as(definition).isEqualTo(200);
      assertThat(read.json().path("url").asString()).isEqualTo(definition);
      assertThat(read.json().path("code").asString())
          .isEqualTo(operation.path("name").asString());
    }
  }

  @Test
  void definitionsThatShipWithTheServiceCannotBeOverwritten() {
    Answer answer = fhir.post("ValueSet", "{\"resourceType\":\"ValueSet\",\"status\":\"draft\"}");

    assertThat(answer.status()).isBetween(400, 405);
    assertThat(answer.json().path("resourceType").asString()).isEqualTo("OperationOutcome");
  }
}
