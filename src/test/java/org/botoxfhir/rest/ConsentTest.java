package org.botoxfhir.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.botoxfhir.testing.Events;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.Fhir.Answer;
import org.botoxfhir.testing.ServiceTest;
import org.botoxfhir.testing.TokenIssuer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** What Consents deny and how the glass is broken, over HTTP; every combination is the matter of {@code ConsentMatrixTest}. */
@ServiceTest(tokens = true)
class ConsentTest {
  private static final Path REPORT =
      Path.of("src/test/resources/examples/chronic-migraine-report.json");
  private static final String PURPOSE = "X-Purpose-Of-Use";

  @Autowired
  Fhir fhir;

  @Autowired
  Events events;

  @Autowired
  MeterRegistry meters;

  private Fhir all;
  private Fhir doctor;

  /** Ids that no other test uses. */
  private String patient;

  private String observation;

  @BeforeEach
  void aPatientWithARestrictedObservation() {
    all = fhir.with(TokenIssuer.shared().token("system/*.cruds"));
    doctor = asDoctor("user/*.cruds");
    patient = UUID.randomUUID().toString();
    observation = UUID.randomUUID().toString();
    assertThat(all.put(
                "Patient/" + patient,
                "{\"resourceType\":\"Patient\",\"id\":\"%s\"}".formatted(patient))
            .status())
        .isEqualTo(201);
    assertThat(all.put("Observation/" + observation, observation(observation)).status())
        .isEqualTo(201);
  }

  private static Fhir with(Fhir fhir, String scopes, String user) {
    TokenIssuer issuer = TokenIssuer.shared();
    return fhir.with(issuer.sign(issuer.claims(scopes).claim("fhirUser", user).build()));
  }

  private Fhir asDoctor(String scopes) {
    return with(fhir, scopes, "Practitioner/made-up-doctor");
  }

  private String observation(String id) {
    return """
        {"resourceType":"Observation","id":"%s","status":"final","code":{"text":"made up"},"subject":{"reference":"Patient/%s"},
         "meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"R"}]}}
        """.formatted(id, patient);
  }

  /** @param denies further members of the provision */
  private String consent(String id, String status, String denies) {
    return """
        {"resourceType":"Consent","id":"%s","status":"%s","patient":{"reference":"Patient/%s"},
         "scope":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/consentscope","code":"patient-privacy"}]},
         "category":[{"text":"privacy"}],
         "policyRule":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"OPTIN"}]},
         "provision":{"type":"deny"%s}}
        """.formatted(id, status, patient, denies);
  }

