package org.botoxfhir.security;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.stereotype.Component;

/**
 * Whether the issuer answers what it is asked: metrics {@code botox.issuer.failures} and {@code botox.issuer.away}, and health component
 * {@code issuer}. It is asked nothing for their sake, only when tokens come. No part of readiness: known keys are used while it is away, and
 * another replica would know no more.
 */
@Component("issuerHealthIndicator")
final class IssuerState implements HealthIndicator {
  private final boolean configured;
  private final Map<Question, Counter> failures = new EnumMap<>(Question.class);
  /** Since when there is no answer, to those questions whose last one has none. */
  private final Map<Question, Instant> away = new ConcurrentHashMap<>();

  /** What the issuer is asked. */
  enum Question {
    METADATA("its metadata cannot be read"),
    KEYS("its keys cannot be read"),
    INTROSPECTION("its introspection gives no answer");

    private final String unanswered;

    Question(String unanswered) {
      this.unanswered = unanswered;
    }

    /** What is to be said while there is no answer. */
    String unanswered() {
      return unanswered;
    }
  }

  IssuerState(SecuritySettings settings, MeterRegistry metrics) {
    this.configured = settings.issuer() != null;
    for (Question question : Question.values()) {
      String name = question.name().toLowerCase(Locale.ROOT);
      failures.put(
          question,
          Counter.builder("botox.issuer.failures")
              .description("Questions to the issuer of tokens that got no usable answer")
              .tag("question", name)
              .register(metrics));
      Gauge.builder("botox.issuer.away", () -> secondsAway(question))
          .description("Seconds for which the issuer of tokens has given no usable answer")
          .baseUnit("seconds")
          .tag("question", name)
          .strongReference(true)
          .register(metrics);
    }
  }

  void answered(Question question) {
    away.remove(question);
  }

  void failed(Question question) {
    away.putIfAbsent(question, Instant.now());
    Objects.requireNonNull(failures.get(question)).increment();
  }

  private double secondsAway(Question question) {
    Instant since = away.get(question);
    return since == null ? 0 : Duration.between(since, Instant.now()).toMillis() / 1000.0;
  }

  @Override
  public Health health() {
    if (!configured) {
      return Health.unknown().withDetail("issuer", "none is configured").build();
    }
    Map<String, String> problems = new ConcurrentHashMap<>();
    away.forEach((question, since) -> problems.put(
        question.name().toLowerCase(Locale.ROOT), question.unanswered() + " since " + since));
    return problems.isEmpty()
        ? Health.up().build()
        : Health.down().withDetails(problems).build();
  }
}
