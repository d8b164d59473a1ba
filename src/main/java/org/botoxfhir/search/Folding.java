package org.botoxfhir.search;

import java.text.Normalizer;
import java.util.Locale;
import java.util.regex.Pattern;

/** How strings compare in a search: without case, accents and runs of white space. */
final class Folding {
  /** Longest folded text that is kept and compared; more would not fit the index. */
  private static final int LENGTH = 200;

  private static final Pattern MARKS = Pattern.compile("\\p{M}+");
  private static final Pattern SPACES = Pattern.compile("\\s+");

  private Folding() {}

  static String fold(String text) {
    String plain = text.chars().allMatch(c -> c < 128)
        ? text
        : MARKS.matcher(Normalizer.normalize(text, Normalizer.Form.NFD)).replaceAll("");
    return cut(SPACES.matcher(plain.toLowerCase(Locale.ROOT)).replaceAll(" ").strip());
  }

  /** As much of a text as the index keeps. */
  static String cut(String text) {
    if (text.length() <= LENGTH) {
      return text;
    }
    // Not in the middle of a surrogate pair, which PostgreSQL would refuse.
    return text.substring(
        0, Character.isHighSurrogate(text.charAt(LENGTH - 1)) ? LENGTH - 1 : LENGTH);
  }
}
