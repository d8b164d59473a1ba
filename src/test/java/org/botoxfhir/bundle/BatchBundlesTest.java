package org.botoxfhir.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.botoxfhir.bundle.BundleText.batch;
import static org.botoxfhir.bundle.BundleText.criteria;
import static org.botoxfhir.bundle.BundleText.entry;
import static org.botoxfhir.bundle.BundleText.jsonPatch;
import static org.botoxfhir.bundle.BundleText.patient;
import static org.botoxfhir.bundle.BundleText.statuses;
import static org.botoxfhir.bundle.BundleText.stored;
import static org.botoxfhir.bundle.BundleText.withId;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.botoxfhir.testing.Events;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.Fhir.Answer;
import org.botoxfhir.testing.ServiceTest;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

@ServiceTest
class BatchBundlesTest {
  private final String run = UUID.randomUUID().toString();

  @Autowired
  private Fhir fhir;

  @Autowired
  private Events events;

  @Test
  void eachEntryHasItsOwnStatusAndOneThatFailsDoesNotTouchTheOthers() {
    Answer answer = fhir.post(
        "",
        batch(
            entry("POST", "Patient", "", patient("a-" + run, "")),
            entry("GET", "Patient/nobody-" + run),
            entry("POST", "Observation", "", patient("b-" + run, "")),
            entry(
                "PUT",
                "Patient/c-" + run,
                ",\"ifMatch\":\"W/\\\"7\\\"\"",
                withId(patient("c", ""), "c-" + run)),
            entry(
                "POST",
                "Encounter",
                "",
                "{\"resourceType\":\"Encounter\",\"status\":\"finished\",\"class\":{\"code\":\"AMB\"},\"subject\":{\"reference\":\"Patient/nobody-"
                    + run + "\"}}"),
            entry("PATCH", "Patient/nobody-" + run, "", jsonPatch("[]")),
            entry(
                "PUT",
                "CodeSystem/x",
                "",
                "{\"resourceType\":\"CodeSystem\",\"id\":\"x\",\"status\":\"active\",\"content\":\"complete\"}"),
            entry("GET", "Nothing/1"),
            entry("GET", "Patient?unknown=1"),
            entry("PUT", "Patient/d-" + run, "", withId(patient("d-" + run, ""), "d-" + run))));

    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    assertThat(answer.json().path("type").asString()).isEqualTo("batch-response");
    assertThat(statuses(answer).stream().map(status -> status.substring(0, 3)))
        .containsExactly("201", "404", "400", "412", "422", "404", "422", "404", "400", "201");
    for (int failed = 1; failed < 9; failed++) {
      assertThat(BundleText.entry(answer, failed)
              .at("/response/outcome/issue/0/severity")
              .asString())
          .isEqualTo("error");
    }
    assertThat(fhir.get(stored(answer, 0)).status()).isEqualTo(200);
    assertThat(fhir.get("Patient/d-" + run).status()).isEqualTo(200);
    assertThat(answer.headers().firstValue("ETag")).isEmpty();
  }

  @Test
  void everyKindOfEntryIsCarriedOutAndAnsweredInItsPlace() {
    String id = "e-" + run;
    String value = ",\"gender\":\"male\"";
    fhir.put("Patient/" + id, withId(patient(id, value), id));

    Answer answer = fhir.post(
        "",
        batch(
            entry("GET", "Patient/" + id),
            entry(
                "POST",
                "Patient",
                ",\"ifNoneExist\":\"identifier=" + BundleText.MRN + "|" + id + "\"",
                patient(id, "")),
            entry("PUT", criteria(id), "", patient(id, "")),
            entry(
                "PATCH",
                criteria(id),
                "",
                jsonPatch("[{\"op\":\"add\",\"path\":\"/active\",\"value\":true}]")),
            entry("GET", "Patient?_id=" + id),
            entry("DELETE", criteria(id)),
            entry("DELETE", "Patient/" + id),
            entry("GET", "Patient/" + id)));

    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    assertThat(statuses(answer))
        .containsExactly(
            "200 OK",
            "200 OK",
            "200 OK",
            "200 OK",
            "200 OK",
            "200 OK",
            "204 No Content",
            "410 Gone");
    assertThat(BundleText.entry(answer, 0).at("/resource/gender").asString()).isEqualTo("male");
    assertThat(stored(answer, 1)).isEqualTo("Patient/" + id);
    assertThat(BundleText.entry(answer, 2).at("/response/etag").asString()).isEqualTo("W/\"2\"");
    assertThat(
            BundleText.entry(answer, 4).at("/resource/entry/0/resource/active").asBoolean())
        .isTrue();
  }

