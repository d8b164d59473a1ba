package org.botoxfhir.fhir;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Settings {@code botox.limits.*}: how much one request, and one client, may ask of the service. What pages and bundles may hold is
 * among {@link FhirSettings}.
 *
 * @param maxUrlSize longest URL, path and query, as it was sent; a longer one is 414
 * @param maxHeaderSize all headers of a request, names and values; more is 431
 * @param maxParameters parameters of one search, at least 10, repeated ones counted each; planning a condition for each of a thousand
 *     takes seconds
 * @param maxChainDepth steps of a chain of references, or of nested {@code _has}
 * @param maxNesting levels of objects and lists in a JSON body, of which an element of a list takes two; half as many elements in an
 *     XML body
 * @param bodyTimeout in which a body must have arrived, however busily the client sends; a slower one is 408
 * @param statementTimeout how long the database may work on one statement of a request, waiting for locks included
 * @param concurrentRequests requests that are worked on at a time, those not counted that may carry a symptom report; another one is
 *     503
 * @param concurrentRequestsPerClient the same of one client, who is told 429, and as many again that may carry a symptom report
 * @param requestsPerSecond that a client may send in the long run, those not counted that may carry a symptom report; more are 429
 * @param reportsPerSecond requests that may carry a symptom report, likewise
 * @param burst whose worth of requests a client may send at once after a pause
 * @param clients whose rate is remembered; of more, those that were seen least are forgotten, which starts them anew
 */
@ConfigurationProperties("botox.limits")
public record LimitSettings(
    @DefaultValue("16KB") DataSize maxUrlSize,
    @DefaultValue("16KB") DataSize maxHeaderSize,
    @DefaultValue("100") int maxParameters,
    @DefaultValue("6") int maxChainDepth,
    @DefaultValue("500") int maxNesting,
    @DefaultValue("60s") Duration bodyTimeout,
    @DefaultValue("60s") Duration statementTimeout,
    @DefaultValue("128") int concurrentRequests,
    @DefaultValue("64") int concurrentRequestsPerClient,
    @DefaultValue("1000") int requestsPerSecond,
    @DefaultValue("1000") int reportsPerSecond,
    @DefaultValue("5s") Duration burst,
    @DefaultValue("10000") int clients) {

  /** What no Jackson parser reads by default, so that what is stored could not be read. */
  private static final int READABLE_NESTING = 900;

  /** More than the searches have that the service makes itself for a symptom report. */
  private static final int OWN_PARAMETERS = 10;

  public LimitSettings {
    if (maxParameters < OWN_PARAMETERS) {
      throw new IllegalArgumentException(
          "botox.limits.max-parameters is %d; at least %d are needed, or symptom reports could not be linked to injections"
              .formatted(maxParameters, OWN_PARAMETERS));
    }
    requireAtLeastOne("max-chain-depth", maxChainDepth);
    requireAtLeastOne("max-nesting", maxNesting);
    if (maxNesting > READABLE_NESTING) {
      throw new IllegalArgumentException(
          "botox.limits.max-nesting is %d, and what is nested deeper than %d cannot be read back"
              .formatted(maxNesting, READABLE_NESTING));
    }
    requireAtLeastOne("concurrent-requests", concurrentRequests);
    requireAtLeastOne("concurrent-requests-per-client", concurrentRequestsPerClient);
    requireAtLeastOne("requests-per-second", requestsPerSecond);
    requireAtLeastOne("reports-per-second", reportsPerSecond);
    requireAtLeastOne("clients", clients);
    requirePositive("body-timeout", bodyTimeout);
    requirePositive("statement-timeout", statementTimeout);
    requirePositive("burst", burst);
  }

  private static void requireAtLeastOne(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(
          "botox.limits.%s is %d, and must be at least 1; a limit that shall never bind is a large number"
              .formatted(name, value));
    }
  }

  private static void requirePositive(String name, Duration value) {
    if (value.toMillis() < 1) {
      throw new IllegalArgumentException(
          "botox.limits.%s is %s, and must be longer than nothing".formatted(name, value));
    }
  }
}
