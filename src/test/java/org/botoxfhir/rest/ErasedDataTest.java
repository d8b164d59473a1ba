package org.botoxfhir.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.botoxfhir.testing.Fhir.Answer;
import org.botoxfhir.testing.ServiceTest;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;

/** What the database holds of an erased patient: it is asked which tables and columns it has, so that one that is added later is looked at too. */
@ServiceTest
class ErasedDataTest extends ErasureCalls {
  @Autowired
  TransactionTemplate transaction;

  @Test
  void noColumnOfAnyTableHoldsAnythingOfAnErasedPatientButTheIdsThatAreNotGivenAgain() {
    Set<String> personal = Set.of(
        "Quendolyn" + run,
        "Erasmusson" + run,
        "Oldname" + run,
        "1907-02-13",
        "MRN" + run,
        "+99555" + run,
        "Vanishing Lane " + run);
    String other = "Patient/owner-" + run;
    put(other, patient(other));
    wholeRecord(other);
    List<JsonNode> exported = export(patient, 7);
    Set<String> keys = entries(exported).stream()
        .map(entry -> entry.path("fullUrl").asString().replaceFirst(".*/fhir/", ""))
        .filter(key -> !key.startsWith("Observation/moved"))
        .collect(Collectors.toCollection(TreeSet::new));
    assertThat(keys.stream().map(key -> key.substring(0, key.indexOf('/'))))
        .contains("Patient", "Observation", REPORT, "AdverseEvent", "Provenance", "Task");
    String pseudonym =
        events.await("the event", event -> event.mentions(patient)).record().key();
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> jdbc.sql("select count(*) from outbox_event where key = ?")
                .param(1, pseudonym)
                .query(Long.class)
                .single()
            == 0);
    park(pseudonym);
    Set<String> needles = new HashSet<>(personal);
    needles.add(pseudonym);
    keys.forEach(key -> needles.add(key.substring(key.indexOf('/') + 1)));
    Set<Long> rids = rids(keys);
    assertThat(hits(needles).stream().map(Hit::table))
        .as("where it is before")
        .contains("resource", "resource_history", "string_index", "date_index")
        .contains("outbox_published", "outbox_parked", "consent_denial");
    assertThat(tablesWith(rids)).contains("token_index", "number_index", "resource_history");

    Answer erased = purge(patient, confirmation(exported));
    assertThat(erased.status()).as(erased.body()).isEqualTo(200);
    assertThat(erased.body()).contains(pseudonym, "1 events among them were never published");

