package org.botoxfhir.contract;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.StreamSupport;
import org.botoxfhir.contract.EventContract.Message;
import org.jspecify.annotations.Nullable;

/**
 * What of a new version of the contract breaks those who read events by the old one. They may rely on every property that is required,
 * on the values and patterns that are named, and on waiting for a value that can come; they ignore what they do not know, so whatever is
 * added is no break. What is not understood counts as a break.
 */
final class Compatibility {
  /** Tell people something and decide nothing. */
  private static final Set<String> ANNOTATIONS =
      Set.of("$schema", "$id", "$defs", "$comment", "title", "description", "examples");

  private static final Set<String> UNDERSTOOD = Set.of(
      "type",
      "enum",
      "const",
      "pattern",
      "minimum",
      "minLength",
      "minItems",
      "maximum",
      "maxLength",
      "maxItems",
      "uniqueItems",
      "required",
      "properties",
      "items",
      // Consumers ignore what they do not know, whatever the schema says.
      "additionalProperties");

  private final JsonNode oldRoot;
  private final JsonNode newRoot;
  private final List<String> breaks = new ArrayList<>();

  private Compatibility(JsonNode oldRoot, JsonNode newRoot) {
    this.oldRoot = oldRoot;
    this.newRoot = newRoot;
  }

  /** Each break as a sentence that names topic, type and property; empty when there is none. */
  static List<String> breaks(EventContract before, EventContract now) {
    var breaks = new ArrayList<String>();
    before
        .messages()
        .forEach((topic, types) -> types.forEach((type, message) -> {
          Message same = now.messages().getOrDefault(topic, Map.of()).get(type);
          if (same == null) {
            breaks.add("%s is no longer published on %s".formatted(type, topic));
          } else {
            breaks.addAll(breaks(type + " headers", message.headers(), same.headers()));
            breaks.addAll(breaks(type + " key", message.key(), same.key()));
            breaks.addAll(breaks(type + " value", message.value(), same.value()));
          }
        }));
    return breaks;
  }

  /** The same of one schema. @param name how the sentences call what it describes */
  static List<String> breaks(String name, JsonNode before, JsonNode now) {
    var compatibility = new Compatibility(before, now);
    compatibility.compare(name, before, now);
    return compatibility.breaks;
  }

  private void compare(String path, JsonNode before, JsonNode now) {
    Shape was = Shape.of(oldRoot, before);
    Shape is = Shape.of(newRoot, now);
    notUnderstood(path, was);
    notUnderstood(path, is);
    if (is.nullable() && !was.nullable()) {
      breaks.add("%s may be null now".formatted(path));
    }
    if (!was.types().equals(is.types())) {
      breaks.add("%s is %s now, and was %s".formatted(path, is.types(), was.types()));
    }
    compareValues(path, was, is);
    if (was.schema().has("pattern")
        && !was.schema().get("pattern").equals(is.schema().path("pattern"))) {
      breaks.add("%s follows another pattern now".formatted(path));
    }
    for (String least : List.of("minimum", "minLength", "minItems")) {
      if (was.schema().has(least)
          && (!is.schema().has(least)
              || is.schema().get(least).asDouble() < was.schema().get(least).asDouble())) {
        breaks.add("%s may be less than its %s was".formatted(path, least));
      }
    }
    for (String most : List.of("maximum", "maxLength", "maxItems")) {
      if (was.schema().has(most)
          && (!is.schema().has(most)
              || is.schema().get(most).asDouble() > was.schema().get(most).asDouble())) {
        breaks.add("%s may be more than its %s was".formatted(path, most));
      }
    }
    if (was.schema().path("uniqueItems").asBoolean()
        && !is.schema().path("uniqueItems").asBoolean()) {
      breaks.add("%s may hold the same twice now".formatted(path));
    }
    compareProperties(path, was.schema(), is.schema());
    if (was.schema().has("items")) {
      if (is.schema().has("items")) {
        compare(path + "[]", was.schema().get("items"), is.schema().get("items"));
      } else {
        breaks.add("%s[] may be anything now".formatted(path));
      }
    }
  }

