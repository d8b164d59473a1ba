package org.botoxfhir.trace;

import io.opentelemetry.api.trace.Span;
import org.jspecify.annotations.Nullable;

/** The part of a trace in which an event goes out. */
public final class Sending {
  private final @Nullable String traceparent;

  /** Null where it is not recorded. */
  private final @Nullable Span span;

  Sending(@Nullable String traceparent, @Nullable Span span) {
    this.traceparent = traceparent;
    this.span = span;
  }

  /** What whoever receives the event carries on; null where it is part of no trace. */
  public @Nullable String traceparent() {
    return traceparent;
  }

  /** It has arrived. */
  public void arrived() {
    if (span != null) {
      span.end();
    }
  }

  /** It has not, and may be sent again. */
  public void failed(Throwable why) {
    if (span != null) {
      Traces.failed(span, why);
      span.end();
    }
  }
}
