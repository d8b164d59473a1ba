package org.botoxfhir.search;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.commons.codec.language.DoubleMetaphone;
import org.hl7.fhir.instance.model.api.IBase;
import org.hl7.fhir.r4.model.HumanName;
import org.hl7.fhir.r4.model.PrimitiveType;

/**
 * How names sound, for the search parameter {@code phonetic}, whose algorithm R4 leaves open: Double Metaphone, which knows the sounds of
 * Germanic, Romance and Slavic names in Latin letters. A word without such letters sounds as it is written.
 */
final class Phonetics {
  /** A change of how names become sounds changes it, so that rows on file are made anew. */
  static final String VERSION = "double-metaphone 1";

  private static final DoubleMetaphone ALGORITHM = new DoubleMetaphone();

  /** Letters that are no letter with a mark, as others write them. */
  private static final Map<String, String> LETTERS = Map.of(
      "\u00df", "ss", "\u00e6", "ae", "\u0153", "oe", "\u00f8", "o", "\u0142", "l", "\u0111", "d",
      "\u00f0", "d", "\u00fe", "th", "\u0131", "i");

  private Phonetics() {}

  /** The sounds of a name: family and given names, or its text where it has neither; of anything else the text. */
  static Set<String> codes(IBase name) {
    List<String> texts = new ArrayList<>();
    switch (name) {
      case HumanName human
      when human.hasFamily() || human.hasGiven() -> {
        if (human.hasFamily()) {
          texts.add(human.getFamily());
        }
        human.getGiven().stream()
            .filter(PrimitiveType::hasValue)
            .forEach(given -> texts.add(given.getValue()));
      }
      case HumanName human when human.hasText() -> texts.add(human.getText());
      case PrimitiveType<?> text when text.hasValue() -> texts.add(text.getValueAsString());
      default -> {
        // nothing to be called by
      }
    }
    Set<String> codes = new LinkedHashSet<>();
    texts.forEach(text -> words(text).forEach(word -> codes.addAll(codes(word))));
    return codes;
  }

  /** The words of a text, folded. */
  static List<String> words(String text) {
    return Arrays.stream(Folding.fold(text).split("[^\\p{L}\\p{N}]+", -1))
        .filter(word -> !word.isEmpty())
        .toList();
  }

  /** The sounds of a folded word: often one, sometimes two. */
  static Set<String> codes(String word) {
    Set<String> codes = new LinkedHashSet<>();
    String latin = word;
    for (Map.Entry<String, String> letter : LETTERS.entrySet()) {
      latin = latin.replace(letter.getKey(), letter.getValue());
    }
    for (boolean alternate : new boolean[] {false, true}) {
      String code = ALGORITHM.doubleMetaphone(latin, alternate);
      codes.add(code == null || code.isEmpty() ? word : code);
    }
    return codes;
  }
}
