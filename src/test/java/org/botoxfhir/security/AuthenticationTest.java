package org.botoxfhir.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.nimbusds.jose.EncryptionMethod;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWEAlgorithm;
import com.nimbusds.jose.JWEHeader;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.crypto.DirectEncrypter;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.EncryptedJWT;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.testing.TokenIssuer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.ssl.DefaultSslBundleRegistry;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.mock.web.MockHttpServletRequest;

/** What a token proves, and what it does not; the issuer is a server on loopback. */
@ExtendWith(OutputCaptureExtension.class)
class AuthenticationTest {
  private static TokenIssuer issuer;
  private static Authentication authentication;

  @BeforeAll
  static void start() {
    issuer = TokenIssuer.start();
    authentication = of(issuer, null, null);
  }

  @AfterAll
  static void end() throws IOException {
    authentication.close();
    issuer.close();
  }

  /** Whatever a test sends: every signed token, and nothing else, begins like this. */
  @AfterEach
  void noTokenIsLogged(CapturedOutput output) {
    assertThat(output).doesNotContain("eyJ");
  }

  private static Authentication of(
      TokenIssuer issuer, @Nullable String keys, @Nullable String introspection) {
    return of(new SecuritySettings(
        false,
        issuer.address(),
        List.of("made-up-first-audience", TokenIssuer.AUDIENCE),
        keys,
        Duration.ofSeconds(60),
        "patient",
        List.of(),
        "break-the-glass",
        introspection,
        TokenIssuer.INTROSPECTION_CLIENT,
        TokenIssuer.INTROSPECTION_SECRET,
        Duration.ofMinutes(1),
        null));
  }

  private static Authentication of(SecuritySettings settings) {
    return new Authentication(
        settings,
        new DefaultSslBundleRegistry(),
        new IssuerState(settings, new SimpleMeterRegistry()));
  }

  private static MockHttpServletRequest request(String authorization) {
    var request = new MockHttpServletRequest("GET", "/fhir/Patient");
    request.addHeader("Authorization", authorization);
    return request;
  }

  private static Access access(Authentication authentication, String token) {
    return authentication.access(request("Bearer " + token));
  }

  private static Access access(JWTClaimsSet claims) {
    return access(authentication, issuer.sign(claims));
  }

  private static Fault fault(Authentication authentication, MockHttpServletRequest request) {
    FaultException thrown =
        catchThrowableOfType(FaultException.class, () -> authentication.access(request));
    assertThat(thrown).as("was taken").isNotNull();
    return thrown.fault();
  }

  private static Fault.NotAuthenticated refusal(Authentication authentication, String token) {
    var fault = fault(authentication, request("Bearer " + token));
    assertThat(fault).isInstanceOf(Fault.NotAuthenticated.class);
    var refusal = (Fault.NotAuthenticated) fault;
    for (String part : token.split("\\.")) {
      assertThat(part.length() < 4 || !refusal.text().contains(part)).isTrue();
    }
    return refusal;
  }

  private static JWTClaimsSet.Builder valid() {
    return issuer.claims("system/*.rs");
  }

  private static Date in(long seconds) {
    return Date.from(Instant.now().plusSeconds(seconds));
  }

