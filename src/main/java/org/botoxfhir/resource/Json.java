package org.botoxfhir.resource;

import ca.uhn.fhir.context.FhirContext;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.TimeZone;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.store.StoredVersion;
import org.hl7.fhir.r4.model.IdType;
import org.hl7.fhir.r4.model.InstantType;
import org.hl7.fhir.r4.model.Resource;
import org.springframework.stereotype.Component;

/** Between a resource and the JSON that is stored and served. */
@Component
final class Json {
  private static final TimeZone UTC = TimeZone.getTimeZone("UTC");

  private final FhirContext context;

  Json(FhirContext context) {
    this.context = context;
  }

  /** Puts id, version and time into the resource and encodes it. */
  String encode(Resource resource, ResourceKey key, long version, Instant lastUpdated) {
    resource.setIdElement(new IdType(key.type(), key.id()));
    resource
        .getMeta()
        .setVersionId(Long.toString(version))
        .setLastUpdatedElement(new InstantType(lastUpdated.toString()));
    return context.newJsonParser().encodeResourceToString(resource);
  }

  Resource parse(StoredVersion version) {
    return (Resource) context
        .newJsonParser()
        .parseResource(new String(version.content(), StandardCharsets.UTF_8));
  }
}
