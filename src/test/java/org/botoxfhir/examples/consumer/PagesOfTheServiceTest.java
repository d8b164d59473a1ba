package org.botoxfhir.examples.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.Fhir.Answer;
import org.botoxfhir.testing.ServiceTest;
import org.botoxfhir.testing.TestServers;
import org.botoxfhir.testing.Topics;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;

/** From what a patient sends to whom the example consumer pages, with nothing made up between. */
@ServiceTest
class PagesOfTheServiceTest {
  private static final String TOPIC = "botox.symptom-reports.v1";

  private final Fhir fhir;

  @Autowired
  PagesOfTheServiceTest(Fhir fhir) {
    this.fhir = fhir;
  }

  @Test
  void aReportItsAmendmentAndItsRetractionPageAndStandDown() throws Exception {
    String group = "alerting-" + UUID.randomUUID();
    Topics.create(TestServers.bootstrapServers(), group + ".dlq", Map.of());
    Topics.skip(TestServers.bootstrapServers(), TOPIC, group);
    Answer sent = fhir.post("QuestionnaireResponse", report("", "completed", "11934000"));
    assertThat(sent.status()).isEqualTo(201);
    String id = sent.json().get("id").asString();
    String report = "QuestionnaireResponse/" + id;
    fhir.put(report, report("\"id\": \"%s\",".formatted(id), "amended", "267036007"));
    fhir.put(report, report("\"id\": \"%s\",".formatted(id), "entered-in-error", "267036007"));

    try (HikariDataSource connections = TestServers.newDatabase().connect()) {
      var consumer = new SymptomReportConsumer(
          TestServers.bootstrapServers(), TOPIC, group, "member-1", new AlertInbox(connections));
      Thread thread = Thread.ofPlatform().name("member-1").start(consumer);
      try {
        List<String> expected = List.of("1 page: URGENT", "2 page: EMERGENCY", "3 stand down");
        await().until(() -> pages(JdbcClient.create(connections), report), expected::equals);
      } finally {
        consumer.close();
        thread.join();
      }
    }
  }

  private static List<@Nullable String> pages(JdbcClient alerts, String report) {
    return alerts
        .sql("select version || ' ' || message from page where report = ? order by number")
        .param(report)
        .query(String.class)
        .list();
  }

  private static String report(String id, String status, String code) {
    return """
        {"resourceType": "QuestionnaireResponse", %s "status": "%s",
         "questionnaire": "https://botoxfhir.org/fhir/Questionnaire/botox-symptom-report",
         "item": [{"linkId": "symptom", "item": [{"linkId": "symptom-code", "answer": [
           {"valueCoding": {"system": "http://snomed.info/sct", "code": "%s"}}]}]}]}""".formatted(id, status, code);
  }
}
