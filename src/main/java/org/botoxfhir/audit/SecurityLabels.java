package org.botoxfhir.audit;

import java.util.List;
import org.botoxfhir.fhir.StoredJson;
import org.botoxfhir.store.StoredVersion;
import tools.jackson.databind.JsonNode;

/** The security labels of a version, read from its JSON. */
final class SecurityLabels {
  private SecurityLabels() {}

  /** Each as {@code system|code}, without white space. */
  static List<String> of(StoredVersion version) {
    return StoredJson.read(version.content())
        .at("/meta/security")
        .valueStream()
        .map(SecurityLabels::label)
        .toList();
  }

  private static String label(JsonNode label) {
    String text = label.path("system").asString("") + "|" + label.path("code").asString("");
    return text.replaceAll("[\\s\\p{Cntrl}]", "_");
  }
}
