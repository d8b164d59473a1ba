package org.botoxfhir.trace;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.context.Scope;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The part of a trace that one HTTP request is. Ended on the thread that began it. */
public final class RequestTrace implements AutoCloseable {
  private static final String ATTRIBUTE = RequestTrace.class.getName();
  private static final AttributeKey<String> INTERACTION =
      AttributeKey.stringKey("fhir.interaction");
  private static final AttributeKey<String> TYPE = AttributeKey.stringKey("fhir.type");
  private static final AttributeKey<String> METHOD = AttributeKey.stringKey("http.request.method");
  private static final AttributeKey<Long> STATUS =
      AttributeKey.longKey("http.response.status_code");
  private static final Set<String> METHODS =
      Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE");
  private static final int SERVER_FAILURE = 500;

  private final SpanContext context;

  /** Null where it is not recorded. */
  private final @Nullable Span span;

  private final @Nullable Scope scope;

  @SuppressWarnings("MustBeClosedChecker") // close() does it
  private RequestTrace(SpanContext context, @Nullable Span span) {
    this.context = context;
    this.span = span;
    this.scope = span == null ? null : span.makeCurrent();
  }

  /** Of a request that is recorded by nobody here, and may be by others. */
  static RequestTrace carriedOn(SpanContext remote) {
    return new RequestTrace(remote, null);
  }

  static RequestTrace of(Span span) {
    return new RequestTrace(span.getSpanContext(), span.isRecording() ? span : null);
  }

  void leaveTo(HttpServletRequest request) {
    request.setAttribute(ATTRIBUTE, this);
  }

  /** What is done for a request carries on; null where it is part of no trace. */
  public static @Nullable String traceparent(HttpServletRequest request) {
    return request.getAttribute(ATTRIBUTE) instanceof RequestTrace trace
        ? TraceContext.text(trace.context)
        : null;
  }

  /** Id of the trace, 32 hexadecimal digits, for log lines; null where the request is part of none. */
  public @Nullable String id() {
    return context.isValid() ? context.getTraceId() : null;
  }

  /**
   * Says what the request was and how it ended.
   *
   * @param interaction FHIR's name of what was asked for
   * @param type resource type, or a word for none
   */
  public void answered(String method, String interaction, String type, int status) {
    if (span != null) {
      span.updateName(interaction + " " + type);
      span.setAttribute(METHOD, METHODS.contains(method) ? method : "_OTHER");
      span.setAttribute(INTERACTION, interaction);
      span.setAttribute(TYPE, type);
      span.setAttribute(STATUS, (long) status);
      if (status >= SERVER_FAILURE) {
        span.setStatus(StatusCode.ERROR);
      }
    }
  }

  @Override
  public void close() {
    if (scope != null) {
      scope.close();
    }
    if (span != null) {
      span.end();
    }
  }
}
