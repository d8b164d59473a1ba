package org.botoxfhir.resource;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.util.ResourceReferenceInfo;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.botoxfhir.fhir.FhirSettings;
import org.botoxfhir.fhir.FhirSettings.ReferentialIntegrity;
import org.botoxfhir.fhir.ResourceKey;
import org.hl7.fhir.r4.model.Resource;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** The resources of this server that a resource refers to, and which of them must be on file. */
@Component
final class LocalReferences {
  private final FhirContext context;
  private final ReferentialIntegrity integrity;

  LocalReferences(FhirContext context, FhirSettings settings) {
    this.context = context;
    this.integrity = settings.referentialIntegrity();
  }

  /**
   * The element by which each is referred to, e.g. {@code Procedure.subject}; empty when references are not checked. Absolute,
   * logical and contained references are nobody's business but the client's.
   */
  Map<ResourceKey, String> of(Resource resource) {
    if (integrity == ReferentialIntegrity.OFF) {
      return Map.of();
    }
    Map<ResourceKey, String> elements = new LinkedHashMap<>();
    for (ResourceReferenceInfo info : context.newTerser().getAllResourceReferences(resource)) {
      String text = info.getResourceReference().getReferenceElement().getValue();
      Optional<ResourceKey> key = text == null ? Optional.empty() : ResourceKey.ofReference(text);
      key.ifPresent(k -> elements.putIfAbsent(k, resource.fhirType() + "." + info.getName()));
    }
    return elements;
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
