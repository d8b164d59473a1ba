package org.botoxfhir.kafka;

import io.micrometer.core.instrument.binder.kafka.KafkaClientMetrics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.InvalidTimestampException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.UnsupportedForMessageFormatException;
import org.botoxfhir.kafka.KafkaTopics.UnfitTopicException;
import org.botoxfhir.kafka.Publications.Publication;
import org.botoxfhir.outbox.EventSink;
import org.botoxfhir.outbox.OutboxEvent;
import org.botoxfhir.outbox.ParkedEvent;
import org.botoxfhir.trace.Traces;
import org.springframework.stereotype.Component;

/**
 * Publishes events to Kafka in transactions that also hold the position, so that a consumer that reads what is committed sees each
 * event once. Called by the relay's one thread.
 */
@Component
class KafkaEventSink implements EventSink {
  private final KafkaSettings settings;
  private final KafkaClients clients;
  private final KafkaTopics topics;
  private final PositionTopic positions;
  private final EventRecords records;
  private final KafkaState state;
  private final Publications publications;

  KafkaEventSink(
      KafkaSettings settings,
      KafkaClients clients,
      KafkaTopics topics,
      PositionTopic positions,
      EventRecords records,
      KafkaState state,
      Publications publications) {
    this.settings = settings;
    this.clients = clients;
    this.topics = topics;
    this.positions = positions;
    this.records = records;
    this.state = state;
    this.publications = publications;
  }

  /**
   * The transactional id belongs to the outbox, not to the replica: Kafka itself fences out whoever used it before, after it has
   * finished or undone that one's last transaction.
   */
  @Override
  public Tenure takeOver(UUID outbox) throws EventSinkException, InterruptedException {
    try {
      topics.requirePositionTopic();
      Tenure tenure = fenced(outbox);
      state.working();
      return tenure;
    } catch (EventSinkException e) {
      throw failed(e);
    } catch (InterruptException | InterruptedException e) {
      throw KafkaState.interrupted();
    } catch (ExecutionException e) {
      throw failed(e.getCause() == null ? e : e.getCause());
    } catch (KafkaException e) {
      throw failed(e.getCause() instanceof KafkaException inner ? inner : e);
    }
  }

  private Tenure fenced(UUID outbox) throws ExecutionException, InterruptedException {
    KafkaProducer<String, byte[]> producer =
        clients.transactionalProducer("botox-fhir-outbox-" + outbox);
    try {
      producer.initTransactions();
      return new KafkaTenure(outbox, producer, positions.read(outbox));
    } catch (Exception e) {
      producer.close(Duration.ZERO);
      throw e;
    }
  }

  @Override
  public void deadLetter(ParkedEvent parked) throws EventSinkException, InterruptedException {
    topics.require(List.of(KafkaTopics.deadLetterTopic(parked.event().topic())));
    try (KafkaProducer<String, byte[]> producer = clients.producer()) {
      try {
        producer.send(records.deadLetter(parked, true)).get();
      } catch (ExecutionException tooLarge) {
        if (!(tooLarge.getCause() instanceof RecordTooLargeException)) {
          throw tooLarge;
        }
        producer.send(records.deadLetter(parked, false)).get();
      }
    } catch (InterruptException e) {
      throw KafkaState.interrupted();
    } catch (ExecutionException | KafkaException e) {
      // No word to the health: the other events are published.
      throw new EventSinkException(settings.words(e.getCause() == null ? e : e.getCause()), e);
    }
  }

  private EventSinkException failed(Throwable cause) {
    topics.forget();
    var failure = cause instanceof EventSinkException known
        ? known
        : new EventSinkException(settings.words(cause), cause);
    state.failing(failure.getMessage());
    return failure;
  }

  private static Iterable<OutboxEvent> lastOfEachShard(List<OutboxEvent> events) {
    Map<Integer, OutboxEvent> last = new LinkedHashMap<>();
    events.forEach(event -> last.put(event.shard(), event));
    return last.values();
  }

  /**
   * Those events that failed for a reason that no repetition mends; among several it may be the reason of another one. A right that is
   * missing stops first publications until it is granted, and replays never: an operator may have named any topic.
   */
  private static Map<OutboxEvent, String> refused(
      List<OutboxEvent> events, List<Future<RecordMetadata>> sent) {
    Map<OutboxEvent, String> refused = new LinkedHashMap<>();
    for (int i = 0; i < sent.size(); i++) {
      if (sent.get(i).state() == Future.State.FAILED) {
        Throwable why = sent.get(i).exceptionNow();
        if (why instanceof RecordTooLargeException
            || why instanceof InvalidRecordException
            || why instanceof InvalidTimestampException
            || (why instanceof TopicAuthorizationException && events.get(i).replay())
            || why instanceof UnsupportedForMessageFormatException) {
          refused.put(events.get(i), KafkaState.words(why));
        }
      }
    }
    return refused;
  }

