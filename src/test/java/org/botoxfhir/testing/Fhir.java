package org.botoxfhir.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Flow;
import javax.net.ssl.SSLContext;
import org.botoxfhir.leaks.Captured;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The service as a client sees it over HTTP. Paths are relative to the FHIR base: {@code Patient/1}, or {@code ""} for bundles. */
public final class Fhir {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String FHIR_JSON = "application/fhir+json";

  private final HttpClient http;
  private final URI base;
  private final @Nullable String token;

  /** @param base e.g. {@code http://127.0.0.1:8080/fhir} */
  public Fhir(URI base) {
    this(
        // HTTP/1.1 without upgrade: what nearly every FHIR client speaks
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(10))
            .build(),
        base,
        null);
  }

  /** By https. @param base e.g. {@code https://127.0.0.1:8443/fhir} @param trust whose certificates are believed */
  public Fhir(URI base, SSLContext trust) {
    this(
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(10))
            .sslContext(trust)
            .build(),
        base,
        null);
  }

  private Fhir(HttpClient http, URI base, @Nullable String token) {
    this.http = http;
    this.base = base;
    this.token = token;
  }

  /** The same service for a client with an access token. */
  public Fhir with(String token) {
    return new Fhir(http, base, token);
  }

  static Fhir ofPort(int port) {
    return new Fhir(URI.create("http://127.0.0.1:" + port + "/fhir"));
  }

  /** The FHIR base, without a slash at its end. */
  public URI base() {
    return base;
  }

  /** Reads or searches. @param headers name, value, name, value... */
  public Answer get(String path, String... headers) {
    return send("GET", path, BodyPublishers.noBody(), headers);
  }

  /** Posts FHIR JSON. @param headers name, value...; a Content-Type among them replaces ours */
  public Answer post(String path, String body, String... headers) {
    return send("POST", path, BodyPublishers.ofString(body), headers);
  }

  /** Puts FHIR JSON. @param headers name, value...; a Content-Type among them replaces ours */
  public Answer put(String path, String body, String... headers) {
    return send("PUT", path, BodyPublishers.ofString(body), headers);
  }

  /** Deletes. @param headers name, value... */
  public Answer delete(String path, String... headers) {
    return send("DELETE", path, BodyPublishers.noBody(), headers);
  }

  /** Sends any other request. @param headers name, value... */
  public Answer send(String method, String path, BodyPublisher body, String... headers) {
    String separator = path.isEmpty() || path.startsWith("?") ? "" : "/";
    var request = HttpRequest.newBuilder(URI.create(base + separator + path))
        .timeout(Duration.ofSeconds(60))
        .method(method, body)
        .setHeader("Accept", FHIR_JSON);
    if (token != null) {
      request.setHeader("Authorization", "Bearer " + token);
    }
    if (body.contentLength() != 0) {
      request.setHeader("Content-Type", FHIR_JSON);
    }
    for (int i = 0; i < headers.length; i += 2) {
      request.setHeader(headers[i], headers[i + 1]);
    }
    try {
      HttpRequest built = request.build();
      var response = http.send(built, BodyHandlers.ofString());
      Captured.answer(
          built.uri().toString(),
          built.headers().map().toString(),
          text(body),
          response.statusCode(),
          response.headers().map(),
          response.body());
      return new Answer(response.statusCode(), response.headers(), response.body());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for an answer", e);
    }
  }

  /** What is sent; a body that is a stream can be read but once, and is not. */
  private static String text(BodyPublisher body) {
    if (body.contentLength() <= 0) {
      return "";
    }
    var whole = BodySubscribers.ofString(StandardCharsets.UTF_8);
    body.subscribe(new BodyText(whole));
    return whole.getBody().toCompletableFuture().join();
  }

  /** A body is published in buffers, and understood in lists of them. */
  private record BodyText(BodySubscriber<String> whole) implements Flow.Subscriber<ByteBuffer> {
    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      whole.onSubscribe(subscription);
    }

    @Override
    public void onNext(ByteBuffer item) {
      whole.onNext(List.of(item));
    }

    @Override
    public void onError(Throwable error) {
      whole.onError(error);
    }

    @Override
    public void onComplete() {
      whole.onComplete();
    }
  }

  /** Sends bytes, for what no HTTP client library would. @return what came until the service closed the connection, which the request has to ask for */
  public String raw(byte[] request) throws IOException {
    try (Socket socket = new Socket(base.getHost(), base.getPort())) {
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write(request);
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      Captured.exchange(new String(request, StandardCharsets.UTF_8), answer);
      return answer;
    }
  }

  /** Where a link of a bundle leads, as a path for {@link #get}; null when there is none. */
  public @Nullable String link(JsonNode bundle, String relation) {
    return bundle
        .path("link")
        .valueStream()
        .filter(link -> link.path("relation").asString().equals(relation))
        .map(link -> link.path("url").asString().substring(base.toString().length()))
        .map(path -> path.startsWith("/") ? path.substring(1) : path)
        .findFirst()
        .orElse(null);
  }

  /** What came back. */
  public record Answer(int status, HttpHeaders headers, String body) {
    /** The body as JSON; fails on anything else. */
    public JsonNode json() {
      return JSON.readTree(body);
    }

    /** The first value of a header; fails when it is missing. */
    public String header(String name) {
      return headers
          .firstValue(name)
          .orElseThrow(() -> new AssertionError("no header " + name + " in " + headers.map()));
    }
  }
}
