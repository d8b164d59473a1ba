package org.botoxfhir.symptom;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.botoxfhir.fhir.ResourceKey;
import org.hl7.fhir.r4.model.AdverseEvent;
import org.hl7.fhir.r4.model.AdverseEvent.AdverseEventSuspectEntityCausalityComponent;
import org.hl7.fhir.r4.model.BaseDateTimeType;
import org.hl7.fhir.r4.model.Reference;
import org.jspecify.annotations.Nullable;

/**
 * The JSON value of an event of {@code botox.adverse-events.v1}; its schema is {@code events/adverse-event.v1.schema.json}. Ids and
 * codes only.
 *
 * @param adverseEvent reference of the record, without version
 * @param version version that the event tells of
 * @param patient reference of the patient, or null when the subject is no Patient that this server could have
 * @param actuality actual, or potential
 * @param unconfirmed whether it is a candidate out of a symptom report that carries the tag unconfirmed
 * @param codes what happened
 * @param date when it happened, as the record says, or null
 * @param detected when it was noticed, or null
 * @param recordedDate when it was written down, or null
 * @param suspects what may have led to it, as far as it is on this server
 * @param resultingConditions references of Conditions
 * @param evidence references of what the patient reported: the report, and the Observation of each symptom
 */
record AdverseEventData(
    String adverseEvent,
    long version,
    @Nullable String patient,
    @Nullable String actuality,
    boolean unconfirmed,
    List<CodeData> categories,
    List<CodeData> codes,
    @Nullable String date,
    @Nullable String detected,
    @Nullable String recordedDate,
    @Nullable CodeData seriousness,
    @Nullable CodeData severity,
    @Nullable CodeData outcome,
    List<SuspectData> suspects,
    List<String> resultingConditions,
    List<String> evidence) {
  /** Of each list; more would make an event too large for Kafka, and the record has all. */
  static final int MOST = 200;

  private static final Pattern DATE_TIME = Pattern.compile(
      "[0-9]{4}(-[0-9]{2}(-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2}))?)?)?");

  /**
   * @param entity reference of the Procedure, Medication or other record
   * @param causality the first judgement of how likely it led to it, or null
   */
  record SuspectData(String entity, @Nullable CodeData causality) {}

  static AdverseEventData of(ResourceKey key, long version, AdverseEvent event) {
    return new AdverseEventData(
        key.toString(),
        version,
        reference(event.getSubject())
            .filter(subject -> subject.startsWith("Patient/"))
            .orElse(null),
        event.hasActuality() ? event.getActuality().toCode() : null,
        LocalCodes.isUnconfirmed(event),
        CodeData.all(event.getCategory().stream()).stream().limit(MOST).toList(),
        CodeData.all(Stream.of(event.getEvent())).stream().limit(MOST).toList(),
        date(event.getDateElement()),
        date(event.getDetectedElement()),
        date(event.getRecordedDateElement()),
        CodeData.first(event.getSeriousness()),
        CodeData.first(event.getSeverity()),
        CodeData.first(event.getOutcome()),
        event.getSuspectEntity().stream()
            .flatMap(suspect -> reference(suspect.getInstance()).stream()
                .map(entity -> new SuspectData(entity, causality(suspect.getCausality()))))
            .limit(MOST)
            .toList(),
        references(event.getResultingCondition().stream()),
        references(event.getExtensionsByUrl(LocalCodes.SYMPTOM_REPORT_EVIDENCE).stream()
            .map(extension -> extension.getValue())
            .filter(Reference.class::isInstance)
            .map(Reference.class::cast)));
  }

  private static @Nullable CodeData causality(
      List<AdverseEventSuspectEntityCausalityComponent> judgements) {
    return judgements.stream()
        .flatMap(
            judgement -> Optional.ofNullable(CodeData.first(judgement.getAssessment())).stream())
        .findFirst()
        .orElse(null);
  }

  private static List<String> references(Stream<Reference> references) {
    return references
        .flatMap(reference -> reference(reference).stream())
        .distinct()
        .limit(MOST)
        .toList();
  }

  /** Of a resource that this server could have; a URL may say anything. */
  private static Optional<String> reference(Reference reference) {
    return Optional.ofNullable(reference.getReference())
        .flatMap(ResourceKey::ofReference)
        .map(ResourceKey::toString);
  }

  private static @Nullable String date(BaseDateTimeType date) {
    String text = date.getValueAsString();
    return text != null && DATE_TIME.matcher(text).matches() ? text : null;
  }
}
