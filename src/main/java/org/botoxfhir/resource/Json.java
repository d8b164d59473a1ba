package org.botoxfhir.resource;

import ca.uhn.fhir.context.FhirContext;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.fhir.JsonNumbers;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.store.StoredVersion;
import org.hl7.fhir.r4.model.IdType;
import org.hl7.fhir.r4.model.InstantType;
import org.hl7.fhir.r4.model.Resource;
import org.springframework.stereotype.Component;

/** Between a resource and the JSON that is stored and served. */
@Component
final class Json {
  private final FhirContext context;

  Json(FhirContext context) {
    this.context = context;
  }

  /**
   * Puts id, version and time into the resource and encodes it.
   *
   * @throws FaultException {@link Fault.Invalid} when what came out could not be parsed again
   */
  String encode(Resource resource, ResourceKey key, long version, Instant lastUpdated) {
    resource.setIdElement(new IdType(key.type(), key.id()));
    resource
        .getMeta()
        .setVersionId(Long.toString(version))
        .setLastUpdatedElement(new InstantType(lastUpdated.toString()));
    String json = context.newJsonParser().encodeResourceToString(resource);
    if (JsonNumbers.anyTooLarge(json)) {
      throw new FaultException(Fault.invalid(
          "value",
          "a number has more than 1000 characters, or an exponent of more than three digits; it could not be read back",
          null));
    }
    return json;
  }

  /** Whether two versions of a resource differ in nothing but their number and time. */
  static boolean sameContent(StoredVersion older, StoredVersion newer) {
    String old = text(older);
    String stamp = stamp(older);
    int at = old.indexOf(stamp);
    return at >= 0
        && text(newer)
            .equals(old.substring(0, at) + stamp(newer) + old.substring(at + stamp.length()));
  }

  /** As {@link #encode} leaves it in the text. */
  private static String stamp(StoredVersion version) {
    return "\"versionId\":\"%d\",\"lastUpdated\":\"%s\""
        .formatted(version.version(), version.lastUpdated());
  }

  private static String text(StoredVersion version) {
    return new String(version.content(), StandardCharsets.UTF_8);
  }

  /** The resource as a version has it; empty when the version is a deletion. */
  Optional<Resource> resource(StoredVersion version) {
    return version.deleted() ? Optional.empty() : Optional.of(parse(version));
  }

  Resource parse(StoredVersion version) {
    return (Resource) context.newJsonParser().parseResource(text(version));
  }
}
