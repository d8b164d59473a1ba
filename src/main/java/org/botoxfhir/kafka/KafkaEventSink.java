package org.botoxfhir.kafka;

import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.cloudevents.kafka.KafkaMessageFactory;
import jakarta.annotation.PreDestroy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.botoxfhir.outbox.EventSink;
import org.botoxfhir.outbox.NewEvent;
import org.botoxfhir.outbox.OutboxEvent;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Publishes events as CloudEvents 1.0, Kafka protocol binding, binary mode: attributes as {@code ce_} headers, the JSON as value,
 * the event's key as key. Called by the relay's one thread.
 */
@Component
class KafkaEventSink implements EventSink {
  /** W3C trace context, version 00 or later; the header comes from outside and is passed on only if it is nothing else. */
  private static final Pattern TRACEPARENT =
      Pattern.compile("[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}");

  private final KafkaSettings settings;
  private final KafkaClients clients;
  private final KafkaTopics topics;
  private final KafkaState state;

  private @Nullable KafkaProducer<String, byte[]> current;

  KafkaEventSink(
      KafkaSettings settings, KafkaClients clients, KafkaTopics topics, KafkaState state) {
    this.settings = settings;
    this.clients = clients;
    this.topics = topics;
    this.state = state;
  }

  @Override
  public void publish(List<OutboxEvent> events) throws EventSinkException, InterruptedException {
    try {
      topics.require(events.stream().map(event -> event.event().topic()).toList());
      send(events);
      state.working();
    } catch (EventSinkException e) {
      state.failing(e.getMessage());
      topics.forget();
      throw e;
    }
  }

  private void send(List<OutboxEvent> events) throws EventSinkException, InterruptedException {
    List<Future<RecordMetadata>> sent = new ArrayList<>(events.size());
    try {
      KafkaProducer<String, byte[]> producer = current;
      if (producer == null) {
        producer = clients.producer();
        current = producer;
      }
      for (OutboxEvent event : events) {
        sent.add(send(producer, event.event()));
      }
      producer.flush();
      for (Future<RecordMetadata> one : sent) {
        one.get();
      }
    } catch (InterruptException | InterruptedException e) {
      discard();
      Thread.interrupted(); // Kafka's exception sets it again; the checked one carries it from here
      throw new InterruptedException("interrupted while events were sent");
    } catch (ExecutionException e) {
      throw failed(e.getCause() == null ? e : e.getCause());
    } catch (KafkaException
        | IllegalStateException e) { // the latter when a callback has closed the producer meanwhile
      throw failed(firstFailure(sent, e));
    }
  }

  private Future<RecordMetadata> send(KafkaProducer<String, byte[]> producer, NewEvent event) {
    return producer.send(record(event), (metadata, error) -> {
      if (error != null) {
        // What is still queued behind the failed event must not go out before it: all of it is
        // offered again, in order.
        producer.close(Duration.ZERO);
      }
    });
  }

  /** Why the producer was closed, if an event that was sent before knows it. */
  private static Throwable firstFailure(List<Future<RecordMetadata>> sent, Throwable otherwise) {
    return sent.stream()
        .filter(one -> one.state() == Future.State.FAILED)
        .map(Future::exceptionNow)
        .findFirst()
        .orElse(otherwise);
  }

  private EventSinkException failed(Throwable cause) {
    discard();
    return new EventSinkException(
        "Kafka at %s: %s".formatted(settings.bootstrapServers(), KafkaState.words(cause)), cause);
  }

  private void discard() {
    if (current != null) {
      current.close(Duration.ZERO);
      current = null;
    }
  }

  private ProducerRecord<String, byte[]> record(NewEvent event) {
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
    CloudEvent cloudEvent = builder.build();
    return KafkaMessageFactory.createWriter(event.topic(), event.key()).writeBinary(cloudEvent);
  }

  /** The relay, which stops before, has no event under way. */
  @PreDestroy
  void close() {
    discard();
  }
}