  static Stream<Arguments> claimsThatProveNothing() {
    return Stream.of(
        Arguments.of("expired", valid().expirationTime(in(-61)), "the token expired at"),
        Arguments.of("without an end", valid().expirationTime(null), "until when it is valid"),
        Arguments.of("not yet valid", valid().notBeforeTime(in(70)), "not valid before"),
        Arguments.of("of another issuer", valid().issuer("https://evil.example"), "another issuer"),
        Arguments.of(
            "of a longer issuer", valid().issuer(issuer.address() + "/"), "another issuer"),
        Arguments.of("of no issuer", valid().issuer(null), "another issuer"),
        Arguments.of("for others", valid().audience("https://other.example"), "another audience"),
        Arguments.of("for nobody", valid().audience((String) null), "another audience"),
        Arguments.of("of nobody", valid().subject(null).claim("client_id", null), "names nobody"),
        Arguments.of(
            "for no patient",
            valid().claim("patient", "a b"),
            "claim patient of the token is no id"),
        Arguments.of(
            "for several patients",
            valid().claim("patient", List.of("1", "2")),
            "claim patient of the token is no id"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void claimsThatProveNothing(String what, JWTClaimsSet.Builder claims, String says) {
    var refusal = refusal(authentication, issuer.sign(claims.build()));
    assertThat(refusal.error()).isEqualTo("invalid_token");
    assertThat(refusal.code()).isEqualTo(what.equals("expired") ? "expired" : "login");
    assertThat(refusal.text()).contains(says);
  }

  static Stream<Arguments> tokensThatTheIssuerDidNotSign() throws JOSEException {
    JWK right = issuer.key();
    JWTClaimsSet claims = valid().build();
    var publicKeyAsSecret = new OctetSequenceKey.Builder(
            right.toPublicJWK().toString().getBytes(StandardCharsets.UTF_8))
        .keyID(right.getKeyID())
        .algorithm(JWSAlgorithm.HS256)
        .build();
    String[] parts = issuer.sign(claims).split("\\.");
    String more = Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8)
            .replace("system/*.rs", "system/*.cruds")
            .getBytes(StandardCharsets.UTF_8));
    var encrypted =
        new EncryptedJWT(new JWEHeader(JWEAlgorithm.DIR, EncryptionMethod.A256GCM), claims);
    encrypted.encrypt(new DirectEncrypter(new byte[32]));
    return Stream.of(
        Arguments.of("by an unknown key", TokenIssuer.sign(claims, TokenIssuer.newKey(), "JWT")),
        Arguments.of(
            "by another key of the same name",
            TokenIssuer.sign(claims, renamed(TokenIssuer.newKey(), right.getKeyID()), "JWT")),
        Arguments.of("by none", new PlainJWT(claims).serialize()),
        Arguments.of(
            "by the public key as a secret", TokenIssuer.sign(claims, publicKeyAsSecret, "JWT")),
        Arguments.of("with changed claims", parts[0] + "." + more + "." + parts[2]),
        Arguments.of("without a signature", parts[0] + "." + parts[1] + "."),
        Arguments.of("of another kind", TokenIssuer.sign(claims, right, "logout+jwt")),
        Arguments.of("encrypted", encrypted.serialize()),
        Arguments.of("no token at all", "made-up"),
        Arguments.of("dots", "a.b.c"));
  }

  private static JWK renamed(JWK key, String name) {
    return new ECKey.Builder(key.toECKey()).keyID(name).build();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void tokensThatTheIssuerDidNotSign(String what, String token) {
    var refusal = refusal(authentication, token);
    assertThat(refusal.error()).isEqualTo("invalid_token");
    assertThat(refusal.text()).containsAnyOf("of no key of", "cannot be read as a JWT");
  }

  @ParameterizedTest
  @ValueSource(strings = {"Bearer", "Bearer ", "Bearer a b", "Bearer ä", "bearer:abc"})
  void aHeaderThatHoldsNoTokenIsRefused(String header) {
    assertThat(fault(authentication, request(header)))
        .isInstanceOfSatisfying(
            Fault.NotAuthenticated.class, refusal -> assertThat(refusal.code()).isEqualTo("login"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"Basic bWFkZTp1cA==", "Digest username=x", "DPoP abc"})
  void anotherSchemeIsNoToken(String header) {
    assertThat(fault(authentication, request(header)))
        .isInstanceOfSatisfying(
            Fault.NotAuthenticated.class, refusal -> assertThat(refusal.error()).isNull());
  }

  @Test
  void aTokenInTheUrlIsRefusedEvenBesideOneInTheHeader() {
    String token = issuer.token("system/*.rs");
    var request = request("Bearer " + token);
    request.setQueryString("_count=1&access_token=" + token);
    assertThat(fault(authentication, request))
        .isInstanceOfSatisfying(Fault.NotAuthenticated.class, refusal -> {
          assertThat(refusal.error()).isEqualTo("invalid_request");
          assertThat(refusal.text()).contains("in the URL").doesNotContain("eyJ");
        });
  }

  @Test
  void clocksMayDifferByTheSkewAndNotMore() {
    assertThat(access(valid().expirationTime(in(-50)).build()).actor()).isNotEmpty();
    assertThat(access(valid().notBeforeTime(in(50)).build()).actor()).isNotEmpty();
  }

  @Test
  void theCallerIsTheUserElseTheSubjectElseTheClient() {
    assertThat(access(valid().claim("fhirUser", "Practitioner/made-up").build()))
        .satisfies(access -> {
          assertThat(access.actor()).isEqualTo("Practitioner/made-up");
          assertThat(access.client()).isEqualTo("made-up-client");
        });
    assertThat(access(valid().build()).actor()).isEqualTo("made-up-subject");
    assertThat(access(valid().subject(null).build()).actor()).isEqualTo("made-up-client");
    assertThat(access(
            valid().subject(null).claim("client_id", null).claim("azp", "app").build()))
        .extracting(Access::actor, Access::client)
        .containsExactly("app", "app");
  }

  static Stream<Object> scopesAsIssuersWriteThem() {
    return Stream.of(
        valid().claim("scope", "patient/Procedure.rs launch"),
        valid().claim("scope", " launch  patient/Procedure.rs "),
        valid().claim("scope", List.of("patient/Procedure.rs", "launch")),
        valid().claim("scope", List.of("patient/Procedure.rs launch")),
        valid().claim("scope", null).claim("scp", List.of("patient/Procedure.rs", "launch")));
  }

  @ParameterizedTest
  @MethodSource
  void scopesAsIssuersWriteThem(JWTClaimsSet.Builder claims) {
    assertThat(access(claims.claim("patient", "made-up-1").build()).grants())
        .isEqualTo(Grants.of(List.of("patient/Procedure.rs", "launch"), "made-up-1"));
  }

  @Test
  void aTokenWithoutScopesGrantsNothing() {
    assertThat(access(valid().claim("scope", null).build()).grants())
        .isEqualTo(Grants.of(List.of(), null));
  }

  @Test
  void thePatientMayBeGivenAsAReference() {
    assertThat(access(valid().claim("patient", "Patient/made-up-1").build()).grants())
        .isEqualTo(Grants.of(List.of("system/*.rs"), "made-up-1"));
  }

  @Test
  void rsaAndEllipticCurvesAreTakenAndWhateverTypeIssuersGiveAccessTokens() throws JOSEException {
    JWK rsa =
        new RSAKeyGenerator(2048).keyID("rsa").algorithm(JWSAlgorithm.RS384).generate();
    try (TokenIssuer both = TokenIssuer.start()) {
      both.publish(rsa, both.key());
      Authentication service = of(both, null, null);
      for (JWK key : List.of(rsa, both.key())) {
        for (String type : List.of("JWT", "at+jwt", "application/at+jwt")) {
          String token = TokenIssuer.sign(both.claims("system/*.rs").build(), key, type);
          assertThat(access(service, token).actor()).isEqualTo("made-up-subject");
        }
      }
    }
  }

  @Test
  void theIssuerMayBeAwayAtTheStartAndIsAskedWhenATokenComes() throws IOException {
    try (TokenIssuer away = TokenIssuer.start()) {
      String token = away.token("system/*.rs");
      away.interrupt();
      Authentication service = of(away, away.address() + "/keys", null);
      assertThat(fault(service, request("Bearer " + token)))
          .isEqualTo(new Fault.IssuerAway(away.address(), "its keys cannot be read"));

      away.resume();

      assertThat(access(service, token).actor()).isEqualTo("made-up-subject");
      service.close();
    }
  }

  @Test
  void aNewKeyIsTakenAtItsFirstTokenAndTheOldOneNoLonger() throws IOException {
    try (TokenIssuer rotating = TokenIssuer.start()) {
      Authentication service = of(rotating, null, null);
      assertThat(access(service, rotating.token("system/*.rs")).actor()).isNotEmpty();
      String old = rotating.token("system/*.rs");

      rotating.rotate();

      assertThat(access(service, rotating.token("system/*.rs")).actor()).isNotEmpty();
      assertThat(refusal(service, old).text()).contains("of no key of");
      service.close();
    }
  }

  @Test
  void knownKeysAreUsedWhileTheIssuerIsAway() throws IOException {
    try (TokenIssuer away = TokenIssuer.start()) {
      Authentication service = of(away, null, null);
      assertThat(access(service, away.token("system/*.rs")).actor()).isNotEmpty();
      away.interrupt();
      for (int i = 0; i < 20; i++) {
        String made =
            TokenIssuer.sign(away.claims("system/*.rs").build(), TokenIssuer.newKey(), "JWT");
        assertThat(refusal(service, made).text()).contains("of no key of");
        assertThat(access(service, away.token("system/*.rs")).actor()).isNotEmpty();
      }
      service.close();
    }
  }

  @Test
  void madeUpKeysDoNotBecomeAsManyQuestionsToTheIssuer() throws IOException {
    try (TokenIssuer asked = TokenIssuer.start()) {
      Authentication service = of(asked, null, null);
      for (int i = 0; i < 50; i++) {
        refusal(
            service,
            TokenIssuer.sign(asked.claims("system/*.rs").build(), TokenIssuer.newKey(), "JWT"));
      }
      // Two in ten seconds, and the test may take longer than these.
      assertThat(asked.keyReads()).isLessThan(10);
      service.close();
    }
  }

  @Test
  void anOpaqueTokenMeansWhatTheIssuerSaysAndIsAskedForOnce() throws IOException {
    try (TokenIssuer opaque = TokenIssuer.start()) {
      Authentication service = of(opaque, null, opaque.address() + "/introspect");
      String token = opaque.opaque(
          """
          {"active": true, "sub": "made-up-subject", "client_id": "made-up-client", "aud": "%s",
           "scope": "patient/*.rs launch", "patient": "made-up-1", "exp": %d}
          """.formatted(TokenIssuer.AUDIENCE, Instant.now().plusSeconds(300).getEpochSecond()));

      Access access = access(service, token);

      assertThat(access.actor()).isEqualTo("made-up-subject");
      assertThat(access.grants())
          .isEqualTo(Grants.of(List.of("patient/*.rs", "launch"), "made-up-1"));
      opaque.revoke(token);
      assertThat(access(service, token)).isEqualTo(access);
      assertThat(opaque.introspections()).isEqualTo(1);
      assertThat(access(service, opaque.token("system/*.rs")).actor()).isNotEmpty();
      assertThat(opaque.introspections()).as("a signed token needs no question").isEqualTo(1);
      service.close();
    }
  }

  @Test
  void anOpaqueTokenThatIsNotActiveOrNotForUsIsRefusedAndWithoutAnAnswerNobodyIs()
      throws IOException {
    try (TokenIssuer opaque = TokenIssuer.start()) {
      Authentication service = of(opaque, null, opaque.address() + "/introspect");
      String forOthers = opaque.opaque(
          "{\"active\": true, \"sub\": \"made-up\", \"aud\": \"https://other.example\"}");
      String ofOthers = opaque.opaque(
          "{\"active\": true, \"sub\": \"made-up\", \"aud\": \"%s\", \"iss\": \"https://evil.example\"}"
              .formatted(TokenIssuer.AUDIENCE));
      assertThat(refusal(service, "made-up").text()).contains("not active");
      assertThat(refusal(service, forOthers).text()).contains("another audience");
      assertThat(refusal(service, ofOthers).text()).contains("another issuer");
      assertThat(refusal(authentication, forOthers).text())
          .as("without introspection")
          .contains("cannot be read as a JWT");
      opaque.interrupt();
      assertThat(fault(service, request("Bearer made-up-2"))).isInstanceOf(Fault.IssuerAway.class);
      service.close();
    }
  }

  @Test
  void anIssuerWhoseMetadataAreOfAnotherIsNotTrusted() throws IOException {
    try (TokenIssuer real = TokenIssuer.start()) {
      String other = real.address().replace("127.0.0.1", "localhost");
      Authentication service = of(new SecuritySettings(
          false,
          other,
          List.of(TokenIssuer.AUDIENCE),
          null,
          Duration.ZERO,
          "patient",
          List.of(),
          "break-the-glass",
          null,
          null,
          null,
          Duration.ZERO,
          null));
      String token = real.sign(real.claims("system/*.rs").issuer(other).build());
      assertThat(fault(service, request("Bearer " + token))).isInstanceOf(Fault.IssuerAway.class);
      service.close();
    }
  }

  @Test
  void whatAppsAreToldFollowsFromTheIssuersMetadata() {
    Map<String, Object> document =
        authentication.smartConfiguration().orElseThrow().document();
    assertThat(document.get("grant_types_supported"))
        .isEqualTo(List.of("authorization_code", "client_credentials"));
    assertThat(document.get("code_challenge_methods_supported")).isEqualTo(List.of("S256"));
    assertThat(document.get("capabilities"))
        .asInstanceOf(InstanceOfAssertFactories.collection(String.class))
        .contains(
            "client-public",
            "client-confidential-asymmetric",
            "client-confidential-symmetric",
            "sso-openid-connect",
            "permission-v2")
        .doesNotContain("launch-ehr");
  }
}
