package org.botoxfhir.search;

import java.util.ArrayList;
import java.util.List;

/**
 * The text of search values. A comma separates alternatives, a dollar sign the parts of a composite, a bar system and code; a backslash
 * before one of them makes it part of the value (<a href="https://hl7.org/fhir/R4/search.html#escaping">R4 search, 3.1.1.4.1.1</a>).
 */
final class SearchValues {
  private SearchValues() {}

  /** The alternatives of a value, still escaped; empty ones are left out. */
  static List<String> alternatives(String value) {
    return split(value, ',').stream().filter(part -> !part.isEmpty()).toList();
  }

  /** The parts between the separators, still escaped. */
  static List<String> split(String value, char separator) {
    List<String> parts = new ArrayList<>();
    StringBuilder part = new StringBuilder();
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '\\' && i + 1 < value.length()) {
        part.append(c).append(value.charAt(++i));
      } else if (c == separator) {
        parts.add(part.toString());
        part.setLength(0);
      } else {
        part.append(c);
      }
    }
    parts.add(part.toString());
    return parts;
  }

  /** What stands for itself. */
  static String unescape(String value) {
    if (value.indexOf('\\') < 0) {
      return value;
    }
    StringBuilder plain = new StringBuilder();
    for (int i = 0; i < value.length(); i++) {
      if (value.charAt(i) == '\\' && i + 1 < value.length()) {
        i++;
      }
      plain.append(value.charAt(i));
    }
    return plain.toString();
  }
}
