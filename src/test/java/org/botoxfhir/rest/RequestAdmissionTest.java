package org.botoxfhir.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bucket4j.TimeMeter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.fhir.LimitSettings;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;

class RequestAdmissionTest {
  private static final FilterChain NOTHING = (request, response) -> {};

  private final AtomicLong nanos = new AtomicLong();
  private final MeterRegistry meters = new SimpleMeterRegistry();

  /** Two at a time of all, one of a client; two requests a second and five reports; two seconds' worth at once; two clients are known. */
  private final RequestAdmission admission = new RequestAdmission(
      new Binder(new MapConfigurationPropertySource(java.util.Map.of(
              "l.concurrent-requests", 2,
              "l.concurrent-requests-per-client", 1,
              "l.requests-per-second", 2,
              "l.reports-per-second", 5,
              "l.burst", "2s",
              "l.clients", 2)))
          .bind("l", LimitSettings.class)
          .get(),
      meters,
      new TimeMeter() {
        @Override
        public long currentTimeNanos() {
          return nanos.get();
        }

        @Override
        public boolean isWallClockBased() {
          return false;
        }
      });

  @Test
  void whoSendsFasterThanTheRateIsToldWhenToComeAgainAndThenIsTaken() {
    for (int i = 0; i < 4; i++) {
      assertThat(refusal("1.1.1.1", "GET", "/Patient/1")).isNull();
    }

    assertThat(refusal("1.1.1.1", "GET", "/Patient/1"))
        .isInstanceOfSatisfying(Fault.TooManyRequests.class, refusal -> {
          assertThat(refusal.limit()).isEqualTo(2);
          assertThat(refusal.setting()).contains("botox.limits.requests-per-second");
          assertThat(refusal.retryAfter()).isEqualTo(Duration.ofMillis(500));
        });
    assertThat(refused("requests-per-second", "other")).isEqualTo(1);
    nanos.addAndGet(Duration.ofMillis(500).toNanos());
    assertThat(refusal("1.1.1.1", "GET", "/Patient/1")).isNull();
  }

  @Test
  void whoHasUsedUpItsRequestsCanStillReportASymptomAndOthersAreNotAffected() {
    for (int i = 0; i < 5; i++) {
      refusal("1.1.1.1", "GET", "/Patient/1");
    }

    assertThat(refusal("1.1.1.1", "GET", "/Patient/1")).isNotNull();
    assertThat(refusal("1.1.1.1", "POST", "/QuestionnaireResponse")).isNull();
    assertThat(refusal("2.2.2.2", "GET", "/Patient/1")).isNull();
  }

  @Test
  void reportsOfOneClientAreBoundedToo() {
    for (int i = 0; i < 10; i++) {
      assertThat(refusal("1.1.1.1", "POST", "/QuestionnaireResponse")).isNull();
    }

    assertThat(refusal("1.1.1.1", "POST", "/QuestionnaireResponse"))
        .isInstanceOfSatisfying(
            Fault.TooManyRequests.class,
            refusal -> assertThat(refusal.setting()).contains("botox.limits.reports-per-second"));
    assertThat(refused("reports-per-second", "report")).isEqualTo(1);
    assertThat(refusal("1.1.1.1", "GET", "/Patient/1")).isNull();
  }

  @Test
  void whileAllPlacesAreTakenOnlyWhatMayCarryAReportIsLetIn() throws Exception {
    whileAnotherWaits("1.1.1.1", "GET", "/Patient", () -> {
      assertThat(refusal("1.1.1.1", "GET", "/Patient"))
          .isInstanceOfSatisfying(
              Fault.TooManyRequests.class,
              refusal -> assertThat(refusal.setting())
                  .contains("botox.limits.concurrent-requests-per-client"));
      whileAnotherWaits("2.2.2.2", "GET", "/Patient", () -> {
        assertThat(refusal("3.3.3.3", "GET", "/Patient")).isEqualTo(new Fault.Overloaded(2));
        assertThat(refusal("3.3.3.3", "POST", "/QuestionnaireResponse")).isNull();
        assertThat(refusal("1.1.1.1", "POST", "/QuestionnaireResponse")).isNull();
      });
    });

    assertThat(refused("concurrent-requests", "other")).isEqualTo(1);
    assertThat(refused("concurrent-requests-per-client", "other")).isEqualTo(1);
    assertThat(refusal("3.3.3.3", "GET", "/Patient")).isNull();
  }

