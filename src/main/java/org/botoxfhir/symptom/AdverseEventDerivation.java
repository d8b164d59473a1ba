package org.botoxfhir.symptom;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
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
    return told(change).stream().map(told -> told.identity).toList();
  }

  @Override
  public Derived derive(Access access, Change change, InWrite onFile) {
    Instant now = clock.instant();
    List<NewEvent> events = told(change).stream()
        .map(told -> told.identity.at(
            now, EventJson.of(AdverseEventData.of(change.key(), change.version(), told.content))))
        .toList();
    return new Derived(List.of(), events, List.of());
  }

  /** @param content what the event shows: of a retraction, the version that is taken back */
  private record Told(EventIdentity identity, AdverseEvent content) {}

  /** A record that goes over to another patient is retracted for the one and recorded for the other, each in order. */
  private List<Told> told(Change change) {
    AdverseEvent before = (AdverseEvent) change.before();
    AdverseEvent after = (AdverseEvent) change.after();
    if (before != null && after != null && owner(change, before).equals(owner(change, after))) {
      return List.of(told(change, "changed", after));
    }
    List<Told> told = new ArrayList<>();
    if (before != null) {
      told.add(told(change, "retracted", before));
    }
    if (after != null) {
      told.add(told(change, "recorded", after));
    }
    return told;
  }

  private Told told(Change change, String kind, AdverseEvent content) {
    return new Told(
        EventIdentity.of(
            TOPIC,
            TYPES,
            kind,
            change.key(),
            change.version(),
            pseudonym.of(owner(change, content))),
        content);
  }

  private static String owner(Change change, AdverseEvent event) {
    return EventJson.owner(event.getSubject(), change.key());
  }
}