  @Test
  void searchesByPostTakeTheirParametersFromUrlFormOrParameters() {
    String id = "s-" + run;
    fhir.put("Patient/" + id, withId(patient(id, ""), id));
    String form =
        "{\"resourceType\":\"Binary\",\"contentType\":\"application/x-www-form-urlencoded; charset=UTF-8\",\"data\":\"%s\"}"
            .formatted(Base64.getEncoder()
                .encodeToString(("identifier=" + BundleText.MRN.replace(":", "%3A") + "%7C" + id)
                    .getBytes(StandardCharsets.UTF_8)));
    String parameters =
        "{\"resourceType\":\"Parameters\",\"parameter\":[{\"name\":\"identifier\",\"valueString\":\"%s|%s\"},{\"name\":\"_count\",\"valueInteger\":5}]}"
            .formatted(BundleText.MRN, id);
    String[] entries = {
      entry("POST", "Patient/_search", "", form),
      entry(
          "POST",
          "Patient/_search?_count=5",
          "",
          parameters.replace(",{\"name\":\"_count\",\"valueInteger\":5}", "")),
      entry("POST", "Patient/_search?_id=" + id),
      entry("POST", "_search?_type=Patient&_id=" + id),
      entry("POST", "Patient/" + id + "/Patient/_search", "", parameters),
    };

    for (String bundle : List.of(batch(entries), BundleText.transaction(entries))) {
      Answer answer = fhir.post("", bundle);

      assertThat(statuses(answer)).as(answer.body()).hasSize(5).containsOnly("200 OK");
      for (int i = 0; i < entries.length; i++) {
        assertThat(
                BundleText.entry(answer, i).at("/resource/entry/0/resource/id").asString())
            .as("entry %d", i)
            .isEqualTo(id);
      }
    }
  }

  @Test
  void aSearchByPostThatIsNoneIsRefusedAlone() {
    Answer answer = fhir.post(
        "",
        batch(
            entry("POST", "Patient/_search", "", patient("s", "")),
            entry("POST", "Patient/_search", ",\"ifNoneExist\":\"_id=1\"", ""),
            entry("POST", "Patient/_search?nothing=1"),
            entry("POST", "Nothing/_search?_id=1"),
            entry("POST", "Patient/_search", "", """
                {"resourceType":"Parameters","parameter":[{"name":"name","valueHumanName":{"family":"x"}}]}""")));

    assertThat(statuses(answer).stream().map(status -> status.substring(0, 3)))
        .containsExactly("400", "400", "400", "404", "400");
    assertThat(BundleText.entry(answer, 0)
            .at("/response/outcome/issue/0/diagnostics")
            .asString())
        .contains("Bundle.entry[0].resource", "form-urlencoded");
  }

