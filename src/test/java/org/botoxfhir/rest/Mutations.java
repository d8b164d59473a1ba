package org.botoxfhir.rest;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;

/** What chance makes of valid requests. */
final class Mutations {
  private static final Pattern VALUE = Pattern.compile(": (\"[^\"]*\"|[0-9.]+|true|false)");

  private Mutations() {}

  /** A cut, a doubled piece or an odd character. */
  static String ofText(String text, Random random) {
    int at = random.nextInt(text.length());
    int to = Math.min(text.length(), at + 1 + random.nextInt(12));
    String odd = "'%_*|,$:;\\=&-.\u0000\u00e9()<>[]{}0";
    return switch (random.nextInt(3)) {
      case 0 -> text.substring(0, at) + text.substring(to);
      case 1 -> text.substring(0, to) + text.substring(at);
      default ->
        text.substring(0, at) + odd.charAt(random.nextInt(odd.length())) + text.substring(to);
    };
  }

  /** What Java's client would refuse to send; as bytes it is ProtocolTest's. */
  static String encodedOddities(String path) {
    StringBuilder encoded = new StringBuilder();
    for (char c : path.toCharArray()) {
      boolean plain =
          c < 0x7f && (Character.isLetterOrDigit(c) || "?&=:/,$._-*'()".indexOf(c) >= 0);
      encoded.append(
          plain
              ? Character.toString(c)
              : URLEncoder.encode(Character.toString(c), StandardCharsets.UTF_8));
    }
    return encoded.toString();
  }

  /** One to three changes: a cut, a lost or doubled piece, an odd character, number, date or word in place of a value. */
  static String ofBody(String example, String secret, Random random) {
    List<String> odd = List.of(
        "\"\\u0000\"",
        "\"\\ud800\"",
        "1e999999999",
        "-1",
        "null",
        "[]",
        "{}",
        "true",
        "\"\"",
        "\"0000-01-01\"",
        "\"9999-12-31T23:59:59-12:00\"",
        "\"#x\"",
        "\"" + secret + "\\u0001\"",
        "[[1]]",
        "\"Patient/..\"",
        "\"urn:uuid:\"",
        "\"%zz\"",
        "\"'; --\"",
        "\"" + "y".repeat(9000) + "\"");
    String text = example;
    for (int change = 0; change <= random.nextInt(3); change++) {
      int at = random.nextInt(text.length());
      int to = Math.min(text.length(), at + 1 + random.nextInt(40));
      text = switch (random.nextInt(6)) {
        case 0 -> text.substring(0, at) + text.substring(to);
        case 1 -> text.substring(0, to) + text.substring(at);
        case 2 -> random.nextInt(5) == 0 ? text.substring(0, at) : text;
        default -> {
          var values = new ArrayList<int[]>();
          var matcher = VALUE.matcher(text);
          while (matcher.find()) {
            values.add(new int[] {matcher.start(1), matcher.end(1)});
          }
          if (values.isEmpty()) {
            yield text;
          }
          int[] value = values.get(random.nextInt(values.size()));
          yield text.substring(0, value[0])
              + odd.get(random.nextInt(odd.size()))
              + text.substring(value[1]);
        }
      };
    }
    return text;
  }

  /** The type of an example. */
  static String typeOf(String example) {
    int at = example.indexOf("\"resourceType\": \"") + "\"resourceType\": \"".length();
    return example.substring(at, example.indexOf('"', at));
  }
}
