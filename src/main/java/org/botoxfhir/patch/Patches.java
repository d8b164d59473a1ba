package org.botoxfhir.patch;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.parser.DataFormatException;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.fhir.ResourceKey;
import org.hl7.fhir.r4.fhirpath.FHIRPathEngine;
import org.hl7.fhir.r4.hapi.ctx.HapiWorkerContext;
import org.hl7.fhir.r4.model.Parameters;
import org.hl7.fhir.r4.model.Resource;
import org.springframework.stereotype.Component;

/** Reads patches, and sees that what they make of a resource is one. */
@Component
public final class Patches {
  /** Media type of a JSON Patch, RFC 6902 section 6. */
  public static final String JSON_PATCH = "application/json-patch+json";

  /** A patch is a few steps; each may look through the whole resource. */
  static final int MOST_OPERATIONS = 1_000;

  private final FhirContext context;
  private final FHIRPathEngine engine;

  /** @param context strict, so that what a patch makes of a resource is checked */
  public Patches(FhirContext context) {
    this.context = context;
    this.engine =
        new FHIRPathEngine(new HapiWorkerContext(context, context.getValidationSupport()));
  }

  /**
   * A JSON Patch, RFC 6902.
   *
   * @throws FaultException {@link Fault.Invalid} when it is none
   */
  public Patch json(String body) {
    JsonPatch patch = JsonPatch.of(body);
    return (key, content) ->
        checked(key, patch.movesWhatIsStored(), () -> patch.apply(key, content));
  }

  /**
   * A FHIRPath Patch, R4 fhirpatch.html.
   *
   * @throws FaultException {@link Fault.Invalid} when it is none
   */
  public Patch fhirPath(Parameters body) {
    FhirPathPatch patch = FhirPathPatch.of(body, context, engine);
    return (key, content) -> {
      Resource resource = (Resource)
          context.newJsonParser().parseResource(new String(content, StandardCharsets.UTF_8));
      patch.apply(key, resource);
      return checked(key, false, () -> context.newJsonParser().encodeResourceToString(resource));
    };
  }

  /** @param stored whether what does not fit may be what is on file, which the answer must not quote */
  private Resource checked(ResourceKey key, boolean stored, Supplier<String> patched) {
    Resource resource;
    try {
      resource = (Resource) context.newJsonParser().parseResource(patched.get());
    } catch (DataFormatException invalid) {
      throw new FaultException(Fault.refused(
          "structure",
          "what the patch makes of %s is no valid %s: %s"
              .formatted(
                  key,
                  key.type(),
                  stored
                      ? "what is copied or moved does not fit where it goes"
                      : invalid.getMessage()),
          null));
    }
    if (!resource.fhirType().equals(key.type())
        || !key.id().equals(resource.getIdElement().getIdPart())) {
      throw new FaultException(Fault.refused(
          "value", "a patch may not change resourceType or id of %s".formatted(key), null));
    }
    return resource;
  }
}
