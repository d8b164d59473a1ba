package org.botoxfhir.terminology;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Whether a text is in the language that is asked for. */
final class Languages {
  private Languages() {}

  /** {@code de} asks for {@code de} and {@code de-CH}; RFC 4647, basic filtering. @param tag of the text, if it has one */
  static boolean fits(String asked, @Nullable String tag) {
    if (tag == null) {
      return false;
    }
    String wanted = asked.toLowerCase(Locale.ROOT);
    String has = tag.toLowerCase(Locale.ROOT);
    return has.equals(wanted) || has.startsWith(wanted + "-");
  }
}
