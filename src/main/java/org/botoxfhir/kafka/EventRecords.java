package org.botoxfhir.kafka;

import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.cloudevents.kafka.KafkaMessageFactory;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.util.regex.Pattern;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.botoxfhir.outbox.NewEvent;
import org.botoxfhir.outbox.ParkedEvent;
import org.springframework.stereotype.Component;

/**
 * Events as records: CloudEvents 1.0, Kafka protocol binding, binary mode: attributes as {@code ce_} headers, the JSON as value, the
 * event's key as key.
 */
@Component
class EventRecords {
  /** W3C trace context, version 00 or later; the header comes from outside and is passed on only if it is nothing else. */
  private static final Pattern TRACEPARENT =
      Pattern.compile("[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}");

  private final KafkaSettings settings;

  EventRecords(KafkaSettings settings) {
    this.settings = settings;
  }

  /** @param replay whether it was published before; the record says so */
  ProducerRecord<String, byte[]> record(NewEvent event, boolean replay) {
    return record(event.topic(), event, replay);
  }

  /**
   * For the dead letter topic: the event as it is, and beside its own headers why it is here.
   *
   * @param withValue false when the value is what is refused here, too; it is still with the parked event
   */
  ProducerRecord<String, byte[]> deadLetter(ParkedEvent parked, boolean withValue) {
    var whole = record(
        KafkaTopics.deadLetterTopic(parked.event().topic()), parked.event(), parked.replay());
    var letter = withValue
        ? whole
        : new ProducerRecord<String, byte[]>(
            whole.topic(), null, whole.key(), null, whole.headers());
    header(letter, "dead-letter-topic", parked.event().topic());
    header(letter, "dead-letter-reason", parked.reason());
    header(letter, "dead-letter-time", parked.parkedAt().toString());
    header(letter, "dead-letter-id", Long.toString(parked.id()));
    return letter;
  }

  private ProducerRecord<String, byte[]> record(String topic, NewEvent event, boolean replay) {
    CloudEventBuilder builder = CloudEventBuilder.v1()
        .withId(event.id())
        .withSource(settings.source())
        .withType(event.type())
        .withSubject(event.subject())
        .withTime(event.time().atOffset(ZoneOffset.UTC))
        .withData("application/json", event.data().getBytes(StandardCharsets.UTF_8));
    if (event.traceparent() != null && TRACEPARENT.matcher(event.traceparent()).matches()) {
      builder.withExtension("traceparent", event.traceparent());
    }
    if (replay) {
      builder.withExtension("replay", true);
    }
    CloudEvent cloudEvent = builder.build();
    return KafkaMessageFactory.createWriter(topic, event.key()).writeBinary(cloudEvent);
  }

  private static void header(ProducerRecord<String, byte[]> record, String name, String value) {
    record.headers().add(name, value.getBytes(StandardCharsets.UTF_8));
  }
}