  private String denied() {
    String id = UUID.randomUUID().toString();
    Answer stored = all.put("Consent/" + id, consent(id, "active", ""));
    assertThat(stored.status()).as(stored.body()).isEqualTo(201);
    return id;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Observation/[id]",
        "Observation/[id]/_history/1",
        "Observation/[id]/_history",
        "Observation/[id]/$meta",
        "Observation?_id=[id]",
        "Observation?_id=[id]&_summary=count",
        "Patient/[patient]",
        "Patient/[patient]/$everything",
        "Patient/[patient]/Observation",
        "?_type=Observation&_id=[id]"
      })
  void whatIsDeniedIsAnsweredAsWhatDoesNotExist(String path) {
    denied();
    String none = UUID.randomUUID().toString();
    String asked = path.replace("[id]", observation).replace("[patient]", patient);
    String ofNone = path.replace("[id]", none).replace("[patient]", none);

    Answer denied = doctor.get(asked);
    Answer nothing = doctor.get(ofNone);

    assertThat(denied.status()).isEqualTo(nothing.status());
    assertThat(anonymous(denied.body(), observation, patient))
        .isEqualTo(anonymous(nothing.body(), none, none));
    assertThat(denied.headers().firstValue("ETag")).isEmpty();
  }

  /** What differs from request to request is left out. */
  private static String anonymous(String body, String... ids) {
    String text = body;
    for (String id : ids) {
      text = text.replace(id, "[id]");
    }
    return text.replaceAll("\"id\":\"[0-9a-f-]{36}\"", "")
        .replaceAll("\"(lastUpdated|timestamp)\":\"[^\"]*\"", "");
  }

  @Test
  void entriesOfABatchAndPatchesAreDeniedToo() {
    denied();
    String bundle = """
        {"resourceType":"Bundle","type":"batch","entry":[
          {"request":{"method":"GET","url":"Observation/%1$s"}},
          {"request":{"method":"GET","url":"Observation?_id=%1$s"}}]}
        """.formatted(observation);

    Answer batch = doctor.post("", bundle);
    Answer patch = doctor.send(
        "PATCH",
        "Observation/" + observation,
        BodyPublishers.ofString("[{\"op\":\"test\",\"path\":\"/status\",\"value\":\"final\"}]"),
        "Content-Type",
        "application/json-patch+json");

    assertThat(batch.json().at("/entry/0/response/status").asString()).startsWith("404");
    assertThat(batch.json().at("/entry/1/resource/total").asInt()).isZero();
    assertThat(patch.status()).isEqualTo(404);
  }

  @Test
  void aConsentCountsFromItsAnswerUntilItIsWithdrawnDeletedOrReplaced() {
    assertThat(doctor.get("Observation/" + observation).status()).isEqualTo(200);
    String id = denied();
    assertThat(doctor.get("Observation/" + observation).status()).isEqualTo(404);

    assertThat(all.put("Consent/" + id, consent(id, "inactive", "")).status()).isEqualTo(200);
    assertThat(doctor.get("Observation/" + observation).status()).isEqualTo(200);

    String ofOthers =
        ",\"class\":[{\"system\":\"http://hl7.org/fhir/resource-types\",\"code\":\"Procedure\"}]";
    assertThat(all.put("Consent/" + id, consent(id, "active", ofOthers)).status())
        .isEqualTo(200);
    assertThat(doctor.get("Observation/" + observation).status()).isEqualTo(200);

    assertThat(all.put("Consent/" + id, consent(id, "active", "")).status()).isEqualTo(200);
    assertThat(doctor.get("Observation/" + observation).status()).isEqualTo(404);
    assertThat(all.delete("Consent/" + id).status()).isEqualTo(204);
    assertThat(doctor.get("Observation/" + observation).status()).isEqualTo(200);
  }

  @Test
  void aConsentThatIsWrittenWhileASearchPagesHidesWhatTheNextPagesWouldShow() {
    for (int i = 0; i < 3; i++) {
      String id = UUID.randomUUID().toString();
      assertThat(all.put("Observation/" + id, observation(id)).status()).isEqualTo(201);
    }
    JsonNode first =
        doctor.get("Observation?patient=Patient/" + patient + "&_count=2").json();
    assertThat(first.path("entry").size()).isEqualTo(2);

    denied();
    Answer next = doctor.get(Objects.requireNonNull(doctor.link(first, "next")));

    assertThat(next.status()).isEqualTo(200);
    assertThat(next.json().path("entry").size()).isZero();
    assertThat(doctor.link(next.json(), "next")).isNull();
  }

  @Test
  void whoReadsOnePatientIsNotHeldUpByTheConsentOfAnother() {
    String other = UUID.randomUUID().toString();
    assertThat(all.put(
                "Patient/" + other, "{\"resourceType\":\"Patient\",\"id\":\"%s\"}".formatted(other))
            .status())
        .isEqualTo(201);
    denied();

    assertThat(doctor.get("Patient/" + other).status()).isEqualTo(200);
    assertThat(doctor
            .get("Patient?_id=%s,%s".formatted(other, patient))
            .json()
            .path("total")
            .asInt())
        .isOne();
  }

  @Test
  void whatOfAConsentCannotBeEvaluatedIsToldAndDeniedAllTheSame() {
    String id = UUID.randomUUID().toString();
    Answer stored = all.put(
        "Consent/" + id,
        consent(id, "active", ",\"dataPeriod\":{\"start\":\"2001-01-01\",\"end\":\"2001-12-31\"}"),
        "Prefer",
        "return=OperationOutcome");

    assertThat(stored.status()).isEqualTo(201);
    assertThat(stored
            .json()
            .path("issue")
            .valueStream()
            .filter(issue -> issue.path("severity").asString().equals("warning"))
            .map(issue -> issue.path("diagnostics").asString()))
        .anyMatch(text -> text.contains("Consent.provision.dataPeriod cannot be evaluated"));
    assertThat(doctor.get("Observation/" + observation).status()).isEqualTo(404);
  }

  @Test
  void aReportOfSymptomsIsTakenAndPublishedWhateverIsDenied() throws IOException {
    denied();
    String report = Files.readString(REPORT)
        .replace("Patient/example-migraine", "Patient/" + patient)
        .replace("example-migraine-1", UUID.randomUUID().toString());

    for (Fhir portal : List.of(
        doctor,
        all,
        fhir.with(TokenIssuer.shared().token("patient/QuestionnaireResponse.c", patient)))) {
      String sent = report.replaceFirst(
          "\"value\": *\"[0-9a-f-]{36}\"", "\"value\": \"" + UUID.randomUUID() + "\"");
      Answer answer = portal.post("QuestionnaireResponse", sent);

      assertThat(answer.status()).as(answer.body()).isEqualTo(201);
      assertThat(answer.body()).contains("Contact the clinic");
      String id = answer.json().path("id").asString();
      assertThat(events.await("QuestionnaireResponse/" + id + "/_history/1").json())
          .isNotNull();
    }
  }

  @Test
  void thePatientsOwnAppAndWhoBreaksTheGlassReadWhatIsDenied() {
    denied();
    Fhir own = fhir.with(TokenIssuer.shared().token("patient/*.rs", patient));
    Fhir emergency = asDoctor("user/*.rs break-the-glass");

    assertThat(own.get("Observation/" + observation).status()).isEqualTo(200);
    assertThat(emergency.get("Observation/" + observation).status()).isEqualTo(404);
    for (String purpose : List.of(
        "BTG", "ETREAT", "http://terminology.hl7.org/CodeSystem/v3-ActReason|BTG", "TREAT, BTG")) {
      assertThat(emergency.get("Observation/" + observation, PURPOSE, purpose).status())
          .isEqualTo(200);
      assertThat(emergency
              .get("Observation?_id=" + observation, PURPOSE, purpose)
              .json()
              .path("total")
              .asInt())
          .isOne();
    }
    assertThat(emergency.get("Observation/" + observation, PURPOSE, "ERTREAT").status())
        .isEqualTo(404);
  }

  @Test
  void theIssuerMayStateThePurposeInTheToken() {
    denied();
    TokenIssuer issuer = TokenIssuer.shared();
    Fhir byClaim = fhir.with(
        issuer.sign(issuer.claims("user/*.rs").claim("purpose_of_use", "BTG").build()));
    Fhir byIua = fhir.with(issuer.sign(issuer
        .claims("user/*.rs")
        .claim(
            "extensions",
            Map.of(
                "ihe_iua",
                Map.of(
                    "purpose_of_use",
                    List.of(Map.of(
                        "system",
                        "http://terminology.hl7.org/CodeSystem/v3-ActReason",
                        "code",
                        "BTG")))))
        .build()));
    Fhir program = fhir.with(
        issuer.sign(issuer.claims("system/*.rs").claim("purpose_of_use", "BTG").build()));

    assertThat(byClaim.get("Observation/" + observation).status()).isEqualTo(200);
    assertThat(byIua.get("Observation/" + observation).status()).isEqualTo(200);
    assertThat(program.get("Observation/" + observation).status()).isEqualTo(404);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"user/*.rs", "system/*.rs break-the-glass", "patient/*.rs break-the-glass"})
  void onlyAUserWithTheScopeBreaksTheGlassAndTheRefusalNamesItAndIsOnRecord(String scopes) {
    denied();
    Answer refused = asDoctor(scopes).get("Observation/" + observation, PURPOSE, "BTG");

    assertThat(refused.status()).as(refused.body()).isEqualTo(403);
    assertThat(refused.body()).contains("the scope break-the-glass");
    JsonNode event = event(refused, "&purpose=BTG");
    assertThat(event.at("/purposeOfEvent/0/coding/0/code").asString()).isEqualTo("BTG");
    assertThat(event.path("outcome").asString()).isEqualTo("4");
  }

  @Test
  void anUnknownPurposeIsRefusedWithThoseThatAreKnown() {
    Answer refused = doctor.get("Patient/" + patient, PURPOSE, "CURIOSITY");

    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.json().at("/issue/0/diagnostics").asString())
        .contains("'CURIOSITY'", PURPOSE, "TREAT", "BTG");
  }

  @Test
  void aBrokenGlassIsOnRecordWithPurposeAndLabelsAndCounted() {
    denied();
    Fhir emergency = asDoctor("user/*.rs break-the-glass");
    double before = meters.get("botox.consent.overrides").counter().count();

    Answer read = emergency.get("Observation/" + observation, PURPOSE, "BTG");
    Answer searched = emergency.get("Observation?_id=" + observation, PURPOSE, "BTG");

    assertThat(meters.get("botox.consent.overrides").counter().count()).isEqualTo(before + 2);
    for (Answer answer : List.of(read, searched)) {
      JsonNode event = event(answer, "&purpose=BTG");
      assertThat(event.at("/purposeOfEvent/0/coding/0/code").asString()).isEqualTo("BTG");
      List<String> purposes = new ArrayList<>();
      event
          .path("agent")
          .forEach(
              agent -> purposes.add(agent.at("/purposeOfUse/0/coding/0/code").asString("")));
      assertThat(purposes).contains("BTG");
      assertThat(event
              .path("entity")
              .valueStream()
              .filter(entity -> entity
                  .at("/what/reference")
                  .asString("")
                  .equals("Observation/" + observation + "/_history/1"))
              .map(entity -> entity.at("/securityLabel/0/code").asString()))
          .containsExactly("R");
    }
    JsonNode without = event(emergency.get("Observation/" + observation), "");
    assertThat(without.has("purposeOfEvent")).isFalse();
  }

  /** The event of an answered request, as an auditor finds it. @param more further parameters of the search */
  private JsonNode event(Answer answer, String more) {
    Fhir auditor = fhir.with(TokenIssuer.shared().token("system/AuditEvent.rs"));
    String request = answer.header("X-Request-Id");
    return auditor
        .get("AuditEvent?date=ge2026-01-01&_count=200" + more)
        .json()
        .path("entry")
        .valueStream()
        .map(entry -> entry.path("resource"))
        .filter(event -> event.toString().contains(request))
        .findFirst()
        .orElseThrow();
  }
}