  @Test
  void whatFailsGivesItsPlaceBack() {
    FilterChain failing = (request, response) -> {
      throw new ServletException("made up");
    };
    for (int i = 0; i < 3; i++) {
      var request = request("1.1.1.1", "GET", "/Patient");
      assertThat(
              catching(() -> admission.doFilter(request, new MockHttpServletResponse(), failing)))
          .isInstanceOf(ServletException.class);
    }

    assertThat(refusal("1.1.1.1", "GET", "/Patient")).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "POST, /QuestionnaireResponse, true",
    "PUT, /QuestionnaireResponse/1, true",
    "PUT, /QuestionnaireResponse, true",
    "PATCH, /Observation/1, true",
    "POST, /Observation, true",
    "POST, /, true",
    "POST, , true",
    "GET, /, false",
    "GET, /QuestionnaireResponse/1, false",
    "DELETE, /QuestionnaireResponse/1, false",
    "POST, /QuestionnaireResponse/$triage, false",
    "POST, /QuestionnaireResponse/_search, false",
    "POST, /_search, false",
    "POST, /Procedure, false"
  })
  void whatMayCarryASymptomReportIsSeenByMethodAndPath(
      String method, @Nullable String path, boolean report) {
    assertThat(RequestAdmission.mayReport(method, path)).isEqualTo(report);
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.0.1, 10.0.0.1, true",
    "10.0.0.1, 10.0.0.2, false",
    "2001:db8:1:2::1, 2001:db8:1:2:ffff:ffff:ffff:ffff, true",
    "2001:db8:1:2::1, 2001:db8:1:3::1, false",
    "_hidden, _hidden, true"
  })
  void aClientIsAnAddressOrANetworkOfIpv6(String one, String other, boolean same) {
    String first = ClientKeys.of(request(one, "GET", "/Patient"));
    assertThat(first.equals(ClientKeys.of(request(other, "GET", "/Patient")))).isEqualTo(same);
  }

  @Test
  void aHeaderMakesNobodyAnotherClient() {
    var forged = request("10.0.0.1", "GET", "/Patient");
    forged.addHeader("X-Forwarded-For", "10.0.0.2");
    forged.addHeader("Forwarded", "for=10.0.0.2");
    forged.addHeader("Authorization", "Bearer of-somebody-else");

    assertThat(ClientKeys.of(forged)).isEqualTo("10.0.0.1");
  }

  private interface Action {
    void run() throws Exception;
  }

  private static @Nullable Exception catching(Action action) {
    try {
      action.run();
      return null;
    } catch (Exception thrown) {
      return thrown;
    }
  }

  private void whileAnotherWaits(String address, String method, String path, Action action)
      throws ServletException, IOException {
    var ran = new AtomicBoolean();
    admission.doFilter(
        request(address, method, path), new MockHttpServletResponse(), (request, response) -> {
          RequestAdmission.requireAdmitted((MockHttpServletRequest) request);
          Exception thrown = catching(action);
          if (thrown != null) {
            throw new ServletException(thrown);
          }
          ran.set(true);
        });
    assertThat(ran).isTrue();
  }

  private @Nullable Fault refusal(String address, String method, String path) {
    var request = request(address, method, path);
    assertThat(catching(() -> admission.doFilter(request, new MockHttpServletResponse(), NOTHING)))
        .isNull();
    return catching(() -> RequestAdmission.requireAdmitted(request)) instanceof FaultException fault
        ? fault.fault()
        : null;
  }

  private double refused(String limit, String kind) {
    return meters
        .get("botox.limits.refused")
        .tags("limit", limit, "kind", kind)
        .counter()
        .count();
  }

  private static MockHttpServletRequest request(String address, String method, String path) {
    var request = new MockHttpServletRequest(method, "/fhir" + path);
    request.setPathInfo(path);
    request.setRemoteAddr(address);
    return request;
  }
}
