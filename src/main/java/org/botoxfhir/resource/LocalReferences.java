package org.botoxfhir.resource;

import java.util.HashMap;
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
  private static final String MEMBER = "\"reference\":\"";

  private final ReferentialIntegrity integrity;

  LocalReferences(FhirSettings settings) {
    this.integrity = settings.referentialIntegrity();
  }

  /**
   * Where each is referred to, e.g. {@code Procedure.subject}, found only when it is asked for; empty when references are not
   * checked. Absolute, logical and contained references are nobody's business but the client's.
   *
   * @param content the resource as it is stored
   */
  Map<ResourceKey, Supplier<String>> of(Resource resource, String content) {
    if (integrity == ReferentialIntegrity.OFF) {
      return Map.of();
    }
    Map<ResourceKey, Supplier<String>> references = new LinkedHashMap<>();
    Places places = new Places(resource);
    // In R4 no other element is a text of this name, and within a text the quotes would be escaped:
    // looking for it costs a tenth of a walk through the elements.
    for (int at = content.indexOf(MEMBER); at >= 0; at = content.indexOf(MEMBER, at)) {
      at += MEMBER.length();
      ResourceKey.ofReference(content.substring(at, content.indexOf('"', at)))
          .ifPresent(key -> references.putIfAbsent(key, () -> places.of(key)));
    }
    return references;
  }

  /** Where a resource refers to what: found by one walk, when first asked for, since a resource may have thousands of references. */
  private static final class Places {
    private final Resource resource;
    private final Map<ResourceKey, String> places = new HashMap<>();

    Places(Resource resource) {
      this.resource = resource;
    }

    String of(ResourceKey key) {
      if (places.isEmpty()) {
        ElementWalk.paths(resource, Reference.class, (reference, path) -> {
          if (reference.hasReference()) {
            ResourceKey.ofReference(reference.getReference())
                .ifPresent(target -> places.putIfAbsent(target, path));
          }
        });
      }
      return resource.fhirType() + "." + places.getOrDefault(key, "");
    }
  }

  /** @param patient id of the Patient whose record the resource is */
  boolean required(ResourceKey key, @Nullable String patient) {
    return switch (integrity) {
      case STRICT -> true;
      case PATIENT -> key.type().equals("Patient") && key.id().equals(patient);
      case OFF -> false;
    };
  }

  /** Whether a resource may only be deleted once none is left that refers to it. */
  boolean protects(ResourceKey key) {
    return switch (integrity) {
      case STRICT -> true;
      case PATIENT -> key.type().equals("Patient");
      case OFF -> false;
    };
  }
}
