package org.botoxfhir.rest;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import org.botoxfhir.fhir.Canonical;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.Fhir.Answer;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/** Holds what is on file against what was sent: the same, but for what a server adds. */
final class StoredAsSent {
  private static final JsonMapper JSON = JsonMapper.builder()
      .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
      .build();

  /** Where the full URLs of the examples are; links to them become relative. */
  private static final String ELSEWHERE = "https://example.org/fhir/";

  /** 1.50 is 1.5: the same number. Half a character cannot be kept. */
  private static final Comparator<JsonNode> SAME = (one, other) -> {
    if (one.isNumber() && other.isNumber()) {
      return one.decimalValue().compareTo(other.decimalValue());
    }
    return one.equals(other)
            || (one.isString() && other.isString() && kept(one).equals(other.asString()))
        ? 0
        : 1;
  };

  private static String kept(JsonNode text) {
    return new String(text.asString().getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
  }

  private final Fhir fhir;

  StoredAsSent(Fhir fhir) {
    this.fhir = fhir;
  }

  /**
   * Compares all that a request stored.
   *
   * @param answer of a request that was carried out
   * @return how many resources were compared
   */
  int compare(String body, Answer answer) {
    JsonNode sent = JSON.readTree(body);
    if (!sent.path("resourceType").asString().equals("Bundle")) {
      if (answer.status() == 201) {
        same(sent, answer.header("Location").substring(fhir.base().toString().length() + 1));
      }
      return answer.status() == 201 ? 1 : 0;
    }
    int compared = 0;
    List<JsonNode> answers = answer.json().path("entry").valueStream().toList();
    for (int i = 0; i < answers.size(); i++) {
      JsonNode resource = sent.path("entry").path(i).path("resource");
      JsonNode location = answers.get(i).at("/response/location");
      boolean existed = answers.get(i).at("/response/status").asString().startsWith("200")
          && sent.path("entry").path(i).at("/request/method").asString().equals("POST");
      if (resource.isObject() && location.isString() && !existed) {
        same(resource, location.asString());
        compared++;
      }
    }
    return compared;
  }

  private void same(JsonNode sent, String location) {
    Answer read = fhir.get(location);
    assertThat(read.status()).as(read.body()).isEqualTo(200);
    JsonNode expected = plain(sent);
    JsonNode stored = plain(JSON.readTree(read.body()));
    assertThat(expected.equals(SAME, stored))
        .as("sent%n%s%nstored%n%s", expected, stored)
        .isTrue();
  }

  /** Without what a server adds. */
  private static JsonNode plain(JsonNode resource) {
    ObjectNode plain = (ObjectNode) resource.deepCopy();
    plain.remove("id");
    if (plain.path("meta") instanceof ObjectNode meta) {
      meta.remove(List.of("versionId", "lastUpdated"));
      if (meta.isEmpty()) {
        plain.remove("meta");
      }
    }
    if (plain.path("extension") instanceof ArrayNode extensions) {
      extensions.removeIf(
          extension -> extension.path("url").asString("").equals(Canonical.TRIAGE_RESULT));
      if (extensions.isEmpty()) {
        plain.remove("extension");
      }
    }
    relative(plain);
    return plain;
  }

  private static void relative(JsonNode node) {
    if (node instanceof ObjectNode object
        && object.path("reference") instanceof StringNode reference
        && reference.asString().startsWith(ELSEWHERE)) {
      object.put("reference", reference.asString().substring(ELSEWHERE.length()));
    }
    node.forEach(StoredAsSent::relative);
  }
}
