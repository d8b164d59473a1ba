package org.botoxfhir.contract;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SpecVersion.VersionFlag;
import com.networknt.schema.ValidationMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.DefaultValue;

/** The AsyncAPI document is one, and complete. */
class AsyncApiTest {
  private static final JsonSchema ASYNCAPI = JsonSchemaFactory.getInstance(VersionFlag.V7)
      .getSchema(
          EventContract.json(Path.of("src/test/resources/asyncapi/asyncapi-3.0.0.schema.json")));

  private final EventContract contract = EventContract.shipped();

  @Test
  void itIsValidAsyncApiThree() {
    assertThat(errors(contract.document())).isEmpty();
  }

  @Test
  void whatIsNoValidAsyncApiIsFound() {
    ObjectNode document = contract.document().deepCopy();
    ((ObjectNode) document.at("/operations/publishSymptomReports")).put("action", "publish");
    assertThat(errors(document)).isNotEmpty();

    document = contract.document().deepCopy();
    ((ObjectNode) document.at("/channels/symptomReports")).put("adress", "made-up");
    assertThat(errors(document)).isNotEmpty();

    document = contract.document().deepCopy();
    ((ObjectNode) document.at("/components/messageTraits/aboutAPatient/bindings/kafka"))
        .put("kee", "made-up");
    assertThat(errors(document)).isNotEmpty();
  }

  @Test
  void everyReferenceLeadsSomewhere() {
    List<String> references = contract.document().findValuesAsText("$ref");
    assertThat(references).isNotEmpty();
    for (String reference : references) {
      if (reference.startsWith("#/")) {
        assertThat(contract.document().at(reference.substring(1)).isMissingNode())
            .as(reference)
            .isFalse();
      } else {
        assertThat(EventContract.FOLDER.resolve(reference)).exists();
      }
    }
  }

  @Test
  void everySchemaFileIsTheValueOfAMessageAndIsJsonSchema202012() throws IOException {
    try (Stream<Path> files = Files.list(EventContract.FOLDER)) {
      List<String> schemas = files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".schema.json"))
          .toList();
      assertThat(contract.schemas()).containsExactlyInAnyOrderElementsOf(schemas);
    }
    JsonSchema metaSchema = JsonSchemaFactory.getInstance(VersionFlag.V202012)
        .getSchema(SchemaLocation.of("https://json-schema.org/draft/2020-12/schema"));
    for (String schema : contract.schemas()) {
      JsonNode content = EventContract.json(EventContract.FOLDER.resolve(schema));
      assertThat(content.path("$schema").asText())
          .isEqualTo("https://json-schema.org/draft/2020-12/schema");
      assertThat(metaSchema.validate(content)).as(schema).isEmpty();
    }
  }

  @Test
  void everyChannelIsPublishedByAnOperationUnderItsOwnName() {
    JsonNode document = contract.document();
    List<String> published = document.path("operations").findValues("channel").stream()
        .map(channel -> channel.path("$ref").asText().replace("#/channels/", ""))
        .toList();
    assertThat(document.path("channels").propertyStream().map(Map.Entry::getKey))
        .containsExactlyInAnyOrderElementsOf(published);
    document
        .path("channels")
        .forEach(channel ->
            assertThat(channel.at("/bindings/kafka/topic")).isEqualTo(channel.path("address")));
  }

  @Test
  void everyMessageIsNamedAfterItsTypeAndHasAKeyAndHeaders() {
    contract
        .messages()
        .forEach((topic, types) -> types.forEach((type, message) -> {
          assertThat(message.headers().at("/properties/ce_type/const").asText()).isEqualTo(type);
          assertThat(message.headers().path("required")).as(type).isNotEmpty();
          assertThat(message.key().path("pattern").asText()).as(type).isNotEmpty();
          assertThat(message.value().path("required")).as(type).isNotEmpty();
        }));
  }

  @Test
  void theTopicsThatTheServiceLooksForAtItsStartAreThoseOfTheDocument() throws Exception {
    List<String> topics = Stream.of(Class.forName("org.botoxfhir.kafka.KafkaSettings")
            .getDeclaredConstructors()[0]
            .getParameters())
        .filter(parameter -> parameter.getName().equals("topics"))
        .flatMap(
            parameter -> Stream.of(parameter.getAnnotation(DefaultValue.class).value()))
        .toList();
    assertThat(topics).containsExactlyInAnyOrderElementsOf(contract.messages().keySet());
    assertThat(contract.deadLetters().keySet())
        .containsExactlyInAnyOrderElementsOf(
            topics.stream().map(topic -> topic + ".dlq").toList());
  }

  private static List<String> errors(JsonNode document) {
    return ASYNCAPI.validate(document).stream()
        .map(ValidationMessage::getMessage)
        .toList();
  }
}
