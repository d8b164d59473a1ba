package org.botoxfhir.examples.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.zaxxer.hikari.HikariDataSource;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringSerializer;
import org.botoxfhir.testing.Events;
import org.botoxfhir.testing.Events.Event;
import org.botoxfhir.testing.TestDatabase;
import org.botoxfhir.testing.TestServers;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The example consumer against a real broker and a real database. */
class SymptomReportConsumerTest {
  private static final int PARTITIONS = 3;

  private final String topic = "example-" + UUID.randomUUID();
  private final String group = "alerting-" + UUID.randomUUID();
  private final TestDatabase database = TestServers.newDatabase();
  private final List<AutoCloseable> opened = new ArrayList<>();
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();

  private HikariDataSource connections;
  private JdbcClient alerts;
  private Admin admin;
  private KafkaProducer<String, String> service;

  @BeforeEach
  void open() throws Exception {
    connections = opened(database.connect());
    alerts = JdbcClient.create(connections);
    admin = opened(Admin.create(Map.of("bootstrap.servers", TestServers.bootstrapServers())));
    admin
        .createTopics(List.of(
            new NewTopic(topic, PARTITIONS, (short) 1), new NewTopic(group + ".dlq", 1, (short) 1)))
        .all()
        .get();
    service = opened(new KafkaProducer<>(
        Map.of("bootstrap.servers", TestServers.bootstrapServers(), "transactional.id", topic),
        new StringSerializer(),
        new StringSerializer()));
    service.initTransactions();
    log.start();
    var logger = (Logger) LoggerFactory.getLogger(SymptomReportConsumer.class);
    logger.addAppender(log);
    opened.add(() -> logger.detachAppender(log));
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable one : opened.reversed()) {
      one.close();
    }
  }

  @Test
  void aConsumerThatIsKilledBetweenHandlingAndCommittingPagesOnceWhenItComesBack()
      throws Exception {
    publish(event("r1", 1, "submitted", "emergency"), event("r2", 1, "submitted", "urgent"));
    Process killed = new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            ConsumerThatIsKilled.class.getName(),
            TestServers.bootstrapServers(),
            topic,
            group,
            database.url(),
            database.user(),
            database.password())
        .redirectErrorStream(true)
        .redirectOutput(new File("target/killed-consumer.log"))
        .start();
    opened.add(killed::destroyForcibly);
    assertThat(killed.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(killed.exitValue()).isEqualTo(ConsumerThatIsKilled.STATUS);
    assertThat(count("page")).as("handled before it was killed").isEqualTo(1);
    assertThat(committed()).as("and not committed").isZero();

    start("member-1", inbox());
    await().until(this::committed, all -> all == 2);
    assertThat(pages()).containsExactlyInAnyOrder("r1 1 page: EMERGENCY", "r2 1 page: URGENT");
  }

  @Test
  void whatIsDeliveredTwiceIsHandledOnceAndAnOldVersionDoesNotComeBack() throws Exception {
    var first = event("r1", 1, "submitted", "urgent");
    var second = event("r1", 2, "amended", "emergency");
    publish(first, first, second, first, second, event("r1", 3, "retracted", "emergency"), second);
    start("member-1", inbox());
    await().until(this::committed, all -> all == 7);
    assertThat(pages())
        .containsExactly("r1 1 page: URGENT", "r1 2 page: EMERGENCY", "r1 3 stand down");
    assertThat(count("handled_event")).isEqualTo(3);
  }

  @Test
  void anAmendmentIsEnoughWhereTheFirstVersionWasNeverSeen() throws Exception {
    publish(
        event("r1", 2, "amended", "emergency"),
        event("r1", 1, "submitted", "routine"),
        event("r1", 3, "amended", "urgent"));
    start("member-1", inbox());
    await().until(this::committed, all -> all == 3);
    assertThat(pages()).containsExactly("r1 2 page: EMERGENCY", "r1 3 now only: URGENT");
  }

  @Test
  void aPoisonMessageIsSetAsideWithItsReasonAndThoseBehindItGoOn() throws Exception {
    Event letter;
    try (var letters = new Events(TestServers.bootstrapServers(), group + ".*")) {
      var noJson = event("r2", 1, "submitted", "urgent");
      publish(
          event("r1", 1, "submitted", "urgent"),
          with(noJson, "{\"patient\": \"Jane Doe"),
          with(event("r3", 1, "submitted", "urgent"), "{\"triage\": {\"urgency\": \"soon\"}}"),
          with(event("r4", 1, "submitted", "urgent"), null),
          without(event("r5", 1, "submitted", "urgent"), "ce_subject"),
          without(event("r6", 1, "submitted", "urgent"), "ce_type"),
          event("r7", 1, "submitted", "emergency"));
      start("member-1", inbox());
      await().until(this::committed, all -> all == 7);
      letter = letters.await(subject("r2", 1));
      letters.await("the last letter", last -> reason(last).equals("header ce_type is missing"));
      assertThat(letters.seen())
          .extracting(SymptomReportConsumerTest::reason)
          .containsExactly(
              "the value is no JSON",
              "triage.urgency is not known",
              "there is no value",
              "header ce_subject is missing",
              "header ce_type is missing");
    }
    assertThat(pages()).containsExactlyInAnyOrder("r1 1 page: URGENT", "r7 1 page: EMERGENCY");
    assertThat(letter.record().value()).isEqualTo("{\"patient\": \"Jane Doe");
    assertThat(letter.record().key()).isEqualTo("patient");
    assertThat(letter.header("dead-letter-topic")).contains(topic);
    assertThat(letter.header("dead-letter-offset")).isPresent();
  }

  /** A report whose name the alert table has no room for: the database answers, and refuses each time. */
  @Test
  void anEventThatFailsAgainAndAgainIsSetAsideAfterSoManyAttempts() throws Exception {
    String endless = "r".repeat(150);
    publish(event(endless, 1, "submitted", "urgent"), event("r2", 1, "submitted", "urgent"));
    start("member-1", inbox());
    await().until(this::committed, all -> all == 2);
    assertThat(pages()).containsExactly("r2 1 page: URGENT");
    assertThat(logged("try ")).hasSize(SymptomReportConsumer.ATTEMPTS - 1);
    assertThat(logged("set aside ")).singleElement().asString().endsWith("SQLSTATE 22001");
  }

  @Test
  void whileTheDatabaseIsLockedNothingIsSetAsideOrOvertakenAndThenEverythingIsHandled()
      throws Exception {
    AlertInbox inbox = inbox();
    alerts
        .sql("alter database %s set lock_timeout = '50ms'"
            .formatted(
                alerts.sql("select current_database()").query(String.class).single()))
        .update();
    connections.getHikariPoolMXBean().softEvictConnections();
    try (Connection other =
            DriverManager.getConnection(database.url(), database.user(), database.password());
        var statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute("lock table alert in access exclusive mode");
      publish(event("r1", 1, "submitted", "urgent"), event("r1", 2, "amended", "emergency"));
      start("member-1", inbox);
      // More often than an event that is at fault itself would be tried.
      await().until(() -> logged("try "), tries -> tries.size() > SymptomReportConsumer.ATTEMPTS);
      assertThat(committed()).isZero();
      other.rollback();
    }
    await().until(this::committed, all -> all == 2);
    assertThat(pages()).containsExactly("r1 1 page: URGENT", "r1 2 page: EMERGENCY");
    assertThat(logged("set aside ")).isEmpty();
  }

  @Test
  void whatWasNeverCommittedIsNeverSeenAndWhatIsNotKnownIsPassedOver() throws Exception {
    service.beginTransaction();
    service.send(event("r1", 1, "submitted", "emergency")).get();
    service.abortTransaction();
    publish(
        event("r2", 1, "forgotten", "emergency"),
        with(
            event("r3", 1, "submitted", "urgent"),
            "{\"triage\": {\"urgency\": \"urgent\", \"colour\": 7}, \"more\": []}"));
    start("member-1", inbox());
    await().until(this::pages, List.of("r3 1 page: URGENT")::equals);
    await().until(this::committed, all -> all >= 2);
    assertThat(count("handled_event")).isEqualTo(1);
    assertThat(logged("set aside ")).isEmpty();
  }

  @Test
  void consumersThatComeAndGoMissNothingDoubleNothingAndKeepTheOrderOfEachPatient()
      throws Exception {
    int reports = 60;
    int versions = 5;
    SymptomReportConsumer leaves = start("member-1", inbox());
    for (int version = 1; version <= versions; version++) {
      for (int report = 0; report < reports; report++) {
        String urgency = version % 2 == 1 ? "urgent" : "emergency";
        publish(keyed(
            event("r" + report, version, version == 1 ? "submitted" : "amended", urgency),
            "patient-" + report));
      }
      if (version == 2) {
        start("member-2", inbox());
      }
      if (version == 4) {
        leaves.close();
        start("member-1", inbox());
      }
    }
    await()
        .atMost(Duration.ofSeconds(90))
        .until(() -> count("handled_event"), all -> all == reports * versions);
    for (int report = 0; report < reports; report++) {
      assertThat(alerts
              .sql("select version from page where report = ? order by number")
              .param("QuestionnaireResponse/r" + report)
              .query(Integer.class)
              .list())
          .as("report %d", report)
          .containsExactlyElementsOf(IntStream.rangeClosed(1, versions).boxed().toList());
    }
    assertThat(logged("set aside ")).isEmpty();
  }

  @Test
  void theLogNamesNoPatientAndNoReport() throws Exception {
    publish(
        event("r1", 1, "submitted", "urgent"),
        with(event("secret-report", 1, "submitted", "urgent"), "{\"patient\": \"Jane Doe"),
        event("secret-" + "r".repeat(150), 1, "submitted", "urgent"));
    start("member-1", inbox());
    await().until(this::committed, all -> all == 3);
    assertThat(log.list).hasSizeGreaterThan(2).allSatisfy(line -> {
      assertThat(line.getFormattedMessage()).doesNotContain("secret", "Jane", "patient", "rrr");
      assertThat(line.getThrowableProxy()).isNull();
    });
  }

  private SymptomReportConsumer start(String member, AlertInbox inbox) {
    var consumer =
        new SymptomReportConsumer(TestServers.bootstrapServers(), topic, group, member, inbox);
    Thread thread = Thread.ofPlatform().name(member).start(consumer);
    opened.add(() -> {
      consumer.close();
      thread.join();
    });
    return consumer;
  }

  private AlertInbox inbox() throws Exception {
    return new AlertInbox(connections);
  }

  @SafeVarargs
  private void publish(ProducerRecord<String, String>... events) {
    service.beginTransaction();
    for (ProducerRecord<String, String> event : events) {
      service.send(event);
    }
    service.commitTransaction();
  }

  private static String subject(String report, int version) {
    return "QuestionnaireResponse/%s/_history/%d".formatted(report, version);
  }

  private ProducerRecord<String, String> event(
      String report, int version, String kind, String urgency) {
    String value =
        "{\"patient\": \"Patient/secret\", \"triage\": {\"urgency\": \"%s\"}}".formatted(urgency);
    var event = new ProducerRecord<>(topic, "patient", value);
    Map.of(
            "ce_id", subject(report, version) + "/" + kind,
            "ce_type", "org.botoxfhir.symptom-report.%s.v1".formatted(kind),
            "ce_subject", subject(report, version))
        .forEach(
            (name, header) -> event.headers().add(name, header.getBytes(StandardCharsets.UTF_8)));
    return event;
  }

  private static ProducerRecord<String, String> with(
      ProducerRecord<String, String> event, @Nullable String value) {
    return new ProducerRecord<>(event.topic(), null, event.key(), value, event.headers());
  }

  private static ProducerRecord<String, String> keyed(
      ProducerRecord<String, String> event, String key) {
    return new ProducerRecord<>(event.topic(), null, key, event.value(), event.headers());
  }

  private static ProducerRecord<String, String> without(
      ProducerRecord<String, String> event, String header) {
    event.headers().remove(header);
    return event;
  }

  private static String reason(Event letter) {
    return letter.header("dead-letter-reason").orElse("");
  }

  private List<@Nullable String> pages() {
    return alerts
        .sql(
            "select substr(report, 23) || ' ' || version || ' ' || message from page order by number")
        .query(String.class)
        .list();
  }

  private int count(String table) {
    return alerts.sql("select count(*) from " + table).query(Integer.class).single();
  }

  private List<ILoggingEvent> logged(String beginning) {
    return List.copyOf(log.list).stream()
        .filter(line -> line.getFormattedMessage().startsWith(beginning))
        .toList();
  }

  /** How many records the group says it is done with; markers of transactions count when they are passed. */
  private long committed() throws Exception {
    Map<TopicPartition, OffsetAndMetadata> offsets =
        admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get();
    return offsets.values().stream().mapToLong(OffsetAndMetadata::offset).sum();
  }

  private <T extends AutoCloseable> T opened(T one) {
    opened.add(one);
    return one;
  }
}
