package org.botoxfhir.fhir;

import java.math.BigDecimal;

/**
 * Finds numbers in JSON that no parser should be given: {@code 1e999999999} is eleven characters, and the digits of a gigabyte once
 * {@link BigDecimal#toPlainString} has written it out. A number that was stored so could not be read back either. On the way it tells how deep objects and lists are nested.
 */
public final class JsonNumbers {
  /** What the parser of the model reads. */
  private static final int LONGEST = 1000;

  private static final int EXPONENT_DIGITS = 3;

  private boolean text;
  private boolean escaped;
  private boolean exponent;
  private int length;
  private int exponentDigits;
  private int depth;

  /**
   * Takes the next character, or the next byte of UTF-8.
   *
   * @return whether a number up to here is longer than 1000 characters, or its exponent than three digits
   */
  public boolean isTooLarge(int next) {
    if (text) {
      text = escaped || next != '"';
      escaped = !escaped && next == '\\';
      return false;
    }
    if (next >= '0' && next <= '9') {
      length++;
      exponentDigits += exponent ? 1 : 0;
      return length > LONGEST || exponentDigits > EXPONENT_DIGITS;
    }
    if (length > 0 && (next == 'e' || next == 'E')) {
      exponent = true;
      length++;
    } else if (next == '.' || next == '-' || next == '+') {
      length++;
    } else {
      text = next == '"';
      depth += next == '{' || next == '[' ? 1 : next == '}' || next == ']' ? -1 : 0;
      exponent = false;
      length = 0;
      exponentDigits = 0;
    }
    return false;
  }

  /** Objects and lists that are open after what was taken so far. */
  public int depth() {
    return depth;
  }

  /** Whether JSON holds such a number. */
  public static boolean anyTooLarge(String json) {
    var numbers = new JsonNumbers();
    for (int i = 0; i < json.length(); i++) {
      if (numbers.isTooLarge(json.charAt(i))) {
        return true;
      }
    }
    return false;
  }
}
