package org.botoxfhir.rest;

import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The id by which a request is found in logs and in the audit log: the client's own where it is plain, else a new one. */
final class RequestIds {
  static final String HEADER = "X-Request-Id";

  /** Field of each log line that is written for the request. */
  static final String LOGGED = "requestId";

  /** Nothing that a log, a header or a search would have to escape. */
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9._:-]{1,64}");

  private RequestIds() {}

  /** @param given header of the request; null when it has none */
  static String of(@Nullable String given) {
    return given != null && PLAIN.matcher(given).matches() ? given : made();
  }

  /** Nobody has to be unable to guess it: 128 bits of the cheap kind. */
  private static String made() {
    var random = ThreadLocalRandom.current();
    HexFormat hex = HexFormat.of();
    return hex.toHexDigits(random.nextLong()) + hex.toHexDigits(random.nextLong());
  }
}
