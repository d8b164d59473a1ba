package org.botoxfhir.rest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.Fhir.Answer;
import org.botoxfhir.testing.ServiceProcess;
import org.botoxfhir.testing.ServiceTest;
import org.botoxfhir.testing.TestServers;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** Two services: the one that is asked knows a value set, the other, its terminology server, the code system. The codes are made up. */
@ServiceTest(
    properties = {"botox.fhir.read-only-types=AuditEvent", "botox.terminology.remote-timeout=10s"})
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class RemoteTerminologyTest {
  private static final ServiceProcess OTHER = start();

  @Autowired
  Fhir fhir;

  private static ServiceProcess start() {
    Map<String, String> settings = new HashMap<>(TestServers.newDatabase().settings());
    settings.put("botox.kafka.bootstrap-servers", TestServers.bootstrapServers());
    settings.put("botox.kafka.create-topics", "true");
    settings.put("botox.events.pseudonym-key", "key-of-the-tests-that-protects-nobody");
    settings.put("botox.fhir.read-only-types", "AuditEvent");
    return ServiceProcess.start(settings);
  }

  @DynamicPropertySource
  static void terminologyServer(DynamicPropertyRegistry registry) {
    registry.add("botox.terminology.remote-url", () -> OTHER.fhir().base());
  }

  @AfterAll
  static void end() {
    OTHER.close();
  }

  @BeforeAll
  void definitions() {
    put(OTHER.fhir(), "CodeSystem", "remote", """
        "content":"complete","property":[{"code":"side","type":"code"}],"concept":[{"code":"face","display":"Face","concept":[{"code":"brow","display":"Brow"}]}]""");
    put(OTHER.fhir(), "ValueSet", "remote-only", """
        "compose":{"include":[{"system":"urn:remote"}]}""");
    put(fhir, "ValueSet", "local", """
        "compose":{"include":[{"system":"urn:remote","filter":[{"property":"concept","op":"is-a","value":"face"}]}]}""");
    put(fhir, "ValueSet", "of-neither", """
        "compose":{"include":[{"system":"urn:neither"}]}""");
    put(fhir, "Observation", "brow", """
        "code":{"coding":[{"system":"urn:remote","code":"brow"}]}""");
  }

  private static void put(Fhir server, String type, String id, String elements) {
    Answer answer = server.put(type + "/" + id, """
        {"resourceType":"%s","id":"%s",%s"status":"%s",%s}""".formatted(
            type,
            id,
            type.equals("Observation") ? "" : "\"url\":\"urn:%s\",".formatted(id),
            type.equals("Observation") ? "final" : "active",
            elements));
    assertThat(answer.status()).as(answer.body()).isIn(200, 201);
  }

  @ParameterizedTest
  @Order(1)
  @CsvSource(delimiter = ';', textBlock = """
      ValueSet/$expand?url=urn:remote-only;                                       200; "brow"
      ValueSet/$expand?url=urn:remote-only&filter=bro&count=1;                    200; "Brow"
      ValueSet/$expand?url=urn:local;                                             200; "brow"
      ValueSet/local/$expand;                                                     200; "brow"
      ValueSet/$validate-code?url=urn:local&system=urn:remote&code=brow;          200; true
      ValueSet/$validate-code?url=urn:local&system=urn:remote&code=nose;          200; false
      ValueSet/$validate-code?url=urn:remote-only&system=urn:remote&code=face;    200; true
      CodeSystem/$validate-code?url=urn:remote&code=brow;                         200; true
      CodeSystem/$lookup?system=urn:remote&code=brow;                             200; "Brow"
      CodeSystem/$subsumes?system=urn:remote&codeA=face&codeB=brow;               200; "subsumes"
      CodeSystem/$lookup?system=urn:remote&code=nose;                             404; is no code of
      CodeSystem/$lookup?system=urn:neither&code=a;                               404; the terminology server
      ValueSet/$expand?url=urn:neither;                                           404; the terminology server
      ValueSet/$expand?url=urn:of-neither;                                        422; the terminology server
      Observation?code:in=urn:local;                                              200; Observation/brow
      Observation?code:not-in=urn:remote-only;                                    200; "total"
      Observation?code:in=urn:of-neither;                                         400; the terminology server
      """)
  void whatIsNotOnFileIsAskedOfTheOtherServer(String path, int status, String says) {
    Answer answer = fhir.get(path);
    assertThat(answer.status()).as(answer.body()).isEqualTo(status);
    assertThat(answer.body()).contains(says);
  }

  @Test
  @Order(2)
  void ofAConceptOnlyTheCodesAreSent() {
    Answer answer = fhir.post("ValueSet/$validate-code", """
        {"resourceType":"Parameters","parameter":[{"name":"url","valueUri":"urn:remote-only"},
          {"name":"codeableConcept","valueCodeableConcept":{"text":"what somebody wrote","coding":[
            {"system":"urn:remote","code":"nose"},{"system":"urn:remote","code":"brow"}]}}]}""");
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    assertThat(answer.body()).contains("true").doesNotContain("somebody");
  }

  @Test
  @Order(2)
  void whatAnotherServerPassesOnIsNotPassedOnAgain() {
    Answer answer = fhir.get(
        "CodeSystem/$lookup?system=urn:remote&code=brow", "Via", "1.1 botox-fhir, 1.1 some-proxy");
    assertThat(answer.status()).as(answer.body()).isEqualTo(404);
    assertThat(answer.body()).doesNotContain(OTHER.fhir().base().toString());
  }

  @Test
  @Order(3)
  void whatIsOnFileNeedsNoOtherServerAndTheRestIsRefusedWhileItIsAway() {
    OTHER.kill();
    for (String path : new String[] {
      "ValueSet/$expand?url=urn:local",
      "CodeSystem/$lookup?system=urn:remote&code=brow",
      "Observation?code:in=urn:local"
    }) {
      Answer answer = fhir.get(path);
      assertThat(answer.status()).as(answer.body()).isEqualTo(503);
      assertThat(answer.header("Retry-After")).isEqualTo("10");
      assertThat(answer.json().at("/issue/0/diagnostics").asString())
          .contains(OTHER.fhir().base().toString(), "botox.terminology.remote-url");
    }
    String ours = "https://botoxfhir.org/fhir/ValueSet/triage-urgency";
    assertThat(fhir.get("ValueSet/$expand?url=" + ours).status()).isEqualTo(200);
  }
}
