package org.botoxfhir.patch;

import com.flipkart.zjsonpatch.CompatibilityFlags;
import com.flipkart.zjsonpatch.Jackson3JsonPatch;
import com.flipkart.zjsonpatch.JsonPatchApplicationException;
import com.flipkart.zjsonpatch.JsonPatchTestFailedException;
import java.util.EnumSet;
import java.util.Set;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.fhir.ResourceKey;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A JSON Patch (RFC 6902) of a resource's JSON. All of its operations are carried out, or none. */
final class JsonPatch {
  /** Numbers keep their digits: 1.10 is not 1.1 in FHIR. */
  private static final JsonMapper JSON = JsonMapper.builder()
      .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
      .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
      .build();

  /** To remove what is not there is an error (RFC 6902, 4.2). */
  private static final EnumSet<CompatibilityFlags> STRICT =
      EnumSet.of(CompatibilityFlags.FORBID_REMOVE_MISSING_OBJECT);

  private static final Set<String> MOVING = Set.of("copy", "move");

  private final JsonNode operations;

  private JsonPatch(JsonNode operations) {
    this.operations = operations;
  }

  /** Reads a patch. */
  static JsonPatch of(String body) {
    JsonNode operations;
    try {
      operations = JSON.readTree(body);
      Jackson3JsonPatch.validate(operations);
    } catch (JacksonException | JsonPatchApplicationException malformed) {
      throw new FaultException(Fault.invalid(
          "structure",
          "the body is no JSON Patch; send an array such as [{\"op\":\"replace\",\"path\":\"/status\",\"value\":\"final\"}]",
          null));
    }
    if (operations.size() > Patches.MOST_OPERATIONS) {
      throw new FaultException(Fault.invalid(
          "too-costly",
          "the patch has %d operations; it may have %d"
              .formatted(operations.size(), Patches.MOST_OPERATIONS),
          null));
    }
    return new JsonPatch(operations);
  }

  /** Whether it puts what is on file into other places. */
  boolean movesWhatIsStored() {
    return operations
        .valueStream()
        .anyMatch(operation -> MOVING.contains(operation.path("op").asString("")));
  }

  /** The JSON of the patched resource. */
  String apply(ResourceKey key, byte[] content) {
    try {
      return JSON.writeValueAsString(
          Jackson3JsonPatch.apply(operations, JSON.readTree(content), STRICT));
    } catch (JsonPatchTestFailedException other) {
      // Its message quotes what is on file, and messages of errors end up in the logs of clients.
      throw new FaultException(Fault.refused(
          "processing",
          "the patch does not apply to %s: at '%s' there is something else than its test expects"
              .formatted(key, other.getPath()),
          null));
    } catch (JsonPatchApplicationException inapplicable) {
      throw new FaultException(Fault.refused(
          "processing",
          "the patch does not apply to %s: %s".formatted(key, inapplicable.getMessage()),
          null));
    }
  }
}
