package org.botoxfhir.contract;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Within v1 nothing that a consumer may rely on changes. */
class CompatibilityTest {
  /** The contract of the previous release; docs/CONTRIBUTING.md says when it is replaced. */
  private static final Path PREVIOUS = Path.of("src/test/resources/events/previous");

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Everything that the comparison knows, in one schema. */
  private static final String SCHEMA = """
      {"$id": "https://example.org/made-up", "type": "object", "required": ["report", "urgency", "symptoms"],
       "properties": {
         "report": {"type": "string", "pattern": "^Report/[0-9]+$"},
         "note": {"type": ["string", "null"]},
         "urgency": {"enum": ["emergency", "urgent", "routine"]},
         "grade": {"enum": ["mild", "severe", null]},
         "days": {"type": "integer", "minimum": 0, "maximum": 400},
         "injection": {"oneOf": [{"$ref": "#/$defs/injection"}, {"type": "null"}]},
         "symptoms": {"type": "array", "minItems": 1, "maxItems": 9, "uniqueItems": true,
           "items": {"type": "object", "required": ["code"], "properties": {
             "code": {"type": "string", "minLength": 1, "maxLength": 32}}}}},
       "$defs": {"injection": {"type": "object", "required": ["units"], "properties": {"units": {"type": "number"}}}}}""";

  @Test
  void nothingThatConsumersRelyOnHasChangedSinceThePreviousRelease() {
    assertThat(Compatibility.breaks(EventContract.of(PREVIOUS), EventContract.shipped()))
        .as("breaks consumers; publish it as v2 beside v1 instead")
        .isEmpty();
  }

  @ParameterizedTest(name = "{3}")
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      /properties                  | report      | remove                         | value.report is gone
      /properties/symptoms/items/properties | code | remove                       | value.symptoms[].code is gone
      /$defs/injection/properties  | units       | remove                         | value.injection.units is gone
      ``                           | required    | ["report", "symptoms"]         | value.urgency may be missing now
      /$defs/injection             | required    | []                             | value.injection.units may be missing now
      /properties/report           | type        | ["string", "null"]             | value.report may be null now
      /properties/urgency          | enum        | ["emergency", "urgent", "routine", null] | value.urgency may be null now
      /properties/symptoms/items   | oneOf       | [{"type": "object"}, {"type": "null"}] | value.symptoms[] may be null now
      /properties/report           | type        | "integer"                      | value.report is [integer] now, and was [string]
      /properties/note             | type        | ["string", "number"]           | value.note is [number, string] now, and was [string]
      /properties/report           | type        | remove                         | value.report is [] now, and was [string]
      /properties/urgency          | enum        | ["emergency", "urgent", "routine", "unknown"] | value.urgency may be unknown now, which consumers do not know
      /properties/urgency          | enum        | ["emergency", "urgent"]        | value.urgency is never routine any more, which consumers may wait for
      /properties/urgency          | enum        | remove                         | value.urgency may be anything now
      /properties/report           | pattern     | "^[0-9]+$"                     | value.report follows another pattern now
      /properties/report           | pattern     | remove                         | value.report follows another pattern now
      /properties/days             | minimum     | -1                             | value.days may be less than its minimum was
      /properties/days             | maximum     | remove                         | value.days may be more than its maximum was
      /properties/symptoms         | minItems    | 0                              | value.symptoms may be less than its minItems was
      /properties/symptoms         | maxItems    | 10                             | value.symptoms may be more than its maxItems was
      /properties/symptoms         | uniqueItems | false                          | value.symptoms may hold the same twice now
      /properties/symptoms         | items       | remove                         | value.symptoms[] may be anything now
      /properties/symptoms/items/properties/code | minLength | remove             | value.symptoms[].code may be less than its minLength was
      /properties/symptoms/items/properties/code | maxLength | 33                 | value.symptoms[].code may be more than its maxLength was
      /properties/note             | not         | {"type": "number"}             | value.note uses not, which this comparison does not understand
      /properties/note             | additionalProperties | {"type": "number"}    | value.note uses a schema of additionalProperties, which this comparison does not understand
      """)
  void aBreakIsFoundAndNamesTheProperty(String at, String keyword, String value, String sentence)
      throws JsonProcessingException {
    assertThat(breaks(at, keyword, value)).contains(sentence);
  }

  @ParameterizedTest(name = "{0} {1}: {2}")
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      /properties                  | more        | {"type": "string"}
      /$defs/injection/properties  | more        | {"enum": ["a", "b"]}
      ``                           | required    | ["report", "urgency", "symptoms", "days"]
      ``                           | title       | "another"
      ``                           | additionalProperties | false
      /properties/note             | type        | "string"
      /properties/note             | enum        | ["yes", "no"]
      /properties/note             | pattern     | "^[a-z]*$"
      /properties/days             | minimum     | 1
      /properties/days             | maximum     | 365
      /properties/grade            | enum        | ["severe", "mild"]
      /properties/symptoms         | minItems    | 2
      /properties/injection        | oneOf       | [{"$ref": "#/$defs/injection"}]
      """)
  void anAdditionOrANarrowerPromiseIsNoBreak(String at, String keyword, String value)
      throws JsonProcessingException {
    assertThat(breaks(at, keyword, value)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"symptomReportAmended", "symptomReportSubmitted"})
  void aTypeThatIsNoLongerPublishedIsABreakAndANewOneIsNone(String message, @TempDir Path folder)
      throws IOException {
    try (Stream<Path> files = Files.list(EventContract.FOLDER)) {
      for (Path file : files.toList()) {
        Files.copy(file, folder.resolve(file.getFileName().toString()));
      }
    }
    ObjectNode document = EventContract.shipped().document().deepCopy();
    String type = document.at("/components/messages/" + message + "/name").asText();
    ((ObjectNode) document.at("/channels/symptomReports/messages")).remove(message);
    Files.writeString(folder.resolve("asyncapi.yaml"), JSON.writeValueAsString(document));
    assertThat(Compatibility.breaks(EventContract.shipped(), EventContract.of(folder)))
        .containsExactly(type + " is no longer published on botox.symptom-reports.v1");
    assertThat(Compatibility.breaks(EventContract.of(folder), EventContract.shipped()))
        .isEmpty();
  }

  private static List<String> breaks(String at, String keyword, String value)
      throws JsonProcessingException {
    JsonNode changed = JSON.readTree(SCHEMA);
    var parent = (ObjectNode) changed.at(at);
    if (value.equals("remove")) {
      assertThat(parent.remove(keyword)).as("what is removed").isNotNull();
    } else if (keyword.equals("oneOf")) {
      // Beside what else there is: the alternatives take its place.
      ArrayNode alternatives = (ArrayNode) JSON.readTree(value);
      ObjectNode whole = parent.deepCopy();
      whole.remove("oneOf");
      if (!whole.isEmpty()) {
        alternatives.set(0, whole);
      }
      parent.removeAll();
      parent.set("oneOf", alternatives);
    } else {
      parent.set(keyword, JSON.readTree(value));
    }
    return Compatibility.breaks("value", JSON.readTree(SCHEMA), changed);
  }
}
