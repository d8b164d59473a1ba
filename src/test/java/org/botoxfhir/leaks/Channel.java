package org.botoxfhir.leaks;

import java.util.Locale;

/**
 * A way on which something leaves the service or its servers beside the answers to requests. None may tell who a patient is; {@link #REFUSAL}
 * may repeat what its own request says.
 */
enum Channel {
  /** What services, PostgreSQL and Kafka log, exceptions among it. */
  LOG("WARN"),
  /** Names and tags of metrics. */
  METRIC("botox.fhir.requests"),
  /** Keys, headers and values of records in Kafka. */
  MESSAGE("ce_type=org.botoxfhir.symptom-report"),
  /** Answers that are not a success, each beside its request. */
  REFUSAL("OperationOutcome"),
  /** Spans with their attributes, as a collector gets them. */
  TRACE("send botox.symptom-reports.v1"),
  /** Headers of all answers. */
  HEADER("x-request-id"),
  /** What the management port answers: health, metrics, what operators do. */
  OPERATOR("\"parkedAt\"");

  private final String always;

  /** @param always what stands in it after every whole run, or it was not captured */
  Channel(String always) {
    this.always = always;
  }

  String always() {
    return always;
  }

  /** Its folder in {@code target/captured}. */
  String folder() {
    return name().toLowerCase(Locale.ROOT);
  }
}
