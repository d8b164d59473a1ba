package org.botoxfhir.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.botoxfhir.testing.TestServers;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Events that are committed together, as they are found again. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AuditWriterTest {
  private static final int CLIENTS = 8;
  private static final int EACH = 60;
  private static final Duration LINGER = Duration.ofMillis(5);

  private HikariDataSource pool;
  private AuditTable table;
  private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();

  @BeforeAll
  void anEmptyLog() {
    pool = TestServers.newDatabase().migrated().connect();
    table = new AuditTable(new JdbcTemplate(pool));
    YearMonth now = YearMonth.now(ZoneOffset.UTC);
    var transactions = new TransactionTemplate(new JdbcTransactionManager(pool));
    List.of(now, now.plusMonths(1))
        .forEach(month -> transactions.executeWithoutResult(status -> table.create(month)));
  }

  @AfterAll
  void close() {
    pool.close();
  }

  private AuditWriter writer() {
    return new AuditWriter(table, new AuditSettings(true, LINGER, Duration.ofDays(365)), metrics);
  }

  private static AuditRecord read(String agent, String requestId) {
    return new AuditRecord(
        Interaction.READ,
        200,
        agent,
        "application",
        "127.0.0.1",
        "127.0.0.1",
        requestId,
        "GET Patient/" + requestId,
        null,
        List.of(new AuditEntity(AuditEntity.Kind.READ, "Patient/" + requestId)),
        List.of("Patient/" + requestId));
  }

  private static AuditQuery by(String agent) {
    return new AuditQuery(
        List.of(new AuditQuery.Condition("agent = ?", List.of(agent))), 7, false, List.of());
  }

  private List<RecordedEvent> pages(String agent) {
    List<RecordedEvent> all = new ArrayList<>();
    UUID after = null;
    List<RecordedEvent> page = page(agent, after);
    while (!page.isEmpty()) {
      all.addAll(page);
      after = page.getLast().id();
      page = page(agent, after);
    }
    return all;
  }

  private List<RecordedEvent> page(String agent, @Nullable UUID after) {
    return table.find(by(agent), after, 7, Duration.ofSeconds(10));
  }

  @Test
  void eventsOfManyClientsAreEachFoundOnceInPagesNewestFirstAndByTheirIds() throws Exception {
    AuditWriter writer = writer();
    try (var clients = Executors.newFixedThreadPool(CLIENTS)) {
      for (int client = 0; client < CLIENTS; client++) {
        String name = "client-%d-".formatted(client);
        clients.submit(() -> {
          for (int i = 0; i < EACH; i++) {
            writer.expect();
            writer.write(read("many", name + i));
          }
        });
      }
      clients.shutdown();
      assertThat(clients.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
    }

    List<RecordedEvent> found = pages("many");
    assertThat(found).hasSize(CLIENTS * EACH);
    assertThat(found).extracting(one -> one.event().requestId()).doesNotHaveDuplicates();
    assertThat(found).extracting(RecordedEvent::id).doesNotHaveDuplicates();
    assertThat(found)
        .extracting(RecordedEvent::recorded)
        .isSortedAccordingTo(Comparator.reverseOrder());
    assertThat(found).allSatisfy(one -> assertThat(table.read(one.id())).contains(one));
    assertThat(metrics.get("botox.audit.write").timer().count()).isLessThan((long) CLIENTS * EACH);
  }

  @Test
  void aRefusedBatchIsToldToItsClientAndTheNextIsWritten() {
    AuditWriter writer = writer();
    writer.expect();
    assertThatThrownBy(() -> writer.write(read("nul", "a\u0000b")))
        .isInstanceOf(DataAccessException.class);

    writer.expect();
    writer.write(read("after", "next"));
    assertThat(pages("after")).hasSize(1);
  }

  @Test
  void anExpectedEventThatDoesNotComeKeepsNobodyWaiting() {
    AuditWriter writer = new AuditWriter(
        table,
        new AuditSettings(true, Duration.ofDays(1), Duration.ofDays(365)),
        new SimpleMeterRegistry());
    writer.expect();
    writer.forget();

    writer.expect();
    writer.write(read("alone", "alone"));
    assertThat(pages("alone")).hasSize(1);
  }
}
