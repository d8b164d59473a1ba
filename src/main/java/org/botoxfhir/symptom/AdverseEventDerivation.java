package org.botoxfhir.symptom;

import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.botoxfhir.fault.Finding;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.outbox.NewEvent;
import org.botoxfhir.resource.Change;
import org.botoxfhir.resource.EventIdentity;
import org.botoxfhir.resource.WriteDerivation;
import org.botoxfhir.security.Access;
import org.botoxfhir.security.PatientPseudonym;
import org.hl7.fhir.r4.model.AdverseEvent;
import org.hl7.fhir.r4.model.Resource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/**
 * The events of {@code botox.adverse-events.v1}: one for each version of each AdverseEvent, whether a clinician wrote it or it came out
 * of a symptom report. Reads nothing, so it goes before derivations that do.
 */
@Component
@Order(1)
class AdverseEventDerivation implements WriteDerivation {
  static final String TOPIC = "botox.adverse-events.v1";

  private static final String TYPES = "org.botoxfhir.adverse-event";

  private final PatientPseudonym pseudonym;
  private final InstantSource clock;

  @Autowired
  AdverseEventDerivation(PatientPseudonym pseudonym) {
    this(pseudonym, InstantSource.system());
  }

  AdverseEventDerivation(PatientPseudonym pseudonym, InstantSource clock) {
    this.pseudonym = pseudonym;
    this.clock = clock;
  }

  @Override
  public Set<String> types() {
    return Set.of("AdverseEvent");
  }

  @Override
  public boolean concerns(ResourceKey key, Resource version) {
    return version instanceof AdverseEvent;
  }

  @Override
  public boolean lenient() {
    return false;
  }

  @Override
  public Optional<String> identity(Resource resource) {
    return Optional.empty();
  }

  @Override
  public List<Finding> told(Resource stored) {
    return List.of();
  }

  @Override
  public List<EventIdentity> events(Change change) {
    return tellings(change).stream().map(telling -> identity(change, telling)).toList();
  }

  @Override
  public Derived derive(Access access, Change change, InWrite onFile) {
    Instant now = clock.instant();
    List<NewEvent> events = tellings(change).stream()
        .map(telling -> identity(change, telling)
            .at(
                now,
                EventJson.of(
                    AdverseEventData.of(change.key(), change.version(), telling.content()))))
        .toList();
    return new Derived(List.of(), events, List.of());
  }

  private static List<Telling<AdverseEvent>> tellings(Change change) {
    return Telling.of(
        Optional.ofNullable((AdverseEvent) change.before()),
        Optional.ofNullable((AdverseEvent) change.after()),
        event -> EventJson.owner(event.getSubject(), change.key()));
  }

  private EventIdentity identity(Change change, Telling<AdverseEvent> telling) {
    String kind = switch (telling.kind()) {
      case FIRST -> "recorded";
      case CHANGED -> "changed";
      case TAKEN_BACK -> "retracted";
    };
    return EventIdentity.of(
        TOPIC, TYPES, kind, change.key(), change.version(), pseudonym.of(telling.owner()));
  }
}
