package org.botoxfhir.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.util.List;
import java.util.UUID;
import org.botoxfhir.testing.TestServers;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AuditPartitionsTest {
  private HikariDataSource pool;
  private AuditTable table;

  @BeforeAll
  void anEmptyLog() {
    pool = TestServers.newDatabase().migrated().connect();
    table = new AuditTable(new JdbcTemplate(pool));
  }

  @AfterAll
  void close() {
    pool.close();
  }

  private AuditPartitions at(String now, Duration retention) {
    return new AuditPartitions(
        table,
        new AuditSettings(true, Duration.ZERO, retention),
        new TransactionTemplate(new JdbcTransactionManager(pool)),
        () -> Instant.parse(now));
  }

  private static UUID id(String time) {
    long milliseconds = Instant.parse(time).toEpochMilli();
    return new UUID(milliseconds << 16 | 0x7000, Long.MIN_VALUE);
  }

  private void record(UUID id) {
    table.insert(
        id,
        List.of(new AuditRecord(
            Interaction.READ,
            200,
            "anonymous",
            null,
            "127.0.0.1",
            "127.0.0.1",
            "made-up",
            "GET Patient/1",
            null,
            List.of(new AuditEntity(AuditEntity.Kind.READ, "Patient/1")),
            List.of("Patient/1"))));
  }

  @Test
  void aRetentionOfLessThanADayIsRefused() {
    assertThatThrownBy(() -> new AuditSettings(true, Duration.ZERO, Duration.ofHours(23)))
        .hasMessageContaining("botox.audit.retention");
  }

  @Test
  void onlyWhatIsOlderThanTheRetentionIsDroppedAndAMonthOnlyOnceItsLastEventIs() {
    at("2026-01-15T00:00:00Z", Duration.ofDays(30)).makeReady();
    at("2026-02-15T00:00:00Z", Duration.ofDays(30)).makeReady();
    UUID old = id("2026-01-31T23:59:59.999Z");
    UUID young = id("2026-02-01T00:00:00.000Z");
    record(old);
    record(young);

    at("2026-03-02T23:59:59Z", Duration.ofDays(30)).dropOld();
    assertThat(table.read(old)).isPresent();

    at("2026-03-03T00:00:00Z", Duration.ofDays(30)).dropOld();
    assertThat(table.read(old)).isEmpty();
    assertThat(table.read(young)).isPresent();
    assertThat(table.months()).startsWith(YearMonth.of(2026, 2), YearMonth.of(2026, 3));
  }

  @Test
  void thereIsAPartitionForTheNextMonthBeforeItBeginsAndMakingItTwiceChangesNothing() {
    var december = at("2027-12-31T23:59:59Z", Duration.ofDays(3000));
    december.makeReady();
    december.makeReady();

    assertThat(table.months()).contains(YearMonth.of(2027, 12), YearMonth.of(2028, 1));
    record(id("2028-01-01T00:00:00.000Z"));
    assertThat(table.read(id("2028-01-01T00:00:00.000Z"))).isPresent();
  }
}
