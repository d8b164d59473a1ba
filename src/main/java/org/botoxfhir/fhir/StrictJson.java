package org.botoxfhir.fhir;

import ca.uhn.fhir.context.BaseRuntimeChildDefinition;
import ca.uhn.fhir.context.BaseRuntimeElementCompositeDefinition;
import ca.uhn.fhir.context.BaseRuntimeElementDefinition;
import ca.uhn.fhir.context.BaseRuntimeElementDefinition.ChildTypeEnum;
import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.parser.DataFormatException;
import java.nio.CharBuffer;
import java.util.BitSet;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.hl7.fhir.instance.model.api.IBase;
import org.hl7.fhir.r4.model.BooleanType;
import org.hl7.fhir.r4.model.DecimalType;
import org.hl7.fhir.r4.model.IntegerType;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Refuses JSON that HAPI's parser would read as something else than was sent: a key twice, a list where one value stands, a number in
 * quotes, an empty object, letters that are not UTF-8 (R4 json.html). What the parser itself refuses, unknown elements above all, is
 * left to it. One pass over the tokens, some microseconds for a usual resource.
 */
public final class StrictJson {
  /** Resources within resources; a bundle in a bundle with contained ones is four. */
  private static final int DEEPEST = 8;

  private static final Set<ChildTypeEnum> XHTML =
      EnumSet.of(ChildTypeEnum.PRIMITIVE_XHTML, ChildTypeEnum.PRIMITIVE_XHTML_HL7ORG);

