package org.botoxfhir.operation;

import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.operation.Answers.RefusedException;
import org.botoxfhir.outbox.Replays;
import org.botoxfhir.outbox.Replays.Outcome;
import org.botoxfhir.outbox.Replays.Period;
import org.botoxfhir.outbox.Replays.Which;
import org.botoxfhir.security.PatientPseudonym;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.WebEndpoint;
import org.springframework.stereotype.Component;

/**
 * {@code /actuator/replay}: sends published events again. What and where to have no default, so that no slip of the pen sends
 * everything, or to where alerts are made. See docs/operations.md.
 */
@Component
@WebEndpoint(id = "replay")
class ReplayEndpoint {
  private static final String EVERYTHING = "*";
  private static final String ORIGINAL = "original";
  private static final int LIMIT = 10_000;
  private static final int GREATEST_LIMIT = 100_000;

  private final Replays replays;
  private final PatientPseudonym pseudonym;

  ReplayEndpoint(Replays replays, PatientPseudonym pseudonym) {
    this.replays = replays;
    this.pseudonym = pseudonym;
  }

  /**
   * @param of reference of a patient or of another resource, or {@code *} with a period
   * @param into name of a topic, or {@code original}
   * @param from first moment of the period of commit
   * @param to end of it
   * @param after the {@code next} of an earlier answer to the same request
   * @param limit most events of this call
   */
  @WriteOperation
  WebEndpointResponse<Object> replay(
      @Nullable String of,
      @Nullable String into,
      @Nullable String from,
      @Nullable String to,
      @Nullable String after,
      @Nullable String limit) {
    return Answers.answer(() -> {
      Period period = Answers.period(from, to);
      if (into == null) {
        throw Answers.invalid(
            "into is missing: the name of a topic, or original for the one that each event went to");
      }
      var request = new Replays.Request(
          which(of, period),
          period,
          into.equals(ORIGINAL) ? null : into,
          Answers.number("after", after, 0, 0, Long.MAX_VALUE),
          (int) Answers.number("limit", limit, LIMIT, 1, GREATEST_LIMIT));
      return switch (replays.replay(request)) {
        case Outcome.Refused(var why) -> throw new RefusedException(422, why);
        case Outcome.Complete(var events) -> new Replayed(events, false, null, null);
        case Outcome.Paused(var events, var next, var why) ->
          new Replayed(
              events,
              true,
              next,
              "%s; go on with the same request and \"after\": \"%d\"".formatted(why, next));
      };
    });
  }

  private Which which(@Nullable String of, @Nullable Period period) {
    if (EVERYTHING.equals(of)) {
      if (period == null) {
        throw Answers.invalid("everything needs a period: from and to");
      }
      return new Which.Everything();
    }
    var key = of == null || of.contains("/_history/")
        ? null
        : ResourceKey.ofReference(of).orElse(null);
    if (key == null) {
      throw Answers.invalid(
          "of must be the reference of a patient (Patient/1) or of another resource (QuestionnaireResponse/1), or * with from and to");
    }
    return key.type().equals("Patient")
        ? new Which.OfKey(pseudonym.of(key.toString()))
        : new Which.OfResource(key);
  }

  /**
   * @param replayed how many events this call sent again
   * @param more whether there may be more
   * @param next where the same request goes on, if there may
   * @param note why this call ended before, and what to do
   */
  record Replayed(
      long replayed,
      boolean more,
      @Nullable Long next,
      @Nullable String note) {}
}
