package org.botoxfhir.trace;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** W3C trace context as text, e.g. {@code 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01}. */
final class TraceContext {
  static final String HEADER = "traceparent";

  /** The text itself is the carrier. There is no {@code tracestate}: events have no place to keep it. */
  private static final TextMapGetter<String> TEXT = new TextMapGetter<>() {
    @Override
    public Iterable<String> keys(String text) {
      return List.of(HEADER);
    }

    @Override
    public @Nullable String get(@Nullable String text, String key) {
      return key.equals(HEADER) ? text : null;
    }
  };

  private TraceContext() {}

  /** What a text means; an invalid context when there is none or it means nothing. */
  static SpanContext read(@Nullable String text) {
    return text == null
        ? SpanContext.getInvalid()
        : Span.fromContext(
                W3CTraceContextPropagator.getInstance().extract(Context.root(), text, TEXT))
            .getSpanContext();
  }

  /** The context of a parent that is elsewhere, in time or place. */
  static Context parent(SpanContext remote) {
    return Context.root().with(Span.wrap(remote));
  }

  /** @return null for an invalid context */
  static @Nullable String text(SpanContext context) {
    return context.isValid()
        ? "00-" + context.getTraceId() + "-" + context.getSpanId() + "-"
            + context.getTraceFlags().asHex()
        : null;
  }
}
