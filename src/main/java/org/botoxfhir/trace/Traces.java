package org.botoxfhir.trace;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Scope;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import jakarta.servlet.http.HttpServletRequest;
import java.util.function.Supplier;
import org.botoxfhir.fault.FaultException;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * Begins and ends spans. Below a request that is not recorded nothing is made, and where no receiver of spans is configured no request
 * is recorded.
 */
@Component
public final class Traces {
  private static final AttributeKey<String> ERROR = AttributeKey.stringKey("error.type");
  private static final AttributeKey<String> DATABASE = AttributeKey.stringKey("db.system.name");
  private static final AttributeKey<String> STATEMENT = AttributeKey.stringKey("db.operation.name");
  private static final AttributeKey<String> MESSAGING = AttributeKey.stringKey("messaging.system");
  private static final AttributeKey<String> TOPIC =
      AttributeKey.stringKey("messaging.destination.name");
  private static final AttributeKey<String> SEND =
      AttributeKey.stringKey("messaging.operation.type");
  private static final AttributeKey<String> EVENT_TYPE =
      AttributeKey.stringKey("cloudevents.event_type");

  /** Null where nothing is recorded. */
  private final @Nullable Tracer tracer;

  @Autowired
  Traces(ObjectProvider<SpanExporter> receivers, ObjectProvider<OpenTelemetry> telemetry) {
    this(
        receivers.stream().findAny().isPresent()
            ? telemetry.getObject().getTracer("org.botoxfhir")
            : null);
  }

  private Traces(@Nullable Tracer tracer) {
    this.tracer = tracer;
  }

  /** Records nothing. */
  public static Traces off() {
    return new Traces((Tracer) null);
  }

  /** Begins the part of a trace that a request is: of the one that its header {@code traceparent} names, else of a new one. */
  public RequestTrace begin(HttpServletRequest request) {
    SpanContext remote = TraceContext.read(request.getHeader(TraceContext.HEADER));
    RequestTrace trace;
    if (tracer == null) {
      trace = RequestTrace.carriedOn(remote);
    } else {
      trace = RequestTrace.of(tracer
          .spanBuilder("HTTP")
          .setParent(TraceContext.parent(remote))
          .setSpanKind(SpanKind.SERVER)
          .startSpan());
    }
    trace.leaveTo(request);
    return trace;
  }

  /** Runs work as a step of what is recorded on this thread, if anything is. */
  public <T extends @Nullable Object> T step(String name, Supplier<T> work) {
    return tracer == null || !Span.current().isRecording()
        ? work.get()
        : within(tracer.spanBuilder(name), work);
  }

  /**
   * The same for work that the database does.
   *
   * @param operation what it is asked for, e.g. {@code search}
   */
  public <T extends @Nullable Object> T query(String operation, Supplier<T> work) {
    return tracer == null || !Span.current().isRecording()
        ? work.get()
        : within(
            tracer
                .spanBuilder("store " + operation)
                .setSpanKind(SpanKind.CLIENT)
                .setAttribute(DATABASE, "postgresql")
                .setAttribute(STATEMENT, operation),
            work);
  }

  private static <T extends @Nullable Object> T within(SpanBuilder builder, Supplier<T> work) {
    Span span = builder.startSpan();
    try (Scope scope = span.makeCurrent()) {
      return work.get();
    } catch (RuntimeException | Error failure) {
      failed(span, failure);
      throw failure;
    } finally {
      span.end();
    }
  }

  /** The kind of failure only: a message may quote what was sent. */
  static void failed(Span span, Throwable why) {
    span.setStatus(StatusCode.ERROR);
    span.setAttribute(
        ERROR,
        why instanceof FaultException refused
            ? refused.fault().getClass().getSimpleName()
            : why.getClass().getName());
  }

  /** What comes of the step that is recorded on this thread carries on; null when nothing is recorded. */
  public @Nullable String traceparent() {
    Span span = Span.current();
    return tracer != null && span.isRecording() ? TraceContext.text(span.getSpanContext()) : null;
  }

  /**
   * Begins the part of a trace in which an event goes out.
   *
   * @param type of the event
   * @param traceparent what the event came of, if that is known; unchecked
   */
  public Sending sending(String topic, String type, @Nullable String traceparent) {
    SpanContext origin = TraceContext.read(traceparent);
    if (tracer == null || !origin.isSampled()) {
      return new Sending(TraceContext.text(origin), null);
    }
    Span span = tracer
        .spanBuilder("send " + topic)
        .setParent(TraceContext.parent(origin))
        .setSpanKind(SpanKind.PRODUCER)
        .setAttribute(MESSAGING, "kafka")
        .setAttribute(SEND, "send")
        .setAttribute(TOPIC, topic)
        .setAttribute(EVENT_TYPE, type)
        .startSpan();
    return new Sending(TraceContext.text(span.getSpanContext()), span);
  }

  /** Runs work that measures something of an event, so that the measurement names the trace that the event came of. */
  public void asPartOf(@Nullable String traceparent, Runnable work) {
    SpanContext origin = tracer == null ? SpanContext.getInvalid() : TraceContext.read(traceparent);
    if (origin.isSampled()) {
      try (Scope scope = TraceContext.parent(origin).makeCurrent()) {
        work.run();
      }
    } else {
      work.run();
    }
  }

  /** A trace context as it may be passed on: the same, or null when it is none. */
  public static @Nullable String checked(@Nullable String traceparent) {
    return TraceContext.text(TraceContext.read(traceparent));
  }
}
