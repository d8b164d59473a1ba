package org.botoxfhir.contract;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.ValidationMessage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/**
 * The AsyncAPI document with all that it refers to.
 *
 * @param messages by topic, then by CloudEvents type
 * @param deadLetters the one message of each dead letter topic
 * @param schemas names of the schema files that it refers to
 */
record EventContract(
    JsonNode document,
    Map<String, Map<String, Message>> messages,
    Map<String, Message> deadLetters,
    Set<String> schemas) {
  static final Path FOLDER = Path.of("src/main/resources/events");

  private static final ObjectMapper YAML = new YAMLMapper();
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);

  /** One kind of message; all three are JSON Schemas. */
  record Message(JsonNode headers, JsonNode key, JsonNode value) {

    /**
     * What is not as promised of a record, by {@link ClosedSchema}.
     */
    List<String> defects(ConsumerRecord<String, String> record) {
      ObjectNode given = JSON.createObjectNode();
      var defects = new ArrayList<String>();
      for (Header header : record.headers()) {
        if (given.has(header.key())) {
          defects.add("header " + header.key() + " twice");
        }
        given.put(header.key(), new String(header.value(), StandardCharsets.UTF_8));
      }
      defects.addAll(defects("headers", headers, given));
      defects.addAll(defects("key", key, TextNode.valueOf(record.key())));
      defects.addAll(defects("value", value, read(record.value())));
      return defects;
    }

    private static List<String> defects(String part, JsonNode schema, JsonNode given) {
      return ClosedSchema.of(schema).validate(given).stream()
          .map(ValidationMessage::getMessage)
          .map(message -> part + ": " + message)
          .toList();
    }

    private static JsonNode read(String json) {
      try {
        return JSON.readTree(json);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** The document that ships with the service. */
  static EventContract shipped() {
    return of(FOLDER);
  }

  /** @param folder with {@code asyncapi.yaml} and the schemas */
  static EventContract of(Path folder) {
    JsonNode document = yaml(folder.resolve("asyncapi.yaml"));
    var messages = new TreeMap<String, Map<String, Message>>();
    var deadLetters = new TreeMap<String, Message>();
    var schemas = new TreeSet<String>();
    for (JsonNode channel : document.path("channels")) {
      var types = new TreeMap<String, Message>();
      for (JsonNode reference : channel.path("messages")) {
        JsonNode message = withTraits(document, resolved(document, reference));
        String file = message.at("/payload/schema/$ref").asText();
        schemas.add(file);
        types.put(
            message.path("name").asText(),
            new Message(
                message.path("headers"),
                message.at("/bindings/kafka/key"),
                json(folder.resolve(file))));
      }
      String topic = channel.path("address").asText();
      if (topic.endsWith(".dlq")) {
        types.values().forEach(letter -> deadLetters.put(topic, letter));
      } else {
        messages.put(topic, types);
      }
    }
    return new EventContract(document, messages, deadLetters, schemas);
  }

  /** Every topic with every type on it, as {@code topic type}. */
  Set<String> kinds() {
    var kinds = new TreeSet<String>();
    messages.forEach(
        (topic, types) -> types.keySet().forEach(type -> kinds.add(topic + " " + type)));
    return kinds;
  }

  /** What is not as promised of a record, which may be of a topic or type that is not promised at all. */
  List<String> defects(ConsumerRecord<String, String> record, String type) {
    Message message = messages.getOrDefault(record.topic(), Map.of()).get(type);
    return message == null
        ? List.of("no message %s on %s".formatted(type, record.topic()))
        : message.defects(record);
  }

  static JsonNode json(Path file) {
    return read(JSON, file);
  }

  static JsonNode yaml(Path file) {
    return read(YAML, file);
  }

  /** What a local reference of the document stands for. */
  static JsonNode resolved(JsonNode document, JsonNode node) {
    String reference = node.path("$ref").asText();
    if (!reference.startsWith("#/")) {
      return node;
    }
    JsonNode target = document.at(reference.substring(1));
    if (target.isMissingNode()) {
      throw new IllegalArgumentException(reference + " leads nowhere");
    }
    return resolved(document, target);
  }

  /** Traits are merged into the message as JSON Merge Patch; what the message says itself wins. */
  private static ObjectNode withTraits(JsonNode document, JsonNode message) {
    ObjectNode merged = JSON.createObjectNode();
    for (JsonNode trait : message.path("traits")) {
      merge(merged, resolved(document, trait));
    }
    merge(merged, message);
    return merged;
  }

  private static void merge(ObjectNode into, JsonNode from) {
    from.properties().forEach(property -> {
      if (property.getValue().isObject()
          && into.get(property.getKey()) instanceof ObjectNode existing) {
        merge(existing, property.getValue());
      } else {
        into.set(property.getKey(), property.getValue().deepCopy());
      }
    });
  }

  private static JsonNode read(ObjectMapper mapper, Path file) {
    try {
      return mapper.readTree(Files.readString(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
