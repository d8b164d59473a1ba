package org.botoxfhir.search;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where the values of a search parameter stand in the stored JSON, as SQL/JSON paths, for the rare searches that read what no index
 * row holds.
 */
final class JsonPaths {
  private static final String NAME = "[A-Za-z]+(?:\\.[A-Za-z]+)+";

  /** {@code (Observation.value as Quantity)}, {@code Condition.onset.as(Age)}: the JSON property is {@code valueQuantity}. */
  private static final Pattern OF_TYPE =
      Pattern.compile("\\(?(" + NAME + ")(?: as |\\.as\\()([A-Za-z]+)\\)((?:\\.[A-Za-z]+)*)");

  private static final Pattern WHERE_EQUALS =
      Pattern.compile("(" + NAME + ")\\.where\\(([A-Za-z]+)='([A-Za-z0-9-]+)'\\)");

  private JsonPaths() {}

  /**
   * @param alternatives FHIRPath of the values
   * @return empty when one of them is more than a path to an element
   */
  static Optional<List<String>> of(List<String> alternatives) {
    List<String> paths = new ArrayList<>();
    for (String alternative : alternatives) {
      Matcher ofType = OF_TYPE.matcher(alternative);
      Matcher where = WHERE_EQUALS.matcher(alternative);
      if (alternative.matches(NAME)) {
        paths.add(path(alternative));
      } else if (ofType.matches()) {
        String datatype = ofType.group(2);
        paths.add(path(ofType.group(1))
            + Character.toUpperCase(datatype.charAt(0))
            + datatype.substring(1)
            + ofType.group(3));
      } else if (where.matches()) {
        paths.add("%s ? (@.%s == \"%s\")"
            .formatted(path(where.group(1)), where.group(2), where.group(3)));
      } else {
        return Optional.empty();
      }
    }
    return Optional.of(paths);
  }

  /** Without the type in front, which may also be that of all resources. */
  private static String path(String name) {
    return "$" + name.substring(name.indexOf('.'));
  }
}