    assertThat(tablesWith(rids)).containsExactlyInAnyOrder("resource", "erasure");
    assertThat(hits(personal)).filteredOn(hit -> !hit.isAudit()).isEmpty();
    List<Hit> left = hits(needles).stream().filter(hit -> !hit.isAudit()).toList();
    assertThat(left).hasSize(keys.size()).allSatisfy(hit -> {
      assertThat(hit.table()).isEqualTo("resource");
      // rid, type, id, version, times, deleted, patient, content, derived, erased
      assertThat(hit.row())
          .matches("\\(\\d+,[A-Za-z]+,[^,]+,\\d+,\"[^\"]+\",-infinity,t,,\"\",t,t\\)");
    });
    assertThat(fhir.get("Observation/moved-" + run).status()).isEqualTo(200);
    assertThat(fhir.get("Observation/moved-" + run + "/_history/1").status()).isEqualTo(404);
    JsonNode audit = fhir.get("AuditEvent?action=E&patient=" + patient).json();
    assertThat(audit.toString())
        .contains(Base64.getEncoder()
            .encodeToString(
                ("POST %s/$purge?confirmation=%s".formatted(patient, confirmation(exported)))
                    .getBytes(StandardCharsets.UTF_8)));
  }

  /** Everything that the service keeps of a patient, deleted, moved and superseded things too. */
  private void wholeRecord(String other) {
    put(patient, """
        {"resourceType": "Patient", "id": "%s", "birthDate": "1907-02-13", "gender": "female",
         "name": [{"family": "Oldname%2$s", "given": ["Quendolyn%2$s"]}]}
        """.formatted(patient.substring(8), run));
    put(patient, """
        {"resourceType": "Patient", "id": "%s", "birthDate": "1907-02-13", "gender": "female",
         "identifier": [{"system": "https://clinic.example/mrn", "value": "MRN%2$s"}],
         "name": [{"family": "Erasmusson%2$s", "given": ["Quendolyn%2$s"]}],
         "telecom": [{"system": "phone", "value": "+99555%2$s"}], "address": [{"line": ["Vanishing Lane %2$s"]}]}
        """.formatted(patient.substring(8), run));
    report(patient, "Erasmusson" + run);
    String measured = """
        {"resourceType": "Observation", "id": "measured-%s", "status": "final", "code": {"text": "Erasmusson%1$s"},
         "subject": {"reference": "%s", "display": "Quendolyn%1$s"}, "valueQuantity": {"value": 1.5, "unit": "MRN%1$s"}}
        """.formatted(run, patient);
    Answer put = fhir.put(
        "Observation/measured-" + run,
        measured,
        "X-Provenance",
        "{\"resourceType\":\"Provenance\",\"recorded\":\"2026-11-27T08:00:00Z\",\"agent\":[{\"who\":{\"display\":\"Quendolyn%s\"}}]}"
            .formatted(run));
    assertThat(put.status()).isEqualTo(201);
    put("Observation/deleted-" + run, measured.replace("measured", "deleted"));
    assertThat(fhir.delete("Observation/deleted-" + run).status()).isEqualTo(204);
    put("Observation/moved-" + run, measured.replace("measured", "moved"));
    put("Observation/moved-" + run, observation("moved-" + run, other));
    put("Consent/denies-" + run, """
        {"resourceType": "Consent", "id": "denies-%s", "status": "active",
         "scope": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "patient-privacy"}]},
         "category": [{"text": "Erasmusson%1$s"}], "policyRule": {"text": "made up"}, "patient": {"reference": "%s"},
         "provision": {"type": "deny"}}
        """.formatted(run, patient));
    put("Task/call-" + run, """
        {"resourceType": "Task", "id": "call-%s", "status": "requested", "intent": "order",
         "description": "call Erasmusson%1$s", "focus": {"reference": "%s"}}
        """.formatted(run, patient));
  }

  /** As if Kafka had refused one of them for good. */
  private void park(String key) {
    transaction.executeWithoutResult(status -> jdbc.sql("""
            insert into outbox_parked (shard, sequence, topic, type, event_id, subject, time, key, data, replay, created_at, reason)
            select shard, 0, topic, type, event_id || '/parked', subject, time, key, data, false, created_at, 'made up'
            from outbox_published where key = ? limit 1
            """).param(1, key).update());
  }

  private record Hit(String table, String row) {
    boolean isAudit() {
      return table.startsWith("audit_batch");
    }
  }

  private List<String> tables() {
    return jdbc.sql("""
            select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where c.relkind in ('r', 'm') and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg_toast%'
            """).query((row, n) -> row.getString(1)).list();
  }

  /** Rows of all tables that there are, whoever made them, in which one of the texts stands in any column. */
  private List<Hit> hits(Set<String> texts) {
    String pattern =
        texts.stream().map(Pattern::quote).collect(Collectors.joining("|", "(?i)", ""));
    Pattern any = Pattern.compile(pattern);
    List<Hit> hits = new ArrayList<>();
    String[] folded = texts.stream().map(text -> "%" + text + "%").toArray(String[]::new);
    for (String table : tables()) {
      jdbc.sql("select t::text from %s t where t::text ilike any(?)".formatted(table))
          .param(1, folded)
          .query((row, n) -> row.getString(1))
          .list()
          .forEach(row -> {
            assertThat(any.matcher(row).find()).isTrue();
            hits.add(new Hit(table, row));
          });
    }
    return hits;
  }

  private Set<Long> rids(Set<String> keys) {
    return new HashSet<>(jdbc.sql("select rid from resource where type || '/' || id = any(?)")
        .param(1, keys.toArray(String[]::new))
        .query(Long.class)
        .list());
  }

  /** Tables with a row about one of the resources, which they may name by internal key alone. */
  private Set<String> tablesWith(Set<Long> rids) {
    Set<String> found = new TreeSet<>();
    for (String table : jdbc.sql(
            "select attrelid::regclass::text from pg_attribute where attname = 'rid' and attrelid::regclass::text = any(?)")
        .param(1, tables().toArray(String[]::new))
        .query((row, n) -> row.getString(1))
        .list()) {
      if (jdbc.sql("select count(*) from %s where rid = any(?)".formatted(table))
              .param(1, rids.toArray(Long[]::new))
              .query(Long.class)
              .single()
          > 0) {
        found.add(table);
      }
    }
    return found;
  }
}
