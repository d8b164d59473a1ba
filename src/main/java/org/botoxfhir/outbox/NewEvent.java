package org.botoxfhir.outbox;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An event to be published once the transaction that appends it commits. Ids and codes only: no name, birth date or free text.
 *
 * @param topic where it goes, e.g. {@code botox.symptom-reports.v1}
 * @param type CloudEvents type, e.g. {@code org.botoxfhir.symptom-report.submitted.v1}
 * @param id CloudEvents id; the same for the same resource, version and kind; begins with the subject
 * @param subject CloudEvents subject: the versioned reference of the record, e.g. {@code QuestionnaireResponse/1/_history/1}
 * @param time CloudEvents time: when it was reported
 * @param key pseudonym of the patient; events with the same key stay in commit order
 * @param data the JSON value
 * @param traceparent W3C trace context of the request, if it had one; unchecked
 */
public record NewEvent(
    String topic,
    String type,
    String id,
    String subject,
    Instant time,
    String key,
    String data,
    @Nullable String traceparent) {

  /** The same event, as part of a trace. */
  public NewEvent withTraceparent(@Nullable String trace) {
    return new NewEvent(topic, type, id, subject, time, key, data, trace);
  }
}
