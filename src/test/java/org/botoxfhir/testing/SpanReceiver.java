package org.botoxfhir.testing;

import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.botoxfhir.leaks.Captured;

/** Receives spans by OTLP over HTTP, as a collector does. */
public final class SpanReceiver implements AutoCloseable {
  private final HttpServer server;
  private final List<Received> spans = new CopyOnWriteArrayList<>();
  private final List<String> bodies = new CopyOnWriteArrayList<>();

  private SpanReceiver(HttpServer server) {
    this.server = server;
  }

  /** Starts one on a free port. */
  public static SpanReceiver start() {
    try {
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      var receiver = new SpanReceiver(server);
      server.createContext("/v1/traces", exchange -> {
        try (exchange) {
          receiver.receive(exchange.getRequestBody().readAllBytes());
          byte[] thanks = ExportTraceServiceResponse.getDefaultInstance().toByteArray();
          exchange.getResponseHeaders().set("Content-Type", "application/x-protobuf");
          exchange.sendResponseHeaders(200, thanks.length == 0 ? -1 : thanks.length);
          exchange.getResponseBody().write(thanks);
        }
      });
      server.start();
      return receiver;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void receive(byte[] body) throws IOException {
    // Text within is UTF-8; what is not text does no harm.
    bodies.add(new String(body, StandardCharsets.ISO_8859_1));
    ExportTraceServiceRequest.parseFrom(body)
        .getResourceSpansList()
        .forEach(resource -> resource
            .getScopeSpansList()
            .forEach(scope -> scope.getSpansList().forEach(span -> receive(Received.of(span)))));
  }

  private void receive(Received span) {
    Captured.span(span.toString());
    spans.add(span);
  }

  /** Settings of a service that sends here, all that it records, and soon. */
  public Map<String, String> settings() {
    return Map.of(
        "management.opentelemetry.tracing.export.otlp.endpoint",
        "http://127.0.0.1:%d/v1/traces".formatted(server.getAddress().getPort()),
        "management.opentelemetry.tracing.export.schedule-delay",
        "50ms",
        "management.tracing.sampling.probability",
        "1");
  }

  /** The first span that matches; waits for it, and fails when it does not come within 30 s. */
  public Received await(String what, Predicate<Received> matches) {
    return Awaitility.await(what)
        .atMost(Duration.ofSeconds(30))
        .until(() -> spans.stream().filter(matches).findFirst(), Optional::isPresent)
        .orElseThrow();
  }

  /** What has arrived so far. */
  public List<Received> seen() {
    return List.copyOf(spans);
  }

  /** All that has arrived so far as it came; text in it can be looked for. */
  public String raw() {
    return String.join("\n", bodies);
  }

  @Override
  public void close() {
    server.stop(0);
  }

  /**
   * A span.
   *
   * @param parent id of the span that it is part of; empty for the first of a trace
   * @param attributes with their values as text
   */
  public record Received(
      String trace,
      String id,
      String parent,
      String name,
      Span.SpanKind kind,
      boolean failed,
      Map<String, String> attributes) {

    private static Received of(Span span) {
      Map<String, String> attributes = new TreeMap<>();
      for (KeyValue attribute : span.getAttributesList()) {
        AnyValue value = attribute.getValue();
        attributes.put(
            attribute.getKey(),
            value.hasIntValue() ? Long.toString(value.getIntValue()) : value.getStringValue());
      }
      HexFormat hex = HexFormat.of();
      return new Received(
          hex.formatHex(span.getTraceId().toByteArray()),
          hex.formatHex(span.getSpanId().toByteArray()),
          hex.formatHex(span.getParentSpanId().toByteArray()),
          span.getName(),
          span.getKind(),
          span.getStatus().getCode() == Status.StatusCode.STATUS_CODE_ERROR,
          attributes);
    }

    /** This span as W3C trace context. */
    public String traceparent() {
      return "00-" + trace + "-" + id + "-01";
    }
  }
}