  /** One transactional producer, from its fencing out of a former one to its first failure. */
  private final class KafkaTenure implements Tenure {
    private final UUID outbox;
    private final KafkaProducer<String, byte[]> producer;
    private final Map<Integer, Position> found;
    private final KafkaClientMetrics watch;

    private KafkaTenure(
        UUID outbox, KafkaProducer<String, byte[]> producer, Map<Integer, Position> found) {
      this.outbox = outbox;
      this.producer = producer;
      this.found = found;
      this.watch = publications.watch(producer);
    }

    @Override
    public Map<Integer, Position> positions() {
      return found;
    }

    @Override
    public void publish(List<OutboxEvent> events)
        throws EventSinkException, RefusedEventsException, InterruptedException {
      Publication publication = publications.begin();
      try {
        send(events, publication);
        publication.committed();
      } catch (RefusedEventsException e) {
        publication.refused(e);
        throw e;
      } catch (EventSinkException | InterruptedException | RuntimeException e) {
        publication.failed(e);
        throw e;
      }
    }

    private void send(List<OutboxEvent> events, Publication publication)
        throws EventSinkException, RefusedEventsException, InterruptedException {
      List<Future<RecordMetadata>> sent = new ArrayList<>(events.size());
      try {
        requireTopics(events);
        producer.beginTransaction();
        for (OutboxEvent event : events) {
          sent.add(producer.send(
              records.record(event.event(), event.replay(), publication.add(event.event()))));
        }
        for (OutboxEvent last : lastOfEachShard(events)) {
          producer.send(positions.record(
              outbox, last.shard(), new Position(last.sequence(), last.event().id())));
        }
        producer.commitTransaction();
        state.working();
      } catch (InterruptException e) {
        throw KafkaState.interrupted();
      } catch (EventSinkException e) {
        throw failed(e);
      } catch (KafkaException e) {
        Map<OutboxEvent, String> suspects = refused(events, sent);
        if (suspects.isEmpty()) {
          throw failed(e);
        }
        abort();
        Map<OutboxEvent, String> refused = refusedAlone(suspects.keySet());
        if (refused.isEmpty()) {
          throw failed(e);
        }
        throw new RefusedEventsException(refused);
      }
    }

    /**
     * A missing topic stops first publications until it is there, and replays never: an operator may have named any topic, and patients'
     * reports shall not wait behind it.
     */
    private void requireTopics(List<OutboxEvent> events)
        throws EventSinkException, RefusedEventsException, InterruptedException {
      topics.require(events.stream()
          .filter(event -> !event.replay())
          .map(event -> event.event().topic())
          .toList());
      Map<OutboxEvent, String> refused = new LinkedHashMap<>();
      for (OutboxEvent event : events) {
        if (event.replay()) {
          try {
            topics.require(List.of(event.event().topic()));
          } catch (UnfitTopicException e) {
            refused.put(event, String.valueOf(e.getMessage()));
          }
        }
      }
      if (!refused.isEmpty()) {
        throw new RefusedEventsException(refused);
      }
    }

    /**
     * Kafka's producer fails events that it had not yet sent with the very error of the one that spoiled the transaction, and brokers
     * refuse a batch for one record in it. So each is tried by itself, in a transaction that is undone.
     */
    private Map<OutboxEvent, String> refusedAlone(Collection<OutboxEvent> suspects)
        throws EventSinkException, InterruptedException {
      Map<OutboxEvent, String> refused = new LinkedHashMap<>();
      for (OutboxEvent suspect : suspects) {
        try {
          producer.beginTransaction();
          Future<RecordMetadata> sent = producer.send(records.record(
              suspect.event(), suspect.replay(), Traces.checked(suspect.event().traceparent())));
          producer.flush();
          refused.putAll(refused(List.of(suspect), List.of(sent)));
        } catch (InterruptException e) {
          throw KafkaState.interrupted();
        } catch (KafkaException e) {
          throw failed(e);
        }
        abort();
      }
      return refused;
    }

    private void abort() throws EventSinkException {
      try {
        producer.abortTransaction();
      } catch (KafkaException e) {
        throw failed(e);
      }
    }

    @Override
    public void close() {
      try (watch) {
        producer.close(Duration.ZERO);
      }
    }
  }
}
