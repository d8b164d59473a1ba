package org.botoxfhir.rest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import javax.sql.DataSource;
import org.awaitility.Awaitility;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.Fhir.Answer;
import org.botoxfhir.testing.ServiceTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.JdbcTemplate;

/** Limits of one request and of one client, each much lower than it comes. A trusted proxy names the client, a new one for each test. */
@ServiceTest(
    properties = {
      "server.forward-headers-strategy=framework",
      "server.tomcat.connection-timeout=3s",
      "botox.limits.max-url-size=1KB",
      "botox.limits.max-header-size=2KB",
      "botox.limits.max-parameters=10",
      "botox.limits.max-chain-depth=1",
      "botox.limits.max-nesting=12",
      "botox.limits.body-timeout=3s",
      "botox.limits.statement-timeout=3s",
      "botox.limits.concurrent-requests=4",
      "botox.limits.concurrent-requests-per-client=3",
      "botox.limits.requests-per-second=1",
      "botox.limits.burst=60s",
      "botox.fhir.max-body-size=4KB",
      "botox.fhir.max-bundle-entries=2",
      "botox.fhir.max-count=2",
      "botox.fhir.max-includes=1",
    })
class LimitsTest {
  private static final String PATIENT = "{\"resourceType\":\"Patient\",\"active\":true}";
  private static final String REPORT = """
      {"resourceType":"QuestionnaireResponse","status":"completed",
       "questionnaire":"https://botoxfhir.org/fhir/Questionnaire/botox-symptom-report",
       "subject":{"reference":"Patient/nobody"},
       "item":[{"linkId":"symptom","item":[{"linkId":"symptom-code","answer":[{"valueCoding":
         {"system":"http://snomed.info/sct","code":"267036007"}}]}]}]}""";

  private final String client = "client-" + UUID.randomUUID();

  @Autowired
  Fhir fhir;

  @Autowired
  DataSource database;

  @Autowired
  JdbcTemplate jdbc;

  @Test
  void aBodyOverItsSizeIsRefusedHoweverItIsSent() {
    String body = PATIENT.replace("true", " ".repeat(5000) + "true");

    assertRefused(post("Patient", body), 413, "botox.fhir.max-body-size");
    var chunked = BodyPublishers.ofByteArrays(List.of(body.getBytes(StandardCharsets.UTF_8)));
    assertRefused(
        fhir.send("POST", "Patient", chunked, proxied("Content-Type", "application/fhir+json")),
        413,
        "botox.fhir.max-body-size");
  }

  @Test
  void aBundleOverItsEntriesIsRefused() {
    String entry = "{\"request\":{\"method\":\"GET\",\"url\":\"Patient/x\"}}";
    String bundle = "{\"resourceType\":\"Bundle\",\"type\":\"batch\",\"entry\":[%s]}";

    assertRefused(
        post("", bundle.formatted(String.join(",", entry, entry, entry))),
        413,
        "botox.fhir.max-bundle-entries");
    assertThat(post("", bundle.formatted(String.join(",", entry, entry))).status())
        .isEqualTo(200);
  }

  @Test
  void objectsWithinObjectsAreRefusedBelowALevelAndElementsOfXmlBelowHalfOfIt() {
    String xml = "<extension url=\"u\">".repeat(6) + "<valueBoolean value=\"true\"/>"
        + "</extension>".repeat(6);

    assertThat(post("Patient", extensions(5)).status()).isEqualTo(201);
    assertRefused(post("Patient", extensions(6)), 400, "botox.limits.max-nesting");
    assertRefused(
        post(
            "Patient",
            "<Patient xmlns=\"http://hl7.org/fhir\">%s</Patient>".formatted(xml),
            "Content-Type",
            "application/fhir+xml"),
        400,
        "botox.limits.max-nesting");
  }

  /** Two levels each, and one of the resource. */
  private static String extensions(int deep) {
    return "{\"resourceType\":\"Patient\",%s\"valueBoolean\":true%s}"
        .formatted("\"extension\":[{\"url\":\"u\",".repeat(deep), "}]".repeat(deep));
  }

