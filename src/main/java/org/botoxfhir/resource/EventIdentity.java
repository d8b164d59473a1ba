package org.botoxfhir.resource;

import java.time.Instant;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.outbox.NewEvent;

/**
 * All of an event that follows from the change that it tells of: computed again years later from the stored versions, it is the same.
 *
 * @param topic where it goes
 * @param type CloudEvents type
 * @param id CloudEvents id
 * @param subject CloudEvents subject: the versioned reference of the record
 * @param key pseudonym of the patient
 */
public record EventIdentity(String topic, String type, String id, String subject, String key) {

  /**
   * @param types what the CloudEvents types of the topic begin with, e.g. {@code org.botoxfhir.symptom-report}
   * @param kind what happened, e.g. {@code submitted}
   */
  public static EventIdentity of(
      String topic, String types, String kind, ResourceKey record, long version, String key) {
    String subject = "%s/_history/%d".formatted(record, version);
    return new EventIdentity(
        topic, "%s.%s.v1".formatted(types, kind), subject + "/" + kind, subject, key);
  }

  /**
   * The event itself.
   *
   * @param data the JSON value
   */
  public NewEvent at(Instant time, String data) {
    return new NewEvent(topic, type, id, subject, time, key, data, null);
  }
}
