package org.botoxfhir.audit;

import java.util.List;
import org.botoxfhir.store.StoredVersion;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The security labels of a version, read from its JSON. */
final class SecurityLabels {
  /** Takes whatever the body limit let in. */
  private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
          .streamReadConstraints(StreamReadConstraints.builder()
              .maxNestingDepth(Integer.MAX_VALUE)
              .maxStringLength(Integer.MAX_VALUE)
              .maxNumberLength(Integer.MAX_VALUE)
              .build())
          .build())
      .build();

  private SecurityLabels() {}

  /** Each as {@code system|code}, without white space. */
  static List<String> of(StoredVersion version) {
    return JSON.readTree(version.content())
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