  @Test
  void operationsAreAnsweredInABatchAndPostedOnesStopATransaction() {
    String id = "o-" + run;
    fhir.put("Patient/" + id, withId(patient(id, ""), id));
    fhir.post(
        "Observation",
        "{\"resourceType\":\"Observation\",\"status\":\"final\",\"code\":{\"text\":\"x\"},\"subject\":{\"reference\":\"Patient/%s\"}}"
            .formatted(id));
    String tag =
        "{\"resourceType\":\"Parameters\",\"parameter\":[{\"name\":\"meta\",\"valueMeta\":{\"tag\":[{\"code\":\"%s\"}]}}]}"
            .formatted(run);
    String triage = entry(
        "POST",
        "Observation/$triage",
        "",
        "{\"resourceType\":\"Observation\",\"status\":\"preliminary\","
            + "\"meta\":{\"profile\":[\"https://botoxfhir.org/fhir/StructureDefinition/patient-reported-symptom\"]},"
            + "\"code\":{\"coding\":[{\"system\":\"http://snomed.info/sct\",\"code\":\"267036007\"}]}}");

    Answer answer = fhir.post(
        "",
        batch(
            entry("GET", "Patient/" + id + "/$everything?_count=1"),
            entry("POST", "Patient/" + id + "/$meta-add", "", tag),
            entry("GET", "Patient/" + id + "/$meta"),
            triage,
            entry("GET", "Patient/" + id + "/$triage"),
            entry("POST", "Patient/$nothing"),
            entry("GET", "Observation/$triage"),
            entry("POST", "Patient/nobody-" + run + "/$everything")));

    assertThat(statuses(answer).stream().map(status -> status.substring(0, 3)))
        .as(answer.body())
        .containsExactly("200", "200", "200", "200", "404", "404", "405", "404");
    assertThat(BundleText.entry(answer, 0).at("/resource/type").asString()).isEqualTo("searchset");
    assertThat(BundleText.entry(answer, 0).at("/resource/link").toString())
        .as("there is another page")
        .contains("\"next\"");
    assertThat(BundleText.entry(answer, 2).at("/resource").toString()).contains(run);
    assertThat(BundleText.entry(answer, 3).toString()).contains("This may be an emergency.");

    Answer transaction = fhir.post("", BundleText.transaction(triage));
    assertThat(transaction.status()).isEqualTo(422);
    assertThat(transaction.json().at("/issue/0/diagnostics").asString())
        .contains("Bundle.entry[0]", "batch");
    Answer read = fhir.post(
        "",
        BundleText.transaction(
            entry("POST", "Patient", "", patient("r-" + run, "")),
            entry("GET", "Patient/" + id + "/$everything")));
    assertThat(statuses(read)).containsExactly("201 Created", "200 OK");
  }

  @Test
  void anEntryThatRefersToWhatAnotherCreatesIsRefusedAlone() {
    String urn = "urn:uuid:" + UUID.randomUUID();

    Answer answer = fhir.post(
        "",
        batch(
            "{\"fullUrl\":\"%s\",".formatted(urn)
                + entry("POST", "Patient", "", patient("f-" + run, "")).substring(1),
            entry(
                "POST",
                "Encounter",
                "",
                "{\"resourceType\":\"Encounter\",\"status\":\"finished\",\"class\":{\"code\":\"AMB\"},\"subject\":{\"reference\":\""
                    + urn + "\"}}")));

    assertThat(statuses(answer)).containsExactly("201 Created", "400 Bad Request");
    assertThat(BundleText.entry(answer, 1)
            .at("/response/outcome/issue/0/diagnostics")
            .asString())
        .contains("Bundle.entry[1]", "transaction");
  }

  @Test
  void aSymptomReportInABatchAndItsPatchArePublishedLikeAnyOther() throws IOException {
    assertThat(fhir.post("", example("cervical-dystonia")).status()).isEqualTo(200);
    String report = example("cervical-dystonia-report").replace("example-dystonia-1", run);

    Answer sent = fhir.post(
        "",
        batch(
            entry("GET", "Patient/nobody-" + run),
            entry("POST", "QuestionnaireResponse", "", report)));

    assertThat(statuses(sent)).containsExactly("404 Not Found", "201 Created");
    assertThat(BundleText.entry(sent, 1).at("/resource/resourceType").asString())
        .as("what to do now")
        .isEqualTo("QuestionnaireResponse");
    assertThat(events.await(stored(sent, 1) + "/_history/1").header("ce_type"))
        .contains("org.botoxfhir.symptom-report.submitted.v1");

    Answer patched = fhir.post(
        "",
        BundleText.transaction(entry(
            "PATCH",
            stored(sent, 1),
            "",
            BundleText.fhirPathPatch(
                "replace",
                "QuestionnaireResponse.status",
                ",{\"name\":\"value\",\"valueCode\":\"entered-in-error\"}"))));

    assertThat(patched.status()).as(patched.body()).isEqualTo(200);
    assertThat(events.await(stored(sent, 1) + "/_history/2").header("ce_type"))
        .contains("org.botoxfhir.symptom-report.retracted.v1");
  }

  private static String example(String name) throws IOException {
    String path = "/examples/" + name + ".json";
    try (InputStream json =
        Objects.requireNonNull(BatchBundlesTest.class.getResourceAsStream(path), path)) {
      return new String(json.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
