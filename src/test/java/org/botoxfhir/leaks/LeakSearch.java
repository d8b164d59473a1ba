package org.botoxfhir.leaks;

import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds values in text as whole words: in any case, with or without accents, also as a URL or JSON writes them. References, such as {@code
 * Patient/1}, are no such text: they may be anywhere, and some tests name their records like their patients.
 */
final class LeakSearch {
  private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{N}]+");
  private static final Pattern ACCENTS = Pattern.compile("\\p{M}+");
  private static final Pattern ESCAPE =
      Pattern.compile("(?:%[0-9A-Fa-f]{2})+|\\\\u([0-9A-Fa-f]{4})");

  private static final Pattern REFERENCE =
      Pattern.compile("\\b[A-Z][A-Za-z]+/[A-Za-z0-9.-]{1,64}(?:/_history/[A-Za-z0-9.-]{1,64})?");

  /** Values as {@link #folded}, by their first word. */
  private final Map<String, List<Value>> values = new HashMap<>();

  private record Value(String folded, String written) {}

  LeakSearch(Collection<String> sought) {
    for (String written : sought) {
      String folded = folded(written);
      Matcher first = WORD.matcher(folded);
      if (first.find()) {
        // What stands before the first word and after the last one is of no matter.
        String value = folded.substring(first.start()).replaceFirst("[^\\p{L}\\p{N}]+$", "");
        values
            .computeIfAbsent(first.group(), word -> new ArrayList<>())
            .add(new Value(value, written));
      }
    }
  }

  /** The values that stand in the text, as they were given. */
  Set<String> in(String text) {
    Set<String> found = new TreeSet<>();
    String bare = REFERENCE.matcher(text).replaceAll(" ");
    find(folded(bare), found);
    String unescaped = unescaped(bare);
    if (!unescaped.equals(bare)) {
      find(folded(unescaped), found);
    }
    return found;
  }

  private void find(String text, Set<String> found) {
    Matcher words = WORD.matcher(text);
    while (words.find()) {
      for (Value value : values.getOrDefault(words.group(), List.of())) {
        if (text.startsWith(value.folded(), words.start())
            && endsWord(text, words.start() + value.folded().length())) {
          found.add(value.written());
        }
      }
    }
  }

  /** A date may be followed by a {@code T} with the time. */
  private static boolean endsWord(String text, int end) {
    return end == text.length()
        || !(Character.isDigit(text.charAt(end - 1))
            ? Character.isDigit(text.charAt(end))
            : Character.isLetterOrDigit(text.charAt(end)));
  }

  private static String folded(String text) {
    String one = text;
    if (!Normalizer.isNormalized(text, Normalizer.Form.NFD)) {
      one = ACCENTS.matcher(Normalizer.normalize(text, Normalizer.Form.NFD)).replaceAll("");
    }
    return one.toLowerCase(Locale.ROOT);
  }

  private static String unescaped(String text) {
    return ESCAPE.matcher(text).replaceAll(LeakSearch::unescaped);
  }

  private static String unescaped(MatchResult escape) {
    String hex = escape.group(1);
    if (hex != null) {
      return Matcher.quoteReplacement(Character.toString((char) Integer.parseInt(hex, 16)));
    }
    byte[] bytes = HexFormat.of().parseHex(escape.group().replace("%", ""));
    return Matcher.quoteReplacement(new String(bytes, StandardCharsets.UTF_8));
  }
}
