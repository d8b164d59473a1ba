package org.botoxfhir.security;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.http.client.JdkClientHttpRequestFactory;

/** Reads what the issuer publishes: small documents, within seconds, and without following it to other addresses. */
final class IssuerRequests {
  static final Duration CONNECT = Duration.ofSeconds(2);
  static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");
  /** Bytes; far more than metadata or keys take. */
  private static final long LARGEST = 1_000_000;

  private volatile HttpClient http;

  /** @param bundle by which the issuer's certificate is judged; null to trust whom the JVM trusts */
  IssuerRequests(@Nullable SslBundle bundle) {
    http = client(bundle);
  }

  /** Judges the issuer's certificate by this from now on. */
  void trust(SslBundle bundle) {
    http = client(bundle);
  }

  private static HttpClient client(@Nullable SslBundle bundle) {
    var client = HttpClient.newBuilder().connectTimeout(CONNECT);
    if (bundle != null) {
      client.sslContext(bundle.createSslContext());
      var parameters = new SSLParameters();
      parameters.setProtocols(bundle.getOptions().getEnabledProtocols());
      parameters.setCipherSuites(bundle.getOptions().getCiphers());
      client.sslParameters(parameters);
    }
    return client.build();
  }

  /** For Spring's clients. */
  ClientHttpRequestFactory factory() {
    return (address, method) -> {
      var requests = new JdkClientHttpRequestFactory(http);
      requests.setReadTimeout(TIMEOUT);
      return requests.createRequest(address, method);
    };
  }

  /** Whoever can change an answer on its way could make tokens for any patient. */
  static boolean isSafe(URI address) {
    return address.getHost() != null
        && address.getRawFragment() == null
        && address.getRawUserInfo() == null
        && ("https".equals(address.getScheme())
            || ("http".equals(address.getScheme()) && LOOPBACK.contains(address.getHost())));
  }

  /** @throws IOException whose message says what came instead of a document, in words of ours */
  byte[] get(URI address) throws IOException {
    if (!isSafe(address)) {
      throw new IOException("'%s' is no https address".formatted(address));
    }
    HttpRequest request =
        HttpRequest.newBuilder(address).header("Accept", "application/json").build();
    var answer =
        http.sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), LARGEST));
    try {
      HttpResponse<byte[]> response = answer.get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
      if (response.statusCode() != 200) {
        throw new IOException("status %d of %s".formatted(response.statusCode(), address));
      }
      return response.body();
    } catch (TimeoutException e) {
      throw new IOException(
          "no answer within %d s of %s".formatted(TIMEOUT.toSeconds(), address), e);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new IOException(
          "no answer (%s) of %s".formatted(cause.getClass().getSimpleName(), address), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      answer.cancel(true);
    }
  }
}
