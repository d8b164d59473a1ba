package org.botoxfhir.rest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.net.URLEncoder;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.Fhir.Answer;
import org.botoxfhir.testing.ServiceTest;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.jdbc.core.JdbcTemplate;

/** No input makes the service fail: what it refuses leaves no row and is explained, and no log quotes what was sent. */
@ServiceTest(ownDatabase = true)
@ExtendWith(OutputCaptureExtension.class)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class HostileInputTest {
  /** A word that only patients' texts hold here; it must not turn up in a log. */
  private static final String SECRET = "Quetzalcoatl";

  /** Requests before memory is measured. */
  private static final int WARM = 300;

  /** Bytes; a tenth of what the bodies of the other requests would be once parsed. */
  private static final long MOST_KEPT = 32L << 20;

  private static final List<String> EXAMPLES = List.of(
      "blepharospasm.json",
      "blepharospasm-report.json",
      "blepharospasm-adverse-event.json",
      "chronic-migraine-report.json");

  private static final String REPORT = """
      {"resourceType":"QuestionnaireResponse","status":"completed",
       "questionnaire":"https://botoxfhir.org/fhir/Questionnaire/botox-symptom-report",%s,
       "item":[{"linkId":"symptom","item":[{"linkId":"symptom-code","answer":[{"valueCoding":
         {"system":"http://snomed.info/sct","code":"267036007"}}]}]}%s]}""";

  @Autowired
  Fhir fhir;

  private final WrittenRows rows;

  HostileInputTest(@Autowired JdbcTemplate jdbc) {
    rows = new WrittenRows(jdbc);
  }

  static Stream<Arguments> bodies() {
    return Stream.of(
        Arguments.of("a number of a gigabyte", observation("1e999999999"), 400),
        Arguments.of("such a number in a string", observation("\"1e999999999\""), 400),
        Arguments.of("a number too small to write out", observation("1e-200000"), 400),
        Arguments.of("a number that could not be read back", observation("1e1500"), 400),
        Arguments.of("a large number", observation("1e300"), 201),
        Arguments.of("no number", observation("NaN"), 400),
        Arguments.of("U+0000 in a name", patient("\"name\":[{\"family\":\"a\\u0000b\"}]"), 201),
        Arguments.of(
            "U+0000 in an identifier",
            patient("\"identifier\":[{\"system\":\"a\\u0000\",\"value\":\"\\u0000\"}]"),
            201),
        Arguments.of("half a character", patient("\"name\":[{\"family\":\"a\\ud800b\"}]"), 201),
        Arguments.of("the year 0", patient("\"birthDate\":\"0000-01-01\""), 201),
        Arguments.of(
            "a time before the year 1",
            patient("\"deceasedDateTime\":\"0001-01-01T00:00:00+14:00\""),
            201),
        Arguments.of(
            "a time after the year 9999",
            patient("\"deceasedDateTime\":\"9999-12-31T23:59:59-12:00\""),
            201),
        Arguments.of("the hour 24", patient("\"deceasedDateTime\":\"2020-01-01T24:00:00Z\""), 400),
        Arguments.of(
            "a leap second", patient("\"deceasedDateTime\":\"2016-12-31T23:59:60Z\""), 201),
        Arguments.of(
            "extensions 200 deep",
            patient("\"extension\":" + "[{\"url\":\"u\",\"extension\":".repeat(200)
                + "[{\"url\":\"u\",\"valueBoolean\":true}]" + "}]".repeat(200)),
            201),
        Arguments.of(
            "70,000 identifiers",
            patient("\"identifier\":["
                + String.join(
                    ",",
                    IntStream.range(0, 70_000)
                        .mapToObj("{\"value\":\"%d\"}"::formatted)
                        .toList())
                + "]"),
            201),
        Arguments.of("an array for an id", patient("\"id\":[\"a\"]"), 400),
        Arguments.of("an entity in a narrative", patient("""
            "text":{"status":"generated","div":"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><div>&x;</div>"}"""), 400));
  }

  private static String patient(String element) {
    return "{\"resourceType\":\"Patient\",%s}".formatted(element);
  }

  private static String observation(String number) {
    return "{\"resourceType\":\"Observation\",\"status\":\"final\",\"code\":{\"text\":\"x\"},"
        + "\"extension\":[{\"url\":\"u\",\"valueDecimal\":%1$s}],\"valueQuantity\":{\"value\":%1$s}}"
            .formatted(number);
  }

  @ParameterizedTest(name = "{0} is {2}")
  @MethodSource("bodies")
  void aBodyIsStoredOrRefusedAndWhatIsStoredCanBeReadInEveryForm(
      String what, String body, int status) {
    String before = rows.fingerprint();

    Answer answer = fhir.post(body.contains("Observation") ? "Observation" : "Patient", body);

    assertThat(answer.status()).as(answer.body()).isEqualTo(status);
    if (status == 201) {
      String path = answer.json().path("resourceType").asString() + "/"
          + answer.json().path("id").asString();
      assertThat(fhir.get(path + "?_pretty=true").status()).isEqualTo(200);
    } else {
      assertExplained(answer);
      assertThat(rows.fingerprint()).isEqualTo(before);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><Patient xmlns=\"http://hl7.org/fhir\"><name><family value=\"&x;\"/></name></Patient>",
        "<!DOCTYPE a [<!ENTITY a \"lol\"><!ENTITY b \"&a;&a;&a;\">]><Patient xmlns=\"http://hl7.org/fhir\"><name><family value=\"&b;\"/></name></Patient>",
        "<Patient xmlns=\"http://hl7.org/fhir\"><name><family value=\"&#0;\"/></name></Patient>",
        "<Patient xmlns=\"http://hl7.org/fhir\"><name>",
        "<Patient xmlns=\"http://hl7.org/fhir\"><active value=\"true\" value=\"false\"/></Patient>",
        "<Observation xmlns=\"http://hl7.org/fhir\"><status value=\"final\"/><code><text value=\"made up\"/></code><valueQuantity><value value=\"1e999999999\"/></valueQuantity></Observation>"
      })
  void xmlThatReachesOutOrBreaksIsRefused(String body) {
    String before = rows.fingerprint();
    String type = body.contains("<Observation") ? "Observation" : "Patient";

    Answer answer = fhir.post(type, body, "Content-Type", "application/fhir+xml");

    assertThat(answer.status()).as(answer.body()).isEqualTo(400);
    assertThat(answer.body()).contains("OperationOutcome").doesNotContain("root:");
    assertThat(rows.fingerprint()).isEqualTo(before);
  }

  static Stream<String> reports() {
    String subject = "\"subject\":{\"reference\":\"Patient/nobody\"}";
    return Stream.of(
        REPORT.formatted(
            "\"contained\":[{\"resourceType\":\"Patient\",\"id\":\"p\"}],\"subject\":{\"reference\":\"#p\"}",
            ""),
        REPORT.formatted("\"subject\":{\"reference\":\"Patient/a\\u0000\"}", ""),
        REPORT.formatted("\"subject\":{\"identifier\":{\"value\":\"a\\u0000\"}}", ""),
        REPORT.formatted(subject + ",\"identifier\":{\"system\":\"s\",\"value\":\"\\u0000\"}", ""),
        REPORT.formatted(subject + ",\"authored\":\"0000-01-01T00:00:00Z\"", ""),
        REPORT.formatted(subject + ",\"authored\":\"0001\"", ""),
        REPORT.formatted(subject + ",\"authored\":\"9999\"", ""),
        REPORT.formatted(subject + ",\"authored\":\"2016-12-31T23:59:60Z\"", ""),
        REPORT.formatted(subject + ",\"authored\":\"2016-12-31T23:59:59.12345678901Z\"", ""),
        REPORT.formatted(
            subject,
            ",{\"linkId\":\"symptom\",\"item\":[{\"linkId\":\"symptom-code\",\"answer\":[{\"valueString\":\"odd\"}]}]}"
                .repeat(6000)),
        REPORT.formatted(subject + ",\"authored\":\"9999-12-31T23:59:59-12:00\"", ""),
        REPORT.formatted(
            subject,
            ",{\"linkId\":\"symptom\",\"item\":[{\"linkId\":\"symptom-code\",\"answer\":[{\"valueCoding\":"
                + "{\"system\":\"a\\u0000\",\"code\":\"\\u0000\"}}]},{\"linkId\":\"symptom-onset\",\"answer\":[{\"valueDateTime\":"
                + "\"0001-01-01T00:00:00+14:00\"}]}]}"),
        REPORT.formatted(
            subject, ",{\"linkId\":\"odd\",\"answer\":[{\"valueString\":\"odd\"}]}".repeat(500)));
  }

  @ParameterizedTest
  @MethodSource("reports")
  void anEmergencyIsTakenHoweverOddTheReportIs(String report) {
    Answer answer = fhir.post("QuestionnaireResponse", report);

    assertThat(answer.status()).as(answer.body()).isEqualTo(201);
    assertThat(answer.body()).contains("\"emergency\"");
  }

  @Test
  void noValueOfAnyParameterMakesASearchFail() {
    String before = rows.fingerprint();
    List<String> values = List.of(
        "\u0000",
        "a\u0000",
        "'",
        "';drop table resource;--",
        "%",
        "_",
        "*",
        "\\",
        "|",
        "a|",
        "|a",
        "a|b|c",
        ",",
        "$",
        "Patient/",
        "Patient/1/_history/x",
        "..",
        "0000",
        "0001",
        "9999",
        "ap0001",
        "ap9999",
        "ne9999",
        "gt0000-01-01",
        "9999-12-31T23:59:59-12:00",
        "0001-01-01T00:00:00+14:00",
        "2020-01-01T24:00:00Z",
        "2016-12-31T23:59:60Z",
        "xx2020",
        "eq",
        "-999",
        "2020-W01",
        "2020-01-01T-",
        "...T",
        "\uD83D\uDE00",
        "\u0301",
        "x".repeat(5000),
        "-1",
        "1e9",
        "NaN",
        "\r\n");
    List<String> names = List.of(
        "_id",
        "_lastUpdated",
        "identifier",
        "name",
        "birthdate",
        "general-practitioner",
        "general-practitioner:Practitioner",
        "_count",
        "_sort",
        "_total",
        "_summary",
        "_elements",
        "_format",
        "_cursor",
        "_tag",
        "name:exact",
        "active",
        "a\u0000",
        "_include",
        "organization.name");

    for (String name : names) {
      for (String value : values) {
        String path = "Patient?" + encoded(name) + "=" + encoded(value);
        assertThat(fhir.get(path)).as(path).satisfies(HostileInputTest::assertAnswered);
      }
      String broken = "Patient?" + encoded(name) + "=";
      Answer answer = fhir.send(
          "POST",
          "Patient/_search",
          BodyPublishers.ofString(encoded(name) + "=%zz"),
          "Content-Type",
          "application/x-www-form-urlencoded");
      assertThat(answer).as(broken).satisfies(HostileInputTest::assertAnswered);
    }
    assertThat(rows.fingerprint()).isEqualTo(before);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"_id", "identifier", "general-practitioner", "name", "gender", "birthdate"})
  void thousandsOfAlternativesAreAnsweredOrTooMany(String name) {
    for (int many : new int[] {1000, 40_000}) {
      String value = name.equals("birthdate") ? "2020" : "a";
      String body = name + "=" + String.join(",", Collections.nCopies(many, value));
      assertAnswered(fhir.send(
          "POST",
          "Patient/_search",
          BodyPublishers.ofString(body),
          "Content-Type",
          "application/x-www-form-urlencoded"));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {101, 900, 20_000})
  void aSearchWithHundredsOfParametersIsRefused(int many) {
    Answer answer = fhir.send(
        "POST",
        "Patient/_search",
        BodyPublishers.ofString(String.join("&", Collections.nCopies(many, "name=a"))),
        "Content-Type",
        "application/x-www-form-urlencoded");

    assertThat(answer.status()).isEqualTo(400);
    assertExplained(answer);
  }

  @Test
  void oddHeadersAreIgnoredOrRefused() {
    String id =
        fhir.post("Patient", patient("\"active\":true")).json().path("id").asString();
    String before = rows.fingerprint();
    for (String date : List.of("x", "9999", "Sun, 06 Nov 1994 08:49:37 GMT")) {
      assertThat(fhir.get("Patient/" + id, "If-Modified-Since", date).status()).isEqualTo(200);
    }
    for (String tag : List.of("W/\"x\"", "\"\"", "W/", "999999999999999999999", "\\")) {
      assertThat(fhir.put("Patient/" + id, patient("\"id\":\"" + id + "\""), "If-Match", tag)
              .status())
          .isEqualTo(412);
    }
    for (String criteria :
        List.of("identifier=", "foo=bar", "identifier=%zz", "?", "_lastUpdated=gt2000")) {
      assertAnswered(fhir.post("Patient", patient("\"active\":false"), "If-None-Exist", criteria));
    }
    for (String type : List.of("text/plain", "text/turtle", "application/fhir+ndjson", ";;;")) {
      assertThat(fhir.post("Patient", patient("\"active\":true"), "Content-Type", type)
              .status())
          .isEqualTo(415);
    }
    for (String accept : List.of(";;", "*", "q=2")) {
      assertThat(fhir.get("Patient/" + id, "Accept", accept).status()).isEqualTo(200);
    }
    assertThat(rows.fingerprint()).isEqualTo(before);
  }

  @Test
  void anyMethodOnAnyPathIsAnswered() {
    String before = rows.fingerprint();
    for (String method : List.of("HEAD", "OPTIONS", "PATCH", "PUT", "DELETE", "POST")) {
      for (String path : List.of(
          "",
          "Patient",
          "Patient/none",
          "Patient/none/_history",
          "Patient/none/_history/1",
          "Patient/_search",
          "metadata",
          "_history",
          "$none",
          "Patient/none/$everything",
          "Dragon/1",
          "Patient/" + "a".repeat(5000))) {
        if (!(method.equals("DELETE") && path.equals("Patient/none"))) {
          Answer answer = fhir.send(method, path, BodyPublishers.ofString("{}"));
          assertThat(answer.status()).as(method + " " + path).isBetween(200, 499);
        }
      }
    }
    assertThat(rows.fingerprint()).isEqualTo(before);
  }

  /** First: what tells whether anything was written counts all that is on file, and others store a hundred thousand rows. */
  @Test
  @Order(1)
  void mutatedExamplesAreStoredAsSentOrLeaveNoTraceAndNoneReachesALog(CapturedOutput output) {
    var random = new Random(seed());
    var stored = new StoredAsSent(fhir);
    String before = rows.fingerprint();
    int compared = 0;
    long used = 0;
    for (int i = 0; i < 1000; i++) {
      if (i == WARM) {
        used = heapInUse();
      }
      String example = example(EXAMPLES.get(random.nextInt(EXAMPLES.size())));
      String body = Mutations.ofBody(example, SECRET, random);
      boolean bundle = example.contains("\"resourceType\": \"Bundle\"");

      Answer answer = fhir.post(bundle ? "" : Mutations.typeOf(example), body);

      assertThat(answer)
          .as("seed %d: %s", seed(), body)
          .satisfies(HostileInputTest::assertAnswered);
      if (answer.status() >= 400) {
        assertThat(rows.fingerprint()).as(body).isEqualTo(before);
      } else {
        compared += stored.compare(body, answer);
        before = rows.fingerprint();
      }
    }
    assertThat(compared).as("resources that were stored").isGreaterThan(200);
    assertThat(output.getAll()).doesNotContain(SECRET).doesNotContain("through a defect");
    assertMemoryIsFlat(used);
  }

  @Test
  void mutatedUrlsAndHeadersNeverMakeTheServiceFailOrWrite() {
    var random = new Random(seed());
    List<String> paths = List.of(
        "Patient?name=a&birthdate=ge2020-01-01&_sort=-birthdate&_count=3",
        "Observation?code=http://loinc.org|1-1&subject:Patient.name=x&_include=Observation:subject",
        "Patient/none/_history/1?_format=json",
        "Patient/none/$everything?start=2020-01-01&_type=Procedure",
        "Procedure/_history?_since=2020-01-01T00:00:00Z&_count=2",
        "?_type=Patient,Observation&_has:Observation:subject:code=x",
        "metadata?_elements=rest&_pretty=true");
    List<String> headers = List.of(
        "Accept", "application/fhir+json;q=0.9, application/fhir+xml;fhirVersion=4.0",
        "Content-Type", "application/fhir+json; charset=utf-8",
        "If-None-Match", "W/\"1\", *",
        "If-Modified-Since", "Sun, 22 Nov 2026 20:00:00 GMT",
        "Prefer", "return=minimal, handling=strict",
        "Accept-Encoding", "gzip;q=1.0, identity",
        "traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    String before = rows.fingerprint();
    String contents = rows.contents();
    long used = 0;
    for (int i = 0; i < 1000; i++) {
      if (i == WARM) {
        used = heapInUse();
      }
      String path = Mutations.encodedOddities(
          Mutations.ofText(paths.get(random.nextInt(paths.size())), random));
      int header = 2 * random.nextInt(headers.size() / 2);
      String value =
          Mutations.ofText(headers.get(header + 1), random).replaceAll("[^\\x20-\\x7e]", "?");

      Answer answer = fhir.get(path, headers.get(header), value);

      assertThat(answer.status())
          .as("seed %d, %s, %s: %s", seed(), path, headers.get(header), value)
          .isBetween(200, 499);
    }
    assertThat(rows.fingerprint()).isEqualTo(before);
    assertThat(rows.contents()).isEqualTo(contents);
    assertMemoryIsFlat(used);
  }

  /** Another run takes other mutations with -Dbotox.test.seed; a failure names it. */
  private static long seed() {
    return Long.getLong("botox.test.seed", 20261122L);
  }

  private static String example(String name) {
    try (var in = Objects.requireNonNull(
        HostileInputTest.class.getResourceAsStream("/examples/" + name), name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  /** Bytes that are reachable. */
  private static long heapInUse() {
    MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
    memory.gc();
    memory.gc();
    return memory.getHeapMemoryUsage().getUsed();
  }

  /** What is kept of each request would show, and what fills up once, such as the driver's statements, would not. */
  private static void assertMemoryIsFlat(long before) {
    assertThat(heapInUse() - before)
        .as("bytes kept of %d requests", 1000 - WARM)
        .isLessThan(MOST_KEPT);
  }

  /** Whatever it is: no failure of the service, and what is refused is explained. */
  private static void assertAnswered(Answer answer) {
    assertThat(answer.status()).as(answer.body()).isBetween(200, 499);
    if (answer.status() >= 400) {
      assertThat(answer.body()).contains("OperationOutcome").contains("diagnostics");
    }
  }

  private static void assertExplained(Answer answer) {
    assertThat(answer.json().path("resourceType").asString()).isEqualTo("OperationOutcome");
    assertThat(answer.json().at("/issue/0/diagnostics").asString()).isNotBlank();
  }
}
