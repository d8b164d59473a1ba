package org.botoxfhir.rest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.Fhir.Answer;
import org.botoxfhir.testing.ServiceTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;

/** Conditional update and delete, and patch. */
@ServiceTest
class ConditionalWritesTest {
  private final String run = UUID.randomUUID().toString();

  @Autowired
  Fhir fhir;

  private String criteria(String name) {
    return "Patient?identifier=urn:test:mrn%7C" + name + run;
  }

  private String patient(String id, String name, String more) {
    return """
        {"resourceType":"Patient"%s,"identifier":[{"system":"urn:test:mrn","value":"%s%s"}]%s}""".formatted(id.isEmpty() ? "" : ",\"id\":\"" + id + "\"", name, run, more);
  }

  @Test
  void aConditionalUpdateCreatesOnceAndThenUpdatesWhatItFinds() {
    Answer created = fhir.put(criteria("a"), patient("", "a", ""));
    Answer updated = fhir.put(criteria("a"), patient("", "a", ",\"gender\":\"female\""));
    assertThat(created.status()).as(created.body()).isEqualTo(201);
    assertThat(updated.status()).as(updated.body()).isEqualTo(200);
    assertThat(updated.json().path("id")).isEqualTo(created.json().path("id"));
    assertThat(updated.json().at("/meta/versionId").asString()).isEqualTo("2");
  }

  @Test
  void aConditionalUpdateThatMatchesSeveralChangesNothing() {
    fhir.post("Patient", patient("", "b", ""));
    fhir.post("Patient", patient("", "b", ""));
    Answer answer = fhir.put(criteria("b"), patient("", "b", ",\"gender\":\"male\""));
    assertThat(answer.status()).isEqualTo(412);
    assertThat(fhir.get(criteria("b") + "&gender=male").json().path("total").asInt())
        .isZero();
  }

  @Test
  void aConditionalUpdateTakesTheIdOfTheResourceOnlyWhereItIsFreeOrTheMatch() {
    String id = "free-" + run.substring(0, 8);
    assertThat(fhir.put(criteria("c"), patient(id, "c", "")).status()).isEqualTo(201);
    assertThat(fhir.get("Patient/" + id).status()).isEqualTo(200);
    assertThat(fhir.put(criteria("c"), patient("other", "c", "")).status()).isEqualTo(400);
    assertThat(fhir.put(criteria("d"), patient(id, "d", "")).status())
        .as("taken by another")
        .isEqualTo(412);
  }

  @Test
  void anUpdateThatMustBeTheFirstIsRefusedWhereThereIsOne() {
    String id = "first-" + run;
    String path = "Patient/" + id;
    assertThat(fhir.put(path, patient(id, "l", ""), "If-None-Match", "*").status())
        .isEqualTo(201);
    Answer second = fhir.put(path, patient(id, "m", ""), "If-None-Match", "*");
    assertThat(second.status()).as(second.body()).isEqualTo(412);
    fhir.delete(path);
    assertThat(fhir.put(path, patient(id, "l", ""), "If-None-Match", "*").status())
        .as("deleted")
        .isEqualTo(201);
  }

  @Test
  void aConditionalDeleteOfAnotherVersionThanTheExpectedDeletesNothing() {
    fhir.post("Patient", patient("", "n", ""));
    assertThat(fhir.delete(criteria("n"), "If-Match", "W/\"7\"").status()).isEqualTo(412);
    assertThat(fhir.get(criteria("n")).json().path("total").asInt()).isEqualTo(1);
    assertThat(fhir.delete(criteria("n"), "If-Match", "W/\"1\"").status()).isEqualTo(200);
  }