  private void compareValues(String path, Shape was, Shape is) {
    if (was.values() == null) {
      return;
    }
    if (is.values() == null) {
      breaks.add("%s may be anything now".formatted(path));
      return;
    }
    for (String value : is.values()) {
      if (!was.values().contains(value)) {
        breaks.add("%s may be %s now, which consumers do not know".formatted(path, value));
      }
    }
    for (String value : was.values()) {
      if (!is.values().contains(value)) {
        breaks.add("%s is never %s any more, which consumers may wait for".formatted(path, value));
      }
    }
  }

  private void compareProperties(String path, JsonNode was, JsonNode is) {
    Set<String> required = texts(is.path("required"));
    for (String name : texts(was.path("required"))) {
      if (!required.contains(name) && is.path("properties").has(name)) {
        breaks.add("%s.%s may be missing now".formatted(path, name));
      }
    }
    was.path("properties").properties().forEach(property -> {
      JsonNode same = is.path("properties").path(property.getKey());
      String name = path + "." + property.getKey();
      if (same.isMissingNode()) {
        breaks.add("%s is gone".formatted(name));
      } else {
        compare(name, property.getValue(), same);
      }
    });
  }

  private void notUnderstood(String path, Shape shape) {
    shape.schema().fieldNames().forEachRemaining(keyword -> {
      if (!ANNOTATIONS.contains(keyword) && !UNDERSTOOD.contains(keyword)) {
        breaks.add(
            "%s uses %s, which this comparison does not understand".formatted(path, keyword));
      }
    });
    if (shape.schema().path("additionalProperties").isObject()) {
      breaks.add(
          "%s uses a schema of additionalProperties, which this comparison does not understand"
              .formatted(path));
    }
  }

  private static Set<String> texts(JsonNode array) {
    var texts = new TreeSet<String>();
    array.forEach(text -> texts.add(text.asText()));
    return texts;
  }

  /**
   * A schema in one form, however it says that null is possible.
   *
   * @param types without null
   * @param values those that are possible, without null; null when they are not named
   */
  private record Shape(
      JsonNode schema,
      boolean nullable,
      Set<String> types,
      @Nullable Set<String> values) {

    static Shape of(JsonNode root, JsonNode node) {
      JsonNode schema = EventContract.resolved(root, node);
      List<JsonNode> alternatives = StreamSupport.stream(schema.path("oneOf").spliterator(), false)
          .filter(alternative -> !alternative.path("type").asText().equals("null"))
          .toList();
      if (alternatives.size() == 1) {
        Shape only = of(root, alternatives.getFirst());
        return new Shape(
            only.schema(),
            only.nullable() || schema.path("oneOf").size() > 1,
            only.types(),
            only.values());
      }
      Set<String> types = schema.path("type").isArray()
          ? texts(schema.path("type"))
          : schema.has("type") ? Set.of(schema.path("type").asText()) : Set.of();
      Set<String> values = values(schema);
      boolean nullable = types.contains("null")
          || schema.path("const") instanceof NullNode
          || StreamSupport.stream(schema.path("enum").spliterator(), false)
              .anyMatch(JsonNode::isNull);
      var withoutNull = new TreeSet<>(types);
      withoutNull.remove("null");
      return new Shape(schema, nullable, withoutNull, values);
    }

    private static @Nullable Set<String> values(JsonNode schema) {
      if (schema.has("const")) {
        return Set.of(schema.get("const").asText());
      }
      if (!schema.has("enum")) {
        return null;
      }
      var values = new LinkedHashSet<String>();
      for (JsonNode value : schema.get("enum")) {
        if (!value.isNull()) {
          values.add(value.asText());
        }
      }
      return values;
    }
  }
}
