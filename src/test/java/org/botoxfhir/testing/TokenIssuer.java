package org.botoxfhir.testing;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.factories.DefaultJWSSignerFactory;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * An issuer of access tokens on loopback, with metadata, keys and introspection. Tokens are signed here, so that a test says what is in
 * them; what a real authorization server does is the matter of {@code KeycloakTest}.
 */
public final class TokenIssuer implements AutoCloseable {
  /** What the service of the tests calls itself. */
  public static final String AUDIENCE = "https://botox.example.org/fhir";

  /** By which the service asks for the meaning of opaque tokens. */
  public static final String INTROSPECTION_CLIENT = "botox-fhir";

  public static final String INTROSPECTION_SECRET = "secret-of-the-tests";

  private final List<JWK> published = new CopyOnWriteArrayList<>();
  private final Map<String, String> opaque = new ConcurrentHashMap<>();
  private final AtomicInteger keyReads = new AtomicInteger();
  private final AtomicInteger introspections = new AtomicInteger();
  private final int port;

  private volatile HttpServer server;
  private volatile JWK key;

  private final @Nullable SSLContext certificate;

  private TokenIssuer(@Nullable SSLContext certificate) {
    this.certificate = certificate;
    server = listen(0);
    port = server.getAddress().getPort();
    rotate();
  }

  private static final class Shared {
    static final TokenIssuer ISSUER = new TokenIssuer(null);
  }

  /** The issuer of all services that are started for tests with tokens; it keeps its key. */
  public static TokenIssuer shared() {
    return Shared.ISSUER;
  }

  /** One that a test may rotate and take away. */
  public static TokenIssuer start() {
    return new TokenIssuer(null);
  }

  /** One that is reached by https. @param certificate what it shows */
  public static TokenIssuer startEncrypted(SSLContext certificate) {
    return new TokenIssuer(certificate);
  }

  /** Its address, as in {@code iss}. */
  public String address() {
    return (certificate == null ? "http" : "https") + "://127.0.0.1:" + port;
  }

  /** What makes a service take its tokens. */
  public Map<String, String> settings() {
    return Map.of("botox.security.issuer", address(), "botox.security.audiences", AUDIENCE);
  }

  /** A token of a program. @param scopes separated by spaces */
  public String token(String scopes) {
    return sign(claims(scopes).build());
  }

  /** A token of an app that was launched for a patient. @param patient id */
  public String token(String scopes, String patient) {
    return sign(claims(scopes)
        .claim("patient", patient)
        .claim("fhirUser", "Patient/" + patient)
        .build());
  }

  /** What a valid token says, to be changed. */
  public JWTClaimsSet.Builder claims(String scopes) {
    Instant now = Instant.now();
    return new JWTClaimsSet.Builder()
        .issuer(address())
        .audience(AUDIENCE)
        .subject("made-up-subject")
        .claim("client_id", "made-up-client")
        .claim("scope", scopes)
        // Before any end that a test gives it
        .issueTime(Date.from(now.minusSeconds(7200)))
        .expirationTime(Date.from(now.plusSeconds(300)))
        .jwtID(UUID.randomUUID().toString());
  }

  /** Signs with the current key. */
  public String sign(JWTClaimsSet claims) {
    return sign(claims, key, "at+jwt");
  }

  /** Signs with any key, by the algorithm that it names. @param type of the header, e.g. {@code JWT} */
  public static String sign(JWTClaimsSet claims, JWK key, String type) {
    var header = new JWSHeader.Builder(JWSAlgorithm.parse(key.getAlgorithm().getName()))
        .keyID(key.getKeyID())
        .type(new JOSEObjectType(type))
        .build();
    var token = new SignedJWT(header, claims);
    try {
      token.sign(new DefaultJWSSignerFactory().createJWSSigner(key));
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
    return token.serialize();
  }

  /** A token that only the issuer understands. @param meaning JSON of RFC 7662 */
  public String opaque(String meaning) {
    String token = UUID.randomUUID().toString();
    opaque.put(token, meaning);
    return token;
  }

  /** Takes an opaque token back. */
  public void revoke(String token) {
    opaque.remove(token);
  }

  /** Signs with a new key from now on, and no longer tells of the old ones. */
  public void rotate() {
    key = newKey();
    publish(key);
  }

  /** Tells of these keys only. */
  public void publish(JWK... keys) {
    published.clear();
    published.addAll(List.of(keys));
  }

  /** The key that it signs with. */
  public JWK key() {
    return key;
  }

  /** A key for ES384. */
  public static JWK newKey() {
    try {
      return new ECKeyGenerator(Curve.P_384)
          .algorithm(JWSAlgorithm.ES384)
          .keyUse(KeyUse.SIGNATURE)
          .keyID(UUID.randomUUID().toString())
          .generate();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  /** How often it was asked for its keys. */
  public int keyReads() {
    return keyReads.get();
  }

  /** How often it was asked what a token means. */
  public int introspections() {
    return introspections.get();
  }

  /** Answers nothing any more. */
  public void interrupt() {
    server.stop(0);
  }

  /** Answers again, at the same address. */
  public void resume() {
    server = listen(port);
  }

  @Override
  public void close() {
    server.stop(0);
  }

  private HttpServer listen(int at) {
    try {
      var started = certificate == null ? HttpServer.create() : encrypted(certificate);
      started.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), at), 0);
      started.createContext(
          "/.well-known/openid-configuration", exchange -> answer(exchange, metadata()));
      started.createContext("/keys", exchange -> {
        keyReads.incrementAndGet();
        answer(exchange, new JWKSet(List.copyOf(published)).toPublicJWKSet().toString());
      });
      started.createContext("/introspect", this::introspect);
      started.start();
      return started;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static HttpServer encrypted(SSLContext certificate) throws IOException {
    var server = HttpsServer.create();
    server.setHttpsConfigurator(new HttpsConfigurator(certificate));
    return server;
  }

  private String metadata() {
    return """
        {"issuer": "%1$s", "jwks_uri": "%1$s/keys", "authorization_endpoint": "%1$s/authorize",
         "token_endpoint": "%1$s/token", "introspection_endpoint": "%1$s/introspect",
         "token_endpoint_auth_methods_supported": ["private_key_jwt", "client_secret_basic", "none"],
         "token_endpoint_auth_signing_alg_values_supported": ["RS384", "ES384"],
         "grant_types_supported": ["authorization_code", "client_credentials", "password"],
         "scopes_supported": ["openid", "launch/patient", "system/*.rs"],
         "response_types_supported": ["code"], "code_challenge_methods_supported": ["plain", "S256"]}
        """.formatted(address());
  }

  private void introspect(HttpExchange exchange) throws IOException {
    introspections.incrementAndGet();
    String expected = "Basic "
        + Base64.getEncoder()
            .encodeToString((INTROSPECTION_CLIENT + ":" + INTROSPECTION_SECRET)
                .getBytes(StandardCharsets.UTF_8));
    if (!expected.equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
      exchange.sendResponseHeaders(401, -1);
      exchange.close();
      return;
    }
    String form = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    String token = form.replaceFirst("(?:.*&)?token=([^&]*).*", "$1");
    answer(exchange, opaque.getOrDefault(token, "{\"active\": false}"));
  }

  private static void answer(HttpExchange exchange, String json) throws IOException {
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(200, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }
}
