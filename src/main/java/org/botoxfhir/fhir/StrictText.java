package org.botoxfhir.fhir;

import ca.uhn.fhir.parser.DataFormatException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Letters as they were sent: what is no UTF-8 would be stored as question marks in a patient's name. */
public final class StrictText {
  private StrictText() {}

  /**
   * The text of a body.
   *
   * @return its characters, backed by an array
   * @throws DataFormatException where it is not UTF-8, or begins with a byte order mark
   */
  public static CharBuffer decode(byte[] body) {
    CharBuffer text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body));
    } catch (CharacterCodingException another) {
      throw new DataFormatException("it is not UTF-8");
    }
    if (text.length() > 0 && text.charAt(0) == '\uFEFF') {
      throw new DataFormatException("it begins with a byte order mark; leave that out");
    }
    return text;
  }
}
