package org.botoxfhir.symptom;

import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.botoxfhir.fhir.ResourceKey;
import org.hl7.fhir.r4.model.CodeableConcept;
import org.hl7.fhir.r4.model.Coding;
import org.hl7.fhir.r4.model.Provenance;
import org.hl7.fhir.r4.model.Provenance.ProvenanceEntityRole;
import org.hl7.fhir.r4.model.Reference;

/** Where records come from that the service derives: it put them together, out of one version of a report. */
final class DerivedProvenance {
  private static final String AGENTS =
      "http://terminology.hl7.org/CodeSystem/provenance-participant-type";

  private DerivedProvenance() {}

  /**
   * @param derived what the version led to
   * @param version of the report
   */
  static Provenance of(
      ResourceKey key, List<ResourceKey> derived, ResourceKey report, long version, Instant now) {
    Provenance provenance = new Provenance();
    provenance.setId(key.id());
    derived.forEach(one -> provenance.addTarget(new Reference(one.toString())));
    provenance.setRecorded(Date.from(now));
    provenance
        .addAgent()
        .setType(new CodeableConcept(new Coding(AGENTS, "assembler", "Assembler")))
        .setWho(new Reference().setDisplay("Botox FHIR service"));
    provenance
        .addEntity()
        .setRole(ProvenanceEntityRole.DERIVATION)
        .setWhat(new Reference(report + "/_history/" + version));
    return provenance;
  }
}
