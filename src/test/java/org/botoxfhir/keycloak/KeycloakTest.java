package org.botoxfhir.keycloak;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import java.io.IOException;
import java.net.CookieManager;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.Fhir.Answer;
import org.botoxfhir.testing.ServiceTest;
import org.botoxfhir.testing.TokenIssuer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** SMART Backend Services, and a patient's app with PKCE, against Keycloak. */
@ServiceTest(
    properties = {
      "botox.security.audiences=https://botox.example.org/fhir",
      "botox.security.clock-skew=0s"
    })
class KeycloakTest {
  private static final String AUDIENCE = TokenIssuer.AUDIENCE;
  private static final String CALLBACK = "http://127.0.0.1:9/callback";
  private static final String PATIENT = "made-up-patient";
  private static final String PASSWORD = UUID.randomUUID().toString();
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private static final Map<String, JWK> KEYS = Map.of(
      "backend-rs384", rsaKey(),
      "backend-es384", TokenIssuer.newKey(),
      "backend-of-another-service", TokenIssuer.newKey(),
      "backend-with-short-tokens", TokenIssuer.newKey());

  private static final Keycloak KEYCLOAK = Keycloak.start(new Realm()
      .backend("backend-rs384", key("backend-rs384"), AUDIENCE, 300)
      .backend("backend-es384", key("backend-es384"), AUDIENCE, 300)
      .backend(
          "backend-of-another-service",
          key("backend-of-another-service"),
          "https://other.example.org/fhir",
          300)
      .backend("backend-with-short-tokens", key("backend-with-short-tokens"), AUDIENCE, 1)
      .patientApp("patient-app", CALLBACK, AUDIENCE)
      .json(PATIENT, PASSWORD));

  @Autowired
  Fhir fhir;

  @DynamicPropertySource
  static void issuer(DynamicPropertyRegistry registry) {
    registry.add("botox.security.issuer", KEYCLOAK::issuer);
  }

  @AfterAll
  static void end() {
    KEYCLOAK.close();
  }

  private static JWK key(String client) {
    return Objects.requireNonNull(KEYS.get(client));
  }

  private static JWK rsaKey() {
    try {
      return new RSAKeyGenerator(2048)
          .algorithm(JWSAlgorithm.RS384)
          .keyUse(KeyUse.SIGNATURE)
          .keyID(UUID.randomUUID().toString())
          .generate();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void anAssertionIsTakenOnce() {
    String assertion = assertion("backend-es384", KEYCLOAK.tokenEndpoint().toString(), 60);
    assertThat(ask(assertion).statusCode()).isEqualTo(200);
    assertThat(ask(assertion)).satisfies(refused -> {
      assertThat(refused.statusCode()).isIn(400, 401);
      assertThat(refused.body()).contains("invalid_client");
    });
  }

  @Test
  void anAssertionThatIsOverOrForAnotherServerOrOfAnotherKeyIsRefused() {
    String endpoint = KEYCLOAK.tokenEndpoint().toString();
    assertThat(ask(assertion("backend-es384", endpoint, -60)).body()).contains("invalid_client");
    assertThat(ask(assertion("backend-es384", "https://other.example.org/token", 60))
            .body())
        .contains("invalid_client");
    String ofAnotherKey = TokenIssuer.sign(
        claims("backend-es384", endpoint, 60), key("backend-of-another-service"), "JWT");
    assertThat(ask(ofAnotherKey).body()).contains("invalid_client");
  }

  @Test
  void aTokenForAnotherServiceIsRefused() {
    Answer answer = fhir.with(token("backend-of-another-service")).get("Patient");
    assertThat(answer.status()).isEqualTo(401);
    assertThat(answer.body()).contains("another audience");
  }

  @Test
  void aTokenIsRefusedFromWhenItExpires() {
    Fhir client = fhir.with(token("backend-with-short-tokens"));
    Awaitility.await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
      Answer answer = client.get("Patient");
      assertThat(answer.status()).isEqualTo(401);
      assertThat(answer.json().at("/issue/0/code").asString()).isEqualTo("expired");
    });
  }

  @ParameterizedTest
  @ValueSource(strings = {"backend-rs384", "backend-es384"})
  void aBackendServiceReadsWithATokenForItsSignedAssertion(String client) {
    Answer answer = fhir.with(token(client)).get("Patient?_count=1");
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
  }

  @Test
  void appsAreToldOfKeycloak() {
    JsonNode smart =
        fhir.get(".well-known/smart-configuration", "Accept", "*/*").json();
    assertThat(smart.path("token_endpoint").asString())
        .isEqualTo(KEYCLOAK.tokenEndpoint().toString());
    assertThat(smart.path("issuer").asString()).isEqualTo(KEYCLOAK.issuer());
    assertThat(smart.path("capabilities").toString())
        .contains("client-public", "client-confidential-asymmetric");
    assertThat(smart.path("token_endpoint_auth_signing_alg_values_supported").toString())
        .contains("RS384", "ES384");
  }

