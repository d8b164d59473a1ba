package org.botoxfhir.kafka;

import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.cloudevents.kafka.KafkaMessageFactory;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.botoxfhir.outbox.NewEvent;
import org.botoxfhir.outbox.ParkedEvent;
import org.botoxfhir.trace.Traces;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Events as records: CloudEvents 1.0, Kafka protocol binding, binary mode: attributes as {@code ce_} headers, the JSON as value, the
 * event's key as key.
 */
@Component
class EventRecords {
  /** W3C trace context, where clients that trace look for it. */
  private static final String TRACEPARENT = "traceparent";

  private final KafkaSettings settings;

  EventRecords(KafkaSettings settings) {
    this.settings = settings;
  }

  /**
   * @param replay whether it was published before; the record says so
   * @param sending trace context that whoever receives the record carries on; null where it is part of no trace
   */
  ProducerRecord<String, byte[]> record(NewEvent event, boolean replay, @Nullable String sending) {
    return record(event.topic(), event, replay, sending);
  }

  /**
   * For the dead letter topic: the event as it is, and beside its own headers why it is here.
   *
   * @param withValue false when the value is what is refused here, too; it is still with the parked event
   */
  ProducerRecord<String, byte[]> deadLetter(ParkedEvent parked, boolean withValue) {
    var whole = record(
        KafkaTopics.deadLetterTopic(parked.event().topic()),
        parked.event(),
        parked.replay(),
        Traces.checked(parked.event().traceparent()));
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

  private ProducerRecord<String, byte[]> record(
      String topic, NewEvent event, boolean replay, @Nullable String sending) {
    CloudEventBuilder builder = CloudEventBuilder.v1()
        .withId(event.id())
        .withSource(settings.source())
        .withType(event.type())
        .withSubject(event.subject())
        .withTime(event.time().atOffset(ZoneOffset.UTC))
        .withData("application/json", event.data().getBytes(StandardCharsets.UTF_8));
    // It may come from outside, and is passed on only if it is nothing else.
    String origin = Traces.checked(event.traceparent());
    if (origin != null) {
      builder.withExtension(TRACEPARENT, origin);
    }
    if (replay) {
      builder.withExtension("replay", true);
    }
    CloudEvent cloudEvent = builder.build();
    var record = KafkaMessageFactory.createWriter(topic, event.key()).writeBinary(cloudEvent);
    if (sending != null) {
      header(record, TRACEPARENT, sending);
    }
    return record;
  }

  private static void header(ProducerRecord<String, byte[]> record, String name, String value) {
    record.headers().add(name, value.getBytes(StandardCharsets.UTF_8));
  }
}
