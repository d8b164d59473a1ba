package org.botoxfhir.symptom;

import org.botoxfhir.fhir.ResourceKey;
import org.hl7.fhir.r4.model.Reference;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.databind.json.JsonMapper;

/** What the values of all events have in common. */
final class EventJson {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(StreamWriteFeature.WRITE_BIGDECIMAL_AS_PLAIN).build();

  private EventJson() {}

  static String of(Record data) {
    return JSON.writeValueAsString(data);
  }

  /**
   * Who the events of a record belong to, as {@link org.botoxfhir.security.PatientPseudonym} takes it: the patient, else whatever the
   * subject says, else the record itself.
   */
  static String owner(Reference subject, ResourceKey record) {
    String reference = subject.hasReference() ? subject.getReference() : "#";
    if (!reference.startsWith("#")) {
      return ResourceKey.ofReference(reference).map(ResourceKey::toString).orElse(reference);
    }
    return subject.hasIdentifier() && subject.getIdentifier().hasValue()
        ? subject.getIdentifier().getSystem() + "|" + subject.getIdentifier().getValue()
        : record.toString();
  }
}
