package org.botoxfhir.contract;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion.VersionFlag;

/**
 * Published schemas leave room for properties that they do not name, so that an addition breaks no consumer that checks by an older one. What
 * the service itself sends must have no other properties: a closed schema is how tests see that nothing leaves the house unnamed.
 */
public final class ClosedSchema {
  private static final JsonSchemaFactory SCHEMAS =
      JsonSchemaFactory.getInstance(VersionFlag.V202012);

  private ClosedSchema() {}

  /** @param name of a schema in {@code src/main/resources/events} */
  public static JsonSchema shipped(String name) {
    return of(EventContract.json(EventContract.FOLDER.resolve(name)));
  }

  static JsonSchema of(JsonNode schema) {
    JsonNode copy = schema.deepCopy();
    close(copy);
    return SCHEMAS.getSchema(copy);
  }

  private static void close(JsonNode node) {
    node.forEach(ClosedSchema::close);
    if (node instanceof ObjectNode object && object.path("properties").isObject()) {
      object.put("additionalProperties", false);
    }
  }
}
