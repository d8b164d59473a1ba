package org.botoxfhir.rest;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URLEncoder;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.Fhir.Answer;
import org.botoxfhir.testing.ServiceTest;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** The CapabilityStatement is read as a client reads it, and what it says is tried. */
@ServiceTest
class CapabilitiesTest {
  /** A value of each type of parameter that any search can be asked with. */
  private static final Map<String, String> VALUES = Map.of(
      "token", "urn:x|y",
      "string", "x",
      "date", "2026-01-01",
      "reference", "x",
      "uri", "urn:x",
      "number", "1",
      "quantity", "1||mg");

  @Autowired
  Fhir fhir;

  private JsonNode rest() {
    return fhir.get("metadata").json().at("/rest/0");
  }

  @Test
  void everySearchParameterIsAnswered() {
    List<String> refused = new ArrayList<>();
    int tried = 0;
    for (JsonNode resource : rest().path("resource")) {
      String type = resource.path("type").asString();
      for (JsonNode parameter : resource.path("searchParam")) {
        String name = parameter.path("name").asString();
        String kind = parameter.path("type").asString();
        if (kind.equals("composite") || kind.equals("special")) {
          continue; // these have a language of their own: see SearchLanguageTest
        }
        String value = VALUES.getOrDefault(kind, "x");
        Answer answer = fhir.get("%s?%s=%s&_count=1"
            .formatted(type, name, URLEncoder.encode(value, StandardCharsets.UTF_8)));
        tried++;
        if (answer.status() != 200) {
          refused.add("%s?%s=%s: %s".formatted(type, name, value, answer.body()));
        }
      }
    }
    assertThat(tried).isGreaterThan(500);
    assertThat(refused).isEmpty();
  }

  @Test
  void everyIncludeIsAnswered() {
    for (JsonNode resource : rest().path("resource")) {
      String type = resource.path("type").asString();
      for (String direction : List.of("_include", "_revinclude")) {
        JsonNode includes =
            resource.path(direction.equals("_include") ? "searchInclude" : "searchRevInclude");
        // Thirty at once: each is read and answered as alone, in less than a thousand requests.
        List<String> all = includes.valueStream().map(JsonNode::asString).toList();
        for (int from = 0; from < all.size(); from += 30) {
          String query = all.subList(from, Math.min(all.size(), from + 30)).stream()
              .map(one -> direction + "=" + URLEncoder.encode(one, StandardCharsets.UTF_8))
              .collect(Collectors.joining("&"));
          Answer answer = fhir.get(type + "?_id=nobody&" + query);
          assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        }
      }
    }
  }

  @Test
  void theMethodsOfEachTypeAreThoseOfItsInteractions() {
    for (JsonNode resource : rest().path("resource")) {
      String type = resource.path("type").asString();
      Set<String> codes = resource
          .path("interaction")
          .valueStream()
          .map(one -> one.path("code").asString())
          .collect(Collectors.toSet());
      boolean audit = type.equals("AuditEvent"); // out of a log, which has no versions
      assertThat(codes)
          .as(type)
          .contains("read", "search-type")
          .matches(any ->
              audit || codes.containsAll(Set.of("vread", "history-instance", "history-type")));
      assertThat(allowed(type).contains("POST")).as(type).isEqualTo(codes.contains("create"));
      List<String> ofInstance = allowed(type + "/nobody");
      assertThat(ofInstance.contains("PUT")).as(type).isEqualTo(codes.contains("update"));
      assertThat(ofInstance.contains("PATCH")).as(type).isEqualTo(codes.contains("patch"));
      assertThat(ofInstance.contains("DELETE")).as(type).isEqualTo(codes.contains("delete"));
      assertThat(allowed(type).contains("PUT"))
          .as(type)
          .isEqualTo(resource.path("conditionalUpdate").asBoolean(false));
      assertThat(fhir.get(type + "/nobody").status()).as(type).isEqualTo(404);
      assertThat(fhir.get(type + "/nobody/_history/1").status()).as(type).isEqualTo(404);
      assertThat(fhir.get(type + "/_history?_count=1").status())
          .as(type)
          .isEqualTo(audit ? 404 : 200);
      for (JsonNode operation : resource.path("operation")) {
        String name = operation.path("name").asString();
        String definition = operation.path("definition").asString();
        assertThat(definition).startsWith("https://botoxfhir.org/fhir/OperationDefinition/");
        JsonNode described = fhir.get(definition.substring("https://botoxfhir.org/fhir/".length()))
            .json();
        assertThat(described.path("code").asString()).as(definition).isEqualTo(name);
        assertThat(described.path("resource").toString())
            .as(definition)
            .containsAnyOf("\"Resource\"", "\"" + type + "\"");
        assertThat(isThere(type + "/$" + name) || isThere(type + "/nobody/$" + name))
            .as(type + " " + name)
            .isTrue();
      }
    }
  }

  @Test
  void theSystemSaysWhatItDoes() {
    Set<String> codes = rest()
        .path("interaction")
        .valueStream()
        .map(one -> one.path("code").asString())
        .collect(Collectors.toSet());
    assertThat(codes)
        .containsExactlyInAnyOrder("transaction", "batch", "history-system", "search-system");
    assertThat(allowed("")).contains("POST", "GET");
    assertThat(allowed("_history")).contains("GET");
  }

  private boolean isThere(String path) {
    return fhir.send("OPTIONS", path, BodyPublishers.noBody()).status() == 204;
  }

  private List<String> allowed(String path) {
    Answer answer = fhir.send("OPTIONS", path, BodyPublishers.noBody());
    assertThat(answer.status()).as(path).isEqualTo(204);
    return Arrays.asList(answer.header("Allow").split(", "));
  }
}