  @Test
  void aSearchIsBoundedInParametersInChainsInItsPageAndInWhatComesWithIt() {
    String tag = UUID.randomUUID().toString();
    for (int i = 0; i < 3; i++) {
      String id = "p-" + UUID.randomUUID();
      put(
          "Organization/" + id,
          "{\"resourceType\":\"Organization\",\"id\":\"%s\",\"name\":\"made up\"}".formatted(id));
      put("Patient/" + id, """
          {"resourceType":"Patient","id":"%1$s","meta":{"tag":[{"code":"%2$s"}]},"managingOrganization":{"reference":"Organization/%1$s"}}""".formatted(id, tag));
    }

    assertRefused(get("Patient?" + "active=true&".repeat(11)), 400, "may have 10");
    assertRefused(
        get("Observation?subject:Patient.organization.partof.name=a"),
        400,
        "more than 1 references");
    Answer page = get("Patient?_tag=" + tag + "&_count=1000");
    assertThat(page.json().path("entry")).hasSize(2);
    assertRefused(
        get("Patient?_tag=" + tag + "&_include=Patient:organization"),
        400,
        "more than 1 resources would come with the page");
  }

  @Test
  void anUrlAndHeadersAreRefusedBeyondTheirSize() {
    assertRefused(get("Patient?name=" + "a".repeat(1024)), 414, "1024");
    assertRefused(fhir.get("Patient", proxied("X-Long", "a".repeat(2048))), 431, "2048");
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "deflate", "br", "identity"})
  void noBodyIsEverUnpacked(String encoding) {
    assertRefused(
        post("Patient", PATIENT, "Content-Encoding", encoding), 415, "without a Content-Encoding");
  }

  @Test
  void whoSendsTooManyRequestsIsToldToWaitAndCanStillReportASymptom() {
    List<Answer> answers = new ArrayList<>();
    do {
      answers.add(get("Patient/nobody"));
    } while (answers.getLast().status() == 404 && answers.size() < 1000);

    assertThat(answers).hasSizeGreaterThan(60);
    assertRefused(answers.getLast(), 429, "botox.limits.requests-per-second");
    assertThat(answers.getLast().header("Retry-After")).isEqualTo("1");
    assertThat(answers.getLast().json().at("/issue/0/code").asString()).isEqualTo("throttled");
    assertThat(fhir.get("Patient/nobody", proxied("Accept", "application/fhir+xml"))
            .body())
        .startsWith("<OperationOutcome");
    assertTaken(post("QuestionnaireResponse", REPORT));
    assertThat(
            fhir.get("Patient/nobody", "X-Forwarded-For", "another-" + client).status())
        .isEqualTo(404);
  }

  @Test
  void whileEveryPlaceIsHeldAReportIsStillTaken() throws IOException {
    List<Socket> holding = new ArrayList<>();
    try {
      // Bodies that do not end: each holds a place until it is too slow.
      for (int i = 0; i < 8; i++) {
        holding.add(begun("Procedure", "holder-" + i / 2 + client));
      }
      Answer[] refused = new Answer[1];
      Awaitility.await("all places are held").until(() -> {
        refused[0] = get("Patient/nobody");
        return refused[0].status() == 503;
      });

      assertRefused(refused[0], 503, "botox.limits.concurrent-requests");
      assertThat(refused[0].header("Retry-After")).isEqualTo("1");
      assertTaken(post("QuestionnaireResponse", REPORT));
    } finally {
      for (Socket one : holding) {
        one.close();
      }
    }
    Awaitility.await("places are given back").until(() -> get("Patient/nobody").status() == 404);
  }

  @Test
  void aBodyThatComesByteAfterByteIsRefusedAndItsConnectionClosed() throws IOException {
    try (Socket socket = begun("QuestionnaireResponse", client)) {
      String answer = dripUntilClosed(socket);

      assertThat(answer).startsWith("HTTP/1.1 408").contains("botox.limits.body-timeout");
    }
  }

  @Test
  void aFormThatComesByteAfterByteIsRefusedToo() throws IOException {
    try (Socket socket = begun("Patient/_search", client)) {
      assertThat(dripUntilClosed(socket)).startsWith("HTTP/1.1 408");
    }
  }

  @Test
  void whoseRequestIsRefusedIsNotWaitedForUntilTheBodyEnds() throws IOException {
    try (Socket socket = begun("Dragon", client)) {
      assertThat(dripUntilClosed(socket)).startsWith("HTTP/1.1 404").contains("OperationOutcome");
    }
  }

  @Test
  void aBodyThatStopsIsRefused() throws IOException {
    try (Socket socket = begun("Patient", client)) {
      assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
          .startsWith("HTTP/1.1 408")
          .contains("OperationOutcome")
          .contains("timeout");
    }
  }

  @Test
  void aConnectionWithoutAWholeRequestIsClosed() throws IOException {
    try (Socket socket = new Socket("127.0.0.1", fhir.base().getPort())) {
      socket
          .getOutputStream()
          .write("GET /fhir/metadata HTTP/1.1\r\nHost:".getBytes(StandardCharsets.UTF_8));

      assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
          .doesNotContain("200");
    }
  }

  @Test
  void aWriteThatWaitsForALockIsEndedByTheDatabase() throws SQLException {
    String patient = "Patient/p-" + UUID.randomUUID();
    String body = "{\"resourceType\":\"Patient\",\"id\":\"%s\",\"active\":%s}";
    String id = patient.substring("Patient/".length());
    assertThat(put(patient, body.formatted(id, "true")).status()).isEqualTo(201);
    try (Connection other = database.getConnection()) {
      other.setAutoCommit(false);
      try (var lock = other.createStatement()) {
        lock.execute("select 1 from resource where id = '%s' for update".formatted(id));
      }

      Answer answer = put(patient, body.formatted(id, "false"));

      assertRefused(answer, 503, "the database");
      assertThat(answer.header("Retry-After")).isNotBlank();
      other.rollback();
    }
    assertThat(put(patient, body.formatted(id, "false")).status()).isEqualTo(200);
  }

  @Test
  void everyStatementOfThePoolIsBounded() {
    assertThat(jdbc.queryForObject("show statement_timeout", String.class)).isEqualTo("3s");
    assertThat(jdbc.queryForObject("show jit", String.class)).isEqualTo("off");
  }

  private Answer get(String path) {
    return fhir.get(path, proxied());
  }

  private Answer post(String path, String body, String... headers) {
    return fhir.post(path, body, proxied(headers));
  }

  private Answer put(String path, String body) {
    return fhir.put(path, body, proxied());
  }

  private String[] proxied(String... headers) {
    List<String> all = new ArrayList<>(List.of(headers));
    all.addAll(List.of("X-Forwarded-For", client));
    return all.toArray(String[]::new);
  }

  /** A request whose body has begun. */
  private Socket begun(String path, String from) throws IOException {
    Socket socket = new Socket("127.0.0.1", fhir.base().getPort());
    String type =
        path.endsWith("_search") ? "application/x-www-form-urlencoded" : "application/fhir+json";
    socket
        .getOutputStream()
        .write(
            "POST /fhir/%s HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: %s\r\nContent-Type: %s\r\nContent-Length: 4000\r\n\r\n "
                .formatted(path, from, type)
                .getBytes(StandardCharsets.UTF_8));
    return socket;
  }

  /** Sends a byte each twentieth of a second as long as the service listens. @return what it answered */
  private static String dripUntilClosed(Socket socket) throws IOException {
    socket.setSoTimeout(50);
    var answer = new ByteArrayOutputStream();
    for (int sent = 1; sent < 400; ) {
      try {
        int next = socket.getInputStream().read();
        if (next < 0) {
          return answer.toString(StandardCharsets.UTF_8);
        }
        answer.write(next);
      } catch (SocketTimeoutException nothingYet) {
        sent++;
        try {
          socket.getOutputStream().write(' ');
        } catch (IOException closed) {
          return answer.toString(StandardCharsets.UTF_8);
        }
      } catch (IOException closed) {
        return answer.toString(StandardCharsets.UTF_8);
      }
    }
    throw new AssertionError("it is still waited for; answered: " + answer);
  }

  private static void assertTaken(Answer answer) {
    assertThat(answer.status()).as(answer.body()).isEqualTo(201);
    assertThat(answer.body()).contains("\"emergency\"");
  }

  private static void assertRefused(Answer answer, int status, String reason) {
    assertThat(answer.status()).as(answer.body()).isEqualTo(status);
    assertThat(answer.json().path("resourceType").asString()).isEqualTo("OperationOutcome");
    assertThat(answer.body()).contains(reason);
  }
}
