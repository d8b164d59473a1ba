package org.botoxfhir.rest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.Fhir.Answer;
import org.botoxfhir.testing.ServiceTest;
import org.botoxfhir.testing.TokenIssuer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;

/** What tokens with scopes get over HTTP; every combination is the matter of {@code ScopeMatrixTest}. */
@ServiceTest(tokens = true)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ScopesTest {
  private static final String RUN = UUID.randomUUID().toString().substring(0, 8);
  private static final String OWN = "scopes-own-" + RUN;
  private static final String OTHER = "scopes-other-" + RUN;
  private static final String NONE = "scopes-none-" + RUN;
  private static final Path REPORT =
      Path.of("src/test/resources/examples/chronic-migraine-report.json");

  private final Fhir fhir;

  @Autowired
  ScopesTest(Fhir fhir) {
    this.fhir = fhir;
  }

  private Fhir with(String scopes) {
    return fhir.with(TokenIssuer.shared().token(scopes, OWN));
  }

  private static String observation(String id, String patient) {
    return """
        {"resourceType": "Observation", "id": "%s", "status": "final", "code": {"text": "made up"},
         "subject": {"reference": "Patient/%s"}}
        """.formatted(id, patient);
  }

  @BeforeAll
  void records() {
    Fhir all = with("system/*.cruds");
    for (String id : new String[] {OWN, OTHER}) {
      assertThat(
              all.put("Patient/" + id, "{\"resourceType\":\"Patient\",\"id\":\"%s\"}".formatted(id))
                  .status())
          .isEqualTo(201);
      assertThat(all.put("Observation/" + id, observation(id, id)).status()).isEqualTo(201);
    }
  }

  @ParameterizedTest
  @CsvSource(delimiter = ';', textBlock = """
      GET;    Observation/[id];                                      ''; 200
      HEAD;   Observation/[id];                                      ''; 200
      GET;    Observation/[id]/_history/1;                           ''; 200
      GET;    Observation/[id]/_history;                             ''; 200
      GET;    Observation/[id]/$meta;                                ''; 200
      GET;    Observation/[id]/$validate;                            ''; 200
      GET;    Observation?_id=[id];                                  ''; 200
      GET;    Observation?subject=Patient/[id]&_summary=count;       ''; 200
      GET;    Patient/[id];                                          ''; 200
      GET;    Patient/[id]/$everything;                              ''; 200
      GET;    Patient/[id]/*;                                        ''; 200
      GET;    Patient/[id]/Observation;                              ''; 200
      GET;    Patient?_id=[id]&_has:Observation:subject:status=final; ''; 200
      GET;    Observation?subject:Patient._id=[id];                  ''; 200
      GET;    ?_type=Patient,Observation&_id=[id];                   ''; 200
      PATCH;  Observation/[id];  '[{"op":"test","path":"/status","value":"final"}]'; 200
      POST;   Observation/[id]/$meta-add; '{"resourceType":"Parameters","parameter":[{"name":"meta","valueMeta":{"tag":[{"code":"made-up"}]}}]}'; 200
      DELETE; Observation/[id];                                      ''; 204
      """)
  void anothersRecordIsAnsweredAsOneThatDoesNotExist(
      String method, String path, String body, int ofOwn) {
    Fhir app = with("patient/*.cruds");

    Answer others = send(app, method, path.replace("[id]", OTHER), body);
    Answer none = send(app, method, path.replace("[id]", NONE), body);

    assertThat(others.status()).isEqualTo(none.status());
    assertThat(anonymous(others.body(), OTHER)).isEqualTo(anonymous(none.body(), NONE));
    assertThat(others.headers().firstValue("ETag")).isEmpty();
    if (!method.equals("DELETE")) {
      Answer own = send(app, method, path.replace("[id]", OWN), body);
      assertThat(own.status()).as(own.body()).isEqualTo(ofOwn);
    }
    assertThat(with("system/*.rs").get("Observation/" + OTHER).status()).isEqualTo(200);
  }

  private static Answer send(Fhir client, String method, String path, String body) {
    return body.isEmpty()
        ? client.send(method, path, BodyPublishers.noBody())
        : client.send(
            method,
            path,
            BodyPublishers.ofString(body),
            "Content-Type",
            method.equals("PATCH") ? "application/json-patch+json" : "application/fhir+json");
  }

  /** What differs from request to request is left out. */
  private static String anonymous(String body, String id) {
    return body.replace(id, "[id]")
        .replaceAll("\"id\":\"[0-9a-f-]{36}\"", "")
        .replaceAll("\"(lastUpdated|timestamp)\":\"[^\"]*\"", "");
  }

  @ParameterizedTest
  @CsvSource(delimiter = ';', textBlock = """
      patient/Procedure.rs;              GET;    Observation/x;               Observation.r
      user/Observation.s;                GET;    Observation/x;               Observation.r
      user/Observation.r;                GET;    Observation;                 Observation.s
      user/Observation.rs;               DELETE; Observation/x;               Observation.d
      user/Observation.rs;               GET;    Observation?subject:Patient.name=x; Patient.s
      user/Patient.rs;                   GET;    Patient?_has:Observation:subject:status=final; Observation.s
      user/Patient.rs;                   GET;    Patient?_revinclude=Observation:subject; Observation.s
      openid fhirUser;                   GET;    Patient/x/$everything;       Patient.r
      user/*.rs;                         GET;    AuditEvent;                  AuditEvent.s
      user/Procedure.rs;                 GET;    ValueSet/$expand?url=urn:x;  ValueSet.r
      user/Procedure.rs;                 GET;    CodeSystem/$lookup?system=urn:x&code=y; CodeSystem.r
      patient/Observation.rs?subject=x;  GET;    Observation/x;               Observation.r
      """)
  void whatNoScopeAllowsIsForbiddenAndNamesTheScopesThatWould(
      String scopes, String method, String path, String needed) {
    Answer answer = send(with(scopes), method, path, "");

    assertThat(answer.status()).as(answer.body()).isEqualTo(403);
    assertThat(answer.json().at("/issue/0/code").asString()).isEqualTo("forbidden");
    assertThat(answer.json().at("/issue/0/diagnostics").asString())
        .contains("user/" + needed, "system/" + needed);
    assertThat(answer.header("WWW-Authenticate"))
        .contains("error=\"insufficient_scope\"", "user/" + needed);
  }

  @Test
  void historyOfATypeTakesAScopeThatIsNotConfined() {
    assertThat(with("patient/*.rs").get("Observation/_history").status()).isEqualTo(403);
    assertThat(with("patient/*.rs").get("Practitioner/_history").status()).isEqualTo(200);
    assertThat(with("user/Observation.s").get("Observation/_history").status()).isEqualTo(200);
    assertThat(with("user/Observation.s")
            .get("_history")
            .json()
            .path("entry")
            .valueStream()
            .map(entry -> entry.at("/resource/resourceType").asString())
            .distinct())
        .containsExactly("Observation");
  }

  @Test
  void entriesOfABatchAreJudgedEachAndATransactionAsAWhole() {
    String bundle = """
        {"resourceType": "Bundle", "type": "%s", "entry": [
          {"resource": %s, "request": {"method": "POST", "url": "Observation"}},
          {"resource": %s, "request": {"method": "POST", "url": "Observation"}},
          {"request": {"method": "GET", "url": "Observation/%s"}},
          {"request": {"method": "GET", "url": "Observation/%s"}},
          {"request": {"method": "GET", "url": "Observation?_id=%s"}}]}
        """;
    Fhir app = with("patient/Observation.crs");
    String own = observation("x", OWN).replace("\"id\": \"x\",", "");
    String others = observation("x", OTHER).replace("\"id\": \"x\",", "");

    Answer batch = app.post("", bundle.formatted("batch", own, others, OWN, OTHER, OTHER));
    Answer transaction = app.post("", bundle.formatted("transaction", own, others, OWN, OWN, OWN));

    assertThat(batch
            .json()
            .path("entry")
            .valueStream()
            .map(entry -> entry.at("/response/status").asString().substring(0, 3)))
        .containsExactly("201", "403", "200", "404", "200");
    assertThat(batch.json().at("/entry/4/resource/total").asInt()).isZero();
    assertThat(transaction.status()).isEqualTo(403);
    assertThat(transaction.json().at("/issue/0/diagnostics").asString())
        .startsWith("Bundle.entry[1]");
  }

  @Test
  void anAppThatMayOnlyReportIsToldWhatToDoHoweverLittleItWantsBack() throws IOException {
    String report = Files.readString(REPORT)
        .replace("Patient/example-migraine", "Patient/" + OWN)
        .replace("example-migraine-1", UUID.randomUUID().toString());

    Answer answer = with("patient/QuestionnaireResponse.c")
        .post("QuestionnaireResponse", report, "Prefer", "return=minimal");
    Answer triaged =
        with("patient/QuestionnaireResponse.c").post("QuestionnaireResponse/$triage", report);
    Answer others = with("patient/QuestionnaireResponse.c")
        .post("QuestionnaireResponse", report.replace(OWN, OTHER));

    assertThat(answer.status()).isEqualTo(201);
    assertThat(answer.body()).contains("Contact the clinic");
    assertThat(triaged.status()).isEqualTo(200);
    assertThat(triaged.body()).contains("Contact the clinic");
    assertThat(others.status()).isEqualTo(403);
  }
}