  @Test
  void aPatientsAppGetsATokenOfThePatientWithTheVerifierOfItsChallengeOnly() throws Exception {
    assertThat(fhir.with(token("backend-rs384", "system/*.cruds"))
            .put(
                "Patient/" + PATIENT,
                "{\"resourceType\":\"Patient\",\"id\":\"%s\"}".formatted(PATIENT))
            .status())
        .isIn(200, 201);
    String verifier = UUID.randomUUID() + "-" + UUID.randomUUID();
    HttpResponse<String> refused = redeem(login(verifier), verifier.replace('-', '_'));
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(refused.body()).contains("invalid_grant");

    HttpResponse<String> given = redeem(login(verifier), verifier);

    assertThat(given.statusCode()).as(given.body()).isEqualTo(200);
    String token = JSON.readTree(given.body()).path("access_token").asString();
    JsonNode claims = JSON.readTree(Base64.getUrlDecoder().decode(token.split("\\.")[1]));
    assertThat(claims.path("patient").asString()).isEqualTo(PATIENT);
    assertThat(claims.path("fhirUser").asString()).isEqualTo("Patient/" + PATIENT);
    assertThat(claims.path("scope").asString()).contains("patient/*.rs");
    Answer answer = fhir.with(token).get("Patient/" + PATIENT);
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
  }

  @Test
  void withoutAChallengeNoAppGetsACode() throws Exception {
    try (HttpClient browser = HttpClient.newHttpClient()) {
      var answer = browser.send(
          HttpRequest.newBuilder(authorization(Map.of())).build(), BodyHandlers.ofString());
      assertThat(answer.headers().firstValue("Location").orElse(""))
          .startsWith(CALLBACK)
          .contains("error=invalid_request");
    }
  }

  private static String token(String client) {
    return token(client, "system/*.rs");
  }

  private static String token(String client, String scope) {
    HttpResponse<String> answer =
        ask(assertion(client, KEYCLOAK.tokenEndpoint().toString(), 60), scope);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return JSON.readTree(answer.body()).path("access_token").asString();
  }

  private static String assertion(String client, String audience, int seconds) {
    return TokenIssuer.sign(claims(client, audience, seconds), key(client), "JWT");
  }

  /** SMART Backend Services, 4.1.5. */
  private static JWTClaimsSet claims(String client, String audience, int seconds) {
    return new JWTClaimsSet.Builder()
        .issuer(client)
        .subject(client)
        .audience(audience)
        .expirationTime(Date.from(Instant.now().plusSeconds(seconds)))
        .jwtID(UUID.randomUUID().toString())
        .build();
  }

  private static HttpResponse<String> ask(String assertion) {
    return ask(assertion, "system/*.rs");
  }

  private static HttpResponse<String> ask(String assertion, String scope) {
    return post(Map.of(
        "grant_type",
        "client_credentials",
        "scope",
        scope,
        "client_assertion_type",
        "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion",
        assertion));
  }

  private static HttpResponse<String> redeem(String code, String verifier) {
    return post(Map.of(
        "grant_type", "authorization_code",
        "client_id", "patient-app",
        "code", code,
        "redirect_uri", CALLBACK,
        "code_verifier", verifier));
  }

  private static HttpResponse<String> post(Map<String, String> form) {
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(
          HttpRequest.newBuilder(KEYCLOAK.tokenEndpoint())
              .header("Content-Type", "application/x-www-form-urlencoded")
              .POST(BodyPublishers.ofString(encoded(form)))
              .build(),
          BodyHandlers.ofString());
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static URI authorization(Map<String, String> more) {
    return URI.create(KEYCLOAK.issuer()
        + "/protocol/openid-connect/auth?"
        + encoded(Map.of(
            "response_type", "code",
            "client_id", "patient-app",
            "redirect_uri", CALLBACK,
            "scope", "launch/patient patient/*.rs",
            "state", "made-up",
            "aud", AUDIENCE))
        + (more.isEmpty() ? "" : "&" + encoded(more)));
  }

  /** Logs the patient in as a browser does. @return the code that the app is given */
  private static String login(String verifier)
      throws IOException, InterruptedException, NoSuchAlgorithmException {
    String challenge = Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(MessageDigest.getInstance("SHA-256")
            .digest(verifier.getBytes(StandardCharsets.US_ASCII)));
    try (HttpClient browser =
        HttpClient.newBuilder().cookieHandler(new CookieManager()).build()) {
      String page = browser
          .send(
              HttpRequest.newBuilder(authorization(
                      Map.of("code_challenge", challenge, "code_challenge_method", "S256")))
                  .build(),
              BodyHandlers.ofString())
          .body();
      Matcher form = Pattern.compile("action=\"([^\"]+)\"").matcher(page);
      assertThat(form.find()).as(page).isTrue();
      var answer = browser.send(
          HttpRequest.newBuilder(URI.create(form.group(1).replace("&amp;", "&")))
              .header("Content-Type", "application/x-www-form-urlencoded")
              .POST(BodyPublishers.ofString(
                  encoded(Map.of("username", "made-up", "password", PASSWORD))))
              .build(),
          BodyHandlers.ofString());
      String to = answer.headers().firstValue("Location").orElse(answer.body());
      assertThat(to).startsWith(CALLBACK);
      Matcher code = Pattern.compile("[?&]code=([^&]+)").matcher(to);
      assertThat(code.find()).as(to).isTrue();
      return code.group(1);
    }
  }

  private static String encoded(Map<String, String> form) {
    return form.entrySet().stream()
        .map(one -> one.getKey() + "=" + URLEncoder.encode(one.getValue(), StandardCharsets.UTF_8))
        .collect(Collectors.joining("&"));
  }
}
