package org.botoxfhir.symptom;

import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.botoxfhir.fhir.Canonical;
import org.botoxfhir.fhir.ResourceKey;
import org.hl7.fhir.r4.model.BaseDateTimeType;
import org.hl7.fhir.r4.model.Observation;
import org.hl7.fhir.r4.model.Observation.ObservationStatus;
import org.hl7.fhir.r4.model.Reference;

/** A single symptom that a client sends as an Observation of profile {@code patient-reported-symptom}. */
record ObservationReport(ResourceKey key, Observation resource) implements ReportRecord {
  /** States in which nobody stands by it. Any other is sent, a preliminary one and one that does not say too: better early than late. */
  private static final Set<ObservationStatus> NOT_SENT =
      EnumSet.of(ObservationStatus.ENTEREDINERROR, ObservationStatus.CANCELLED);

  /** Whether it is a report of its own; one that came of a response is not, whoever has changed it since. */
  static boolean isSymptomReport(ResourceKey key, Observation observation) {
    return hasProfile(observation) && !DerivedIds.isDerived(key);
  }

  static boolean hasProfile(Observation observation) {
    return observation.getMeta().getProfile().stream()
        .anyMatch(profile -> profile.hasValue()
            && Canonical.names(profile.getValue(), Canonical.PATIENT_REPORTED_SYMPTOM));
  }

  static boolean isSent(Observation observation) {
    return !NOT_SENT.contains(observation.getStatus());
  }

  @Override
  public Reference subject() {
    return resource.getSubject();
  }

  @Override
  public BaseDateTimeType authored() {
    return resource.getIssuedElement();
  }

  @Override
  public SymptomReport read() {
    return SymptomObservationReader.read(resource);
  }

  /** Itself, for what is read of it is all there. */
  @Override
  public List<ResourceKey> observations(SymptomReport read) {
    return Collections.nCopies(read.symptoms().size(), key);
  }

  @Override
  public Map<ResourceKey, Observation> derived(SymptomReport read) {
    return Map.of();
  }
}
