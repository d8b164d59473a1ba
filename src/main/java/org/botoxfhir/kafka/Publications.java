package org.botoxfhir.kafka;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.kafka.KafkaClientMetrics;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.Producer;
import org.botoxfhir.outbox.NewEvent;
import org.botoxfhir.trace.Sending;
import org.botoxfhir.trace.Traces;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Times, counts and traces what goes to Kafka: timer {@code botox.kafka.transactions}, and the metrics of the client itself. */
@Component
class Publications {
  private final MeterRegistry metrics;
  private final Traces traces;
  private final Timer committed;
  private final Timer refused;
  private final Timer failed;

  Publications(MeterRegistry metrics, Traces traces) {
    this.metrics = metrics;
    this.traces = traces;
    committed = timer("committed");
    refused = timer("refused");
    failed = timer("failed");
  }

  private Timer timer(String outcome) {
    return Timer.builder("botox.kafka.transactions")
        .description("Transactions with events, from their begin to what became of them")
        .tag("outcome", outcome)
        .register(metrics);
  }

  /** Has the metrics of a producer told until it is closed. */
  KafkaClientMetrics watch(Producer<?, ?> producer) {
    var client = new KafkaClientMetrics(producer);
    client.bindTo(metrics);
    return client;
  }

  Publication begin() {
    return new Publication();
  }

  /** One attempt to publish some events together. */
  final class Publication {
    private final long begun = System.nanoTime();
    private final List<Sending> events = new ArrayList<>();

    /** Adds an event. @return the trace context that goes with it; null where it is part of no trace */
    @Nullable
    String add(NewEvent event) {
      Sending sending = traces.sending(event.topic(), event.type(), event.traceparent());
      events.add(sending);
      return sending.traceparent();
    }

    void committed() {
      events.forEach(Sending::arrived);
      stop(committed);
    }

    /** Some of them can never be published. */
    void refused(Exception why) {
      events.forEach(event -> event.failed(why));
      stop(refused);
    }

    void failed(Exception why) {
      events.forEach(event -> event.failed(why));
      stop(failed);
    }

    private void stop(Timer timer) {
      timer.record(System.nanoTime() - begun, TimeUnit.NANOSECONDS);
    }
  }
}
