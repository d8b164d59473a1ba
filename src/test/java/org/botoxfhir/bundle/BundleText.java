package org.botoxfhir.bundle;

import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import org.botoxfhir.testing.Fhir.Answer;
import tools.jackson.databind.JsonNode;

/** Bundles as tests write them, and what comes back. */
final class BundleText {
  static final String MRN = "https://example.org/bundles-test";

  private BundleText() {}

  static String bundle(String type, List<String> entries) {
    return "{\"resourceType\":\"Bundle\",\"type\":\"%s\",\"entry\":[%s]}"
        .formatted(type, entries.stream().collect(Collectors.joining(",")));
  }

  static String transaction(String... entries) {
    return bundle("transaction", List.of(entries));
  }

  static String batch(String... entries) {
    return bundle("batch", List.of(entries));
  }

  /** @param more members of the request, e.g. {@code ,"ifMatch":"..."} */
  static String entry(String method, String url, String more, String resource) {
    return "{%s\"request\":{\"method\":\"%s\",\"url\":\"%s\"%s}}"
        .formatted(resource.isEmpty() ? "" : "\"resource\":" + resource + ",", method, url, more);
  }

  static String entry(String method, String url) {
    return entry(method, url, "", "");
  }

  /** @param elements beside identifier, each after a comma */
  static String patient(String identifier, String elements) {
    return "{\"resourceType\":\"Patient\",\"identifier\":[{\"system\":\"%s\",\"value\":\"%s\"}]%s}"
        .formatted(MRN, identifier, elements);
  }

  static String withId(String resource, String id) {
    return resource.replaceFirst("\\{", "{\"id\":\"%s\",".formatted(id));
  }

  static String criteria(String identifier) {
    return "Patient?identifier=%s|%s".formatted(MRN, identifier);
  }

  static String jsonPatch(String operations) {
    return "{\"resourceType\":\"Binary\",\"contentType\":\"application/json-patch+json\",\"data\":\"%s\"}"
        .formatted(Base64.getEncoder()
            .encodeToString(operations.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
  }

  static String fhirPathPatch(String type, String path, String more) {
    return """
        {"resourceType":"Parameters","parameter":[{"name":"operation","part":[{"name":"type","valueCode":"%s"},
          {"name":"path","valueString":"%s"}%s]}]}""".formatted(type, path, more);
  }

  static List<String> statuses(Answer answer) {
    return answer
        .json()
        .path("entry")
        .valueStream()
        .map(entry -> entry.at("/response/status").asString())
        .toList();
  }

  static JsonNode entry(Answer answer, int index) {
    return answer.json().path("entry").path(index);
  }

  /** Type and id of what an entry is stored as. */
  static String stored(Answer answer, int index) {
    return entry(answer, index)
        .at("/response/location")
        .asString()
        .replaceFirst("/_history/.*", "");
  }
}