  private static final JsonFactory FACTORY = JsonFactory.builder()
      .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
      .streamReadConstraints(
          StreamReadConstraints.builder().maxNestingDepth(1000).build())
      .build();
  private static final JsonMapper BUFFER = JsonMapper.builder(FACTORY)
      .disable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS) // the rest of the body follows
      .build();

  private final FhirContext context;

  /** What a primitive may have beside its value: id and extensions. Any data type has these. */
  private final BaseRuntimeElementCompositeDefinition<?> companion;

  private final StringBuilder path = new StringBuilder();
  private int depth;

  /** Of a list of primitives, or of what is beside them. @param there where it has no null */
  private record Places(BitSet there, int size) {}

  private StrictJson(FhirContext context) {
    this.context = context;
    this.companion = (BaseRuntimeElementCompositeDefinition<?>)
        Objects.requireNonNull(context.getElementDefinition("Period"));
  }

  /**
   * Checks the JSON of a resource.
   *
   * @throws DataFormatException that names the place
   */
  public static void check(FhirContext context, byte[] body) {
    CharBuffer text = StrictText.decode(body);
    try (JsonParser json = FACTORY.createParser(
        ObjectReadContext.empty(), text.array(), text.arrayOffset(), text.length())) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw new DataFormatException("it is no JSON object");
      }
      new StrictJson(context).resource(json);
      if (json.nextToken() != null) {
        throw new DataFormatException("something follows the resource");
      }
    } catch (JacksonException malformed) {
      TokenStreamLocation at = malformed.getLocation();
      throw new DataFormatException(malformed.getOriginalMessage()
          + (at == null
              ? ""
              : " at line %d, column %d".formatted(at.getLineNr(), at.getColumnNr())));
    }
  }

  /** From the start of the object to its end. */
  private void resource(JsonParser json) {
    if (++depth > DEEPEST) {
      throw refused("resources are nested more than %d deep".formatted(DEEPEST));
    }
    JsonToken first = json.nextToken();
    if (first == JsonToken.PROPERTY_NAME && json.currentName().equals("resourceType")) {
      if (json.nextToken() != JsonToken.VALUE_STRING) {
        throw refused("the resourceType is no string");
      }
      rest(json, definition(json.getString()));
    } else if (first == JsonToken.PROPERTY_NAME) {
      // Its type comes later: the one case that needs a copy.
      JsonNode all = BUFFER.readTree(json);
      try (JsonParser copy = all.traverse(ObjectReadContext.empty())) {
        copy.nextToken();
        rest(copy, definition(all.path("resourceType").asString("")));
      }
    }
    depth--;
  }

  private void rest(JsonParser json, @Nullable BaseRuntimeElementCompositeDefinition<?> type) {
    boolean outermost = path.isEmpty();
    if (outermost && type != null) {
      path.append(type.getName());
    }
    if (type == null) {
      skipRest(json); // the parser refuses it
    } else {
      object(json, type, true);
    }
    if (outermost) {
      path.setLength(0);
    }
  }

  private static void skipRest(JsonParser json) {
    for (int open = 1; open > 0; ) {
      JsonToken token = json.nextToken();
      open += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
    }
  }

  private @Nullable BaseRuntimeElementCompositeDefinition<?> definition(String type) {
    return context.getResourceTypes().contains(type) ? context.getResourceDefinition(type) : null;
  }

  /** The elements of an object up to its end. */
  private void object(
      JsonParser json, BaseRuntimeElementCompositeDefinition<?> type, boolean resource) {
    Map<BaseRuntimeChildDefinition, String> choices = null;
    Map<String, Places> lists = null;
    boolean empty = !resource;
    boolean onlyUrl = type.getName().equals("Extension");
    int parent = path.length();
    while (json.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = json.currentName();
      JsonToken token = json.nextToken();
      if (resource && name.equals("resourceType")) {
        continue;
      }
      path.append('.').append(name);
      empty = false;
      onlyUrl &= name.equals("url") || name.equals("id");
      if (token == JsonToken.VALUE_NULL) {
        throw refused("null stands for nothing here; leave it out");
      }
      if (name.equals("fhir_comments")) {
        throw refused("comments are no part of R4");
      }
      boolean besides = name.startsWith("_");
      String element = besides ? name.substring(1) : name;
      BaseRuntimeChildDefinition child = type.getChildByName(element);
      BaseRuntimeElementDefinition<?> definition =
          child == null ? null : child.getChildByName(element);
      if (child == null || definition == null) {
        json.skipChildren(); // the parser refuses it
      } else {
        if (child.getMax() == 1 && child.getValidChildNames().size() > 1) {
          choices = choices == null ? new HashMap<>() : choices;
          String before = choices.putIfAbsent(child, element);
          if (before != null && !before.equals(element)) {
            throw refused("there is '%s' already, and only one of them may be".formatted(before));
          }
        }
        if (child.getMax() != 1) {
          Places there = list(json, token, definition, besides);
          if (isPrimitive(definition)) {
            lists = lists == null ? new HashMap<>() : lists;
            lists.put(name, there);
          }
        } else if (token == JsonToken.START_ARRAY) {
          throw refused("a list stands where there is one value");
        } else {
          value(json, token, definition, besides);
        }
      }
      path.setLength(parent);
    }
    if (empty) {
      throw refused("the object is empty; leave it out");
    }
    if (onlyUrl) {
      throw refused("an extension needs a value or extensions of its own");
    }
    if (lists != null) {
      requirePairs(lists);
    }
  }

  private Places list(
      JsonParser json,
      JsonToken token,
      BaseRuntimeElementDefinition<?> definition,
      boolean besides) {
    if (token != JsonToken.START_ARRAY) {
      throw refused("one value stands where there is a list");
    }
    BitSet there = new BitSet();
    int list = path.length();
    int index = 0;
    for (JsonToken next = json.nextToken();
        next != JsonToken.END_ARRAY;
        next = json.nextToken(), index++) {
      path.append('[').append(index).append(']');
      if (next != JsonToken.VALUE_NULL) {
        there.set(index);
        value(json, next, definition, besides);
      } else if (!isPrimitive(definition)) {
        throw refused("null stands for nothing here; leave it out");
      }
      path.setLength(list);
    }
    if (index == 0) {
      throw refused("the list is empty; leave it out");
    }
    return new Places(there, index);
  }

  /** R4 json.html#primitive: each place of a list has a value, or something beside it, or both. */
  private void requirePairs(Map<String, Places> lists) {
    lists.forEach((name, places) -> {
      boolean besides = name.startsWith("_");
      Places others =
          lists.getOrDefault(besides ? name.substring(1) : "_" + name, new Places(new BitSet(), 0));
      if (besides && places.size() > others.size()) {
        throw refusedAt(name, "it is longer than the list of values that it belongs to");
      }
      BitSet there = places.there();
      for (int i = there.nextClearBit(0); i < places.size(); i = there.nextClearBit(i + 1)) {
        if (!others.there().get(i)) {
          throw refusedAt(name + "[" + i + "]", "null stands for nothing here; leave it out");
        }
      }
    });
  }

  private void value(
      JsonParser json,
      JsonToken token,
      BaseRuntimeElementDefinition<?> definition,
      boolean besides) {
    boolean object = token == JsonToken.START_OBJECT;
    switch (definition.getChildType()) {
      case PRIMITIVE_DATATYPE, ID_DATATYPE, PRIMITIVE_XHTML, PRIMITIVE_XHTML_HL7ORG -> {
        if (besides != object) {
          throw refused(besides ? "an object is expected" : "a single value is expected");
        }
        if (object) {
          object(json, companion, false);
        } else {
          primitive(json, token, definition.getImplementingClass());
          if (XHTML.contains(definition.getChildType())) {
            require(
                isNarrative(json.getString()), "a <div> of XHTML with its namespace is expected");
          }
        }
      }
      case RESOURCE, CONTAINED_RESOURCES, CONTAINED_RESOURCE_LIST -> {
        requireObject(object && !besides);
        resource(json);
      }
      default -> {
        requireObject(object && !besides);
        object(json, (BaseRuntimeElementCompositeDefinition<?>) definition, false);
      }
    }
  }

  private void requireObject(boolean object) {
    if (!object) {
      throw refused("an object is expected, under its name without an underscore");
    }
  }

  private void primitive(JsonParser json, JsonToken token, Class<? extends IBase> type) {
    if (BooleanType.class.isAssignableFrom(type)) {
      require(token.isBoolean(), "true or false is expected, without quotes");
    } else if (IntegerType.class.isAssignableFrom(type)) {
      require(token == JsonToken.VALUE_NUMBER_INT, "a whole number is expected, without quotes");
    } else if (DecimalType.class.isAssignableFrom(type)) {
      require(token.isNumeric(), "a number is expected, without quotes");
    } else {
      require(token == JsonToken.VALUE_STRING, "a string is expected");
      require(!json.getString().isBlank(), "the string is empty; leave it out");
    }
  }

  /** The parser would put a div around it, and a namespace into it. */
  private static boolean isNarrative(String text) {
    String narrative = text.strip();
    int end = narrative.indexOf('>');
    return narrative.startsWith("<div")
        && end > 0
        && narrative.substring(0, end).contains("http://www.w3.org/1999/xhtml");
  }

  private void require(boolean met, String text) {
    if (!met) {
      throw refused(text);
    }
  }

  private static boolean isPrimitive(BaseRuntimeElementDefinition<?> definition) {
    return switch (definition.getChildType()) {
      case PRIMITIVE_DATATYPE, ID_DATATYPE, PRIMITIVE_XHTML, PRIMITIVE_XHTML_HL7ORG -> true;
      default -> false;
    };
  }

  private DataFormatException refused(String text) {
    return new DataFormatException(path.isEmpty() ? text : text + ", at " + path);
  }

  private DataFormatException refusedAt(String element, String text) {
    return new DataFormatException(text + ", at " + path + "." + element);
  }
}