  @Test
  void racingConditionalUpdatesMakeOneResource() throws Exception {
    List<Callable<Integer>> racers = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      String text = ",\"name\":[{\"family\":\"F%d\"}]".formatted(i);
      racers.add(() -> fhir.put(criteria("e"), patient("", "e", text)).status());
    }
    try (var threads = Executors.newFixedThreadPool(16)) {
      List<Integer> statuses = new ArrayList<>();
      for (Future<Integer> one : threads.invokeAll(racers)) {
        statuses.add(one.get());
      }
      assertThat(statuses).containsOnlyOnce(201);
      assertThat(statuses.stream().filter(status -> status == 200)).hasSize(15);
    }
    assertThat(fhir.get(criteria("e")).json().path("total").asInt()).isEqualTo(1);
  }

  @Test
  void aConditionalDeleteDeletesTheOneMatchAndRefusesSeveral() {
    fhir.post("Patient", patient("", "f", ""));
    assertThat(fhir.delete(criteria("f")).status()).isIn(200, 204);
    assertThat(fhir.get(criteria("f")).json().path("total").asInt()).isZero();
    assertThat(fhir.delete(criteria("f")).status()).as("nothing left").isIn(200, 204);
    fhir.post("Patient", patient("", "g", ""));
    fhir.post("Patient", patient("", "g", ""));
    assertThat(fhir.delete(criteria("g")).status()).isEqualTo(412);
    assertThat(fhir.delete("Patient?").status()).as("everything").isEqualTo(400);
    assertThat(fhir.delete("Patient?_count=1").status()).as("no criteria").isEqualTo(400);
    assertThat(fhir.get(criteria("g")).json().path("total").asInt()).isEqualTo(2);
  }

  private Answer patch(String path, String body, String... headers) {
    String[] all = new String[headers.length + 2];
    all[0] = "Content-Type";
    all[1] = "application/json-patch+json";
    System.arraycopy(headers, 0, all, 2, headers.length);
    return fhir.send("PATCH", path, java.net.http.HttpRequest.BodyPublishers.ofString(body), all);
  }

  @Test
  void aJsonPatchChangesWhatItNamesAndMakesAVersion() {
    String id = fhir.post("Patient", patient("", "h", ",\"gender\":\"male\""))
        .json()
        .path("id")
        .asString();
    Answer patched = patch("Patient/" + id, """
        [{"op":"test","path":"/gender","value":"male"},{"op":"replace","path":"/gender","value":"female"},
         {"op":"add","path":"/name","value":[{"family":"Youngworth"}]}]""");
    assertThat(patched.status()).as(patched.body()).isEqualTo(200);
    assertThat(patched.json().at("/gender").asString()).isEqualTo("female");
    assertThat(patched.json().at("/name/0/family").asString()).isEqualTo("Youngworth");
    assertThat(patched.json().at("/meta/versionId").asString()).isEqualTo("2");

    assertThat(patch(criteria("h"), "[{\"op\":\"remove\",\"path\":\"/name\"}]")
            .json()
            .path("name")
            .isMissingNode())
        .as("by criteria")
        .isTrue();
    assertThat(patch(criteria("nobody"), "[]").status()).isEqualTo(404);
  }

  @ParameterizedTest
  @CsvSource({"application/fhir+json, Patient/", "application/fhir+xml, Patient?_id="})
  void aFhirPathPatchComesAsParametersInEitherFormatAndByIdOrCriteria(String type, String target) {
    String id = fhir.post("Patient", patient("", "k", ",\"gender\":\"male\""))
        .json()
        .path("id")
        .asString();
    String body = type.endsWith("json") ? """
        {"resourceType":"Parameters","parameter":[{"name":"operation","part":[{"name":"type","valueCode":"replace"},
          {"name":"path","valueString":"Patient.gender"},{"name":"value","valueCode":"female"}]}]}""" : """
        <Parameters xmlns="http://hl7.org/fhir"><parameter><name value="operation"/><part><name value="type"/><valueCode value="replace"/></part>
          <part><name value="path"/><valueString value="Patient.gender"/></part>
          <part><name value="value"/><valueCode value="female"/></part></parameter></Parameters>""";

    Answer patched = patch(target + id, body, "Content-Type", type);

    assertThat(patched.status()).as(patched.body()).isEqualTo(200);
    assertThat(patched.json().at("/gender").asString()).isEqualTo("female");
    assertThat(patched.json().at("/meta/versionId").asString()).isEqualTo("2");
    assertThat(patch(target + id, "{\"resourceType\":\"Patient\"}", "Content-Type", type)
            .status())
        .isEqualTo(400);
  }

  @Test
  void aPatchThatDoesNotApplyOrIsNoneChangesNothing() {
    String id = fhir.post("Patient", patient("", "i", ",\"gender\":\"male\""))
        .json()
        .path("id")
        .asString();
    String path = "Patient/" + id;
    assertThat(patch(path, "[{\"op\":\"test\",\"path\":\"/gender\",\"value\":\"female\"}]")
            .status())
        .isEqualTo(422);
    assertThat(patch(path, "[{\"op\":\"remove\",\"path\":\"/name\"}]").status()).isEqualTo(422);
    assertThat(patch(path, "[{\"op\":\"replace\",\"path\":\"/id\",\"value\":\"other\"}]")
            .status())
        .isEqualTo(422);
    assertThat(patch(path, "[{\"op\":\"replace\",\"path\":\"/gender\",\"value\":\"purple\"}]")
            .status())
        .isIn(400, 422);
    assertThat(
            patch(path, "[{\"op\":\"add\",\"path\":\"/invented\",\"value\":1}]").status())
        .isIn(400, 422);
    assertThat(patch(path, "{\"op\":\"remove\"}").status()).isEqualTo(400);
    assertThat(patch(path, "[{\"op\":\"explode\",\"path\":\"/gender\"}]").status())
        .isEqualTo(400);
    assertThat(patch(path, "no json").status()).isEqualTo(400);
    assertThat(patch(path, "").status()).isEqualTo(400);
    assertThat(patch(path, "[]", "If-Match", "W/\"7\"").status()).isEqualTo(412);
    assertThat(patch("Patient/nobody-" + run, "[]").status()).isEqualTo(404);
    assertThat(fhir.get(path).json().at("/meta/versionId").asString()).isEqualTo("1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[{\"op\":\"test\",\"path\":\"/name/0/family\",\"value\":\"another\"}]",
        "[{\"op\":\"test\",\"path\":\"/name\",\"value\":1}]",
        "[{\"op\":\"test\",\"path\":\"/birthDate\",\"value\":\"1900-01-01\"}]",
        "[{\"op\":\"copy\",\"from\":\"/name/0/family\",\"path\":\"/birthDate\"}]",
        "[{\"op\":\"move\",\"from\":\"/name/0/family\",\"path\":\"/gender\"}]",
        "[{\"op\":\"copy\",\"from\":\"/birthDate\",\"path\":\"/multipleBirthInteger\"}]",
        "[{\"op\":\"copy\",\"from\":\"/name\",\"path\":\"/active\"}]"
      })
  void aRefusedPatchDoesNotTellWhatIsOnFile(String patch) {
    String id = fhir.post(
            "Patient",
            patient(
                "",
                "l",
                ",\"name\":[{\"family\":\"Onfileworth\"}],\"birthDate\":\"1957-08-23\",\"gender\":\"male\""))
        .json()
        .path("id")
        .asString();

    Answer answer = patch("Patient/" + id, patch);

    assertThat(answer.status()).as(answer.body()).isEqualTo(422);
    assertThat(answer.body())
        .contains("OperationOutcome")
        .doesNotContain("Onfileworth")
        .doesNotContain("1957");
  }

  @Test
  void racingPatchesAllCount() throws Exception {
    String id = fhir.post("Patient", patient("", "j", ",\"name\":[{\"family\":\"x\"}]"))
        .json()
        .path("id")
        .asString();
    List<Callable<Integer>> racers = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      String body =
          "[{\"op\":\"add\",\"path\":\"/name/-\",\"value\":{\"family\":\"f%d\"}}]".formatted(i);
      racers.add(() -> patch("Patient/" + id, body).status());
    }
    try (var threads = Executors.newFixedThreadPool(8)) {
      for (Future<Integer> one : threads.invokeAll(racers)) {
        assertThat(one.get()).isEqualTo(200);
      }
    }
    assertThat(fhir.get("Patient/" + id).json().path("name")).hasSize(9);
  }
}
