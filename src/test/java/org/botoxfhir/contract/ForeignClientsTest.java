package org.botoxfhir.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.botoxfhir.outbox.NewEvent;
import org.botoxfhir.testing.Events;
import org.botoxfhir.testing.MadeUpEvents;
import org.botoxfhir.testing.NodePackages;
import org.botoxfhir.testing.Replica;
import org.botoxfhir.testing.TestServers;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The events as kcat and kafkajs see them. Where kcat or Node.js is not installed the tests are
 * reported as skipped; npm fetches kafkajs.
 */
class ForeignClientsTest {
  private static final Path CLIENTS = Path.of("src/test/clients");

  private final String topic = "botox.foreign-" + UUID.randomUUID();

  @BeforeAll
  static void clientsAreInstalled() {
    assumeTrue(NodePackages.starts("kcat", "-V"), "kcat is not installed");
    assumeTrue(NodePackages.available(), "Node.js with npm is not installed");
    NodePackages.install();
  }

  @Test
  void bothSeeEveryCommittedEventOnceAndInOrderAndNothingElse() throws Exception {
    int count = 200;
    publish(count);
    abort();
    Outcome outcome = compare();
    assertThat(outcome.output())
        .isEqualTo(count + " events: kcat and kafkajs saw the same, and all is as promised");
    assertThat(outcome.status()).isZero();
  }

  /** The comparison itself: what is not as promised does not pass. */
  @Test
  void anEventThatIsNotAsPromisedIsNamed() throws Exception {
    publish(1);
    try (var producer = producer()) {
      producer.initTransactions();
      producer.beginTransaction();
      var event = new ProducerRecord<>(topic, "Patient/jane-doe", "no JSON");
      event.headers().add("patient", "Jane Doe".getBytes(StandardCharsets.UTF_8));
      producer.send(event);
      producer.commitTransaction();
    }
    Outcome outcome = compare();
    assertThat(outcome.status()).isEqualTo(1);
    assertThat(outcome.output())
        .contains(
            "no header ce_id", "header patient", "the key is no pseudonym", "the value is no JSON");
  }

  /** Through outbox and relay, so that they stand in Kafka as they always do: in transactions, compressed, with positions beside them. */
  private void publish(int count) {
    Map<String, String> settings = Map.of(
        "botox.kafka.bootstrap-servers", TestServers.bootstrapServers(),
        "botox.kafka.create-topics", "true",
        "botox.kafka.partitions", "3",
        "botox.outbox.batch-size", "40");
    try (Replica replica = Replica.publishing(TestServers.newDatabase(), settings);
        var events = new Events(TestServers.bootstrapServers(), topic)) {
      var made = new ArrayList<NewEvent>();
      for (int number = 1; number <= count; number++) {
        String key = "k".repeat(42) + number % 10;
        made.add(MadeUpEvents.event(topic, key, number));
      }
      made.forEach(replica::commit);
      for (NewEvent event : made) {
        events.await(event.subject());
      }
    }
  }

  private void abort() throws Exception {
    try (var producer = producer()) {
      producer.initTransactions();
      producer.beginTransaction();
      producer.send(new ProducerRecord<>(topic, "k".repeat(43), "{}")).get();
      producer.abortTransaction();
    }
  }

  private KafkaProducer<String, String> producer() {
    return new KafkaProducer<>(
        Map.of("bootstrap.servers", TestServers.bootstrapServers(), "transactional.id", topic),
        new StringSerializer(),
        new StringSerializer());
  }

  private Outcome compare() throws Exception {
    Process script = new ProcessBuilder(
            CLIENTS.resolve("read-and-compare").toString(), TestServers.bootstrapServers(), topic)
        .redirectErrorStream(true)
        .start();
    String output;
    try (var reader = script.inputReader(StandardCharsets.UTF_8)) {
      output = String.join("\n", reader.readAllLines());
    }
    assertThat(script.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return new Outcome(script.exitValue(), output);
  }

  private record Outcome(int status, String output) {}
}
