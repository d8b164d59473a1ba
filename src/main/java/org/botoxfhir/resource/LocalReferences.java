package org.botoxfhir.resource;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.botoxfhir.fhir.ElementWalk;
import org.botoxfhir.fhir.FhirSettings;
import org.botoxfhir.fhir.FhirSettings.ReferentialIntegrity;
import org.botoxfhir.fhir.ResourceKey;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.Resource;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** The resources of this server that a resource refers to, and which of them must be on file. */
@Component
final class LocalReferences {
  private final ReferentialIntegrity integrity;

  LocalReferences(FhirSettings settings) {
    this.integrity = settings.referentialIntegrity();
  }

  /**
   * Where each is referred to, e.g. {@code Procedure.subject}, found only when it is asked for; empty when references are not
   * checked. Absolute, logical and contained references are nobody's business but the client's.
   */
  Map<ResourceKey, Supplier<String>> of(Resource resource) {
    if (integrity == ReferentialIntegrity.OFF) {
      return Map.of();
    }
    Map<ResourceKey, Supplier<String>> places = new LinkedHashMap<>();
    ElementWalk.walk(resource, element -> {
      if (element instanceof Reference reference && reference.hasReference()) {
        ResourceKey.ofReference(reference.getReference())
            .ifPresent(key -> places.putIfAbsent(
                key,
                () -> resource.fhirType() + "."
                    + ElementWalk.path(resource, reference).orElse("")));
      }
    });
    return places;
  }

  /** @param patient id of the Patient whose record the resource is */
  boolean required(ResourceKey key, @Nullable String patient) {
    return switch (integrity) {
      case STRICT -> true;
      case PATIENT -> key.type().equals("Patient") && key.id().equals(patient);
      case OFF -> false;
    };
  }

  /** Whether a Patient may only be deleted once no record is left. */
  boolean protectsPatients() {
    return integrity != ReferentialIntegrity.OFF;
  }
}
