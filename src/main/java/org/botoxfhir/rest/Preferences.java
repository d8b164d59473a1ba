package org.botoxfhir.rest;

import ca.uhn.fhir.rest.api.server.RequestDetails;
import ca.uhn.fhir.rest.server.servlet.ServletRequestDetails;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the client prefers, as header {@code Prefer} says (RFC 7240; R4 http.html#ops, search.html#errors). The one reader of the header:
 * it leaves HAPI, which looks into it too, what it understood. What is not known here, {@code respond-async} among it, is no
 * preference and no error.
 *
 * @param returned what a write is answered with; null when the client does not say
 * @param handling what becomes of search parameters that are not understood; null when the client does not say
 */
record Preferences(@Nullable Returned returned, @Nullable Handling handling) {
  private static final String PREFER = "Prefer";

  /** Tells the client which preference counted (RFC 7240, 3). */
  static final String APPLIED = "Preference-Applied";

  /** R4 http.html#ops. */
  enum Returned {
    MINIMAL("return=minimal"),
    REPRESENTATION("return=representation"),
    OPERATION_OUTCOME("return=OperationOutcome");

    private final String text;

    Returned(String text) {
      this.text = text;
    }
  }

  /** R4 search.html#errors. */
  enum Handling {
    STRICT("handling=strict"),
    LENIENT("handling=lenient");

    private final String text;

    Handling(String text) {
      this.text = text;
    }
  }

  static Preferences of(RequestDetails request) {
    List<String> headers = request.getHeaders(PREFER);
    return headers == null || headers.isEmpty() ? new Preferences(null, null) : of(headers);
  }

  /**
   * The first of each preference counts. Names and values are read whatever their case, values also in quotes; what stands behind a
   * semicolon is read like a preference of its own, as these have no parameters and some clients separate them so.
   *
   * @param headers values of each {@code Prefer} of a request
   */
  static Preferences of(List<String> headers) {
    Map<String, String> first = new HashMap<>();
    for (String one : split(String.join(",", headers))) {
      int equals = one.indexOf('=');
      String name = (equals < 0 ? one : one.substring(0, equals)).strip().toLowerCase(Locale.ROOT);
      String value = equals < 0 ? "" : unquoted(one.substring(equals + 1).strip());
      first.putIfAbsent(name, name + "=" + value);
    }
    String returned = first.getOrDefault("return", "");
    String handling = first.getOrDefault("handling", "");
    return new Preferences(
        Stream.of(Returned.values())
            .filter(one -> one.text.equalsIgnoreCase(returned))
            .findFirst()
            .orElse(null),
        Stream.of(Handling.values())
            .filter(one -> one.text.equalsIgnoreCase(handling))
            .findFirst()
            .orElse(null));
  }

  /** What commas and semicolons separate that stand in no quotes. */
  private static List<String> split(String text) {
    List<String> parts = new ArrayList<>();
    StringBuilder part = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (quoted && c == '\\' && i + 1 < text.length()) {
        part.append(c).append(text.charAt(++i));
        continue;
      }
      quoted ^= c == '"';
      if (!quoted && (c == ',' || c == ';')) {
        parts.add(part.toString());
        part.setLength(0);
      } else {
        part.append(c);
      }
    }
    parts.add(part.toString());
    return parts;
  }

  private static String unquoted(String value) {
    return value.length() > 1 && value.startsWith("\"") && value.endsWith("\"")
        ? value.substring(1, value.length() - 1).replaceAll("\\\\(.)", "$1")
        : value;
  }

  boolean lenient() {
    return handling == Handling.LENIENT;
  }

  boolean prefers(Returned one) {
    return returned == one;
  }

  /** Leaves these preferences as the header, for HAPI. */
  void leaveTo(RequestDetails request) {
    if (request.getHeader(PREFER) != null) {
      request.setHeaders(
          PREFER,
          List.of(Stream.of(
                  returned == null ? "" : returned.text, handling == null ? "" : handling.text)
              .filter(text -> !text.isEmpty())
              .collect(Collectors.joining(", "))));
    }
  }

  /** The same, but for what a write is answered with. */
  Preferences withReturned(Returned other) {
    return new Preferences(other, handling);
  }

  /** Tells the client that its preference for the answer of a write counted. */
  void returnedAsPreferred(RequestDetails request) {
    if (returned != null) {
      applied(request, returned.text);
    }
  }

  /** Tells the client that its preference for search parameters that are not understood counted. */
  void handledAsPreferred(RequestDetails request) {
    if (handling != null) {
      applied(request, handling.text);
    }
  }

  /** What an entry of a bundle applies is said of the whole answer once. */
  private static void applied(RequestDetails request, String preference) {
    if (request instanceof ServletRequestDetails servlet
        && !servlet.getServletResponse().getHeaders(APPLIED).contains(preference)) {
      servlet.getServletResponse().addHeader(APPLIED, preference);
    }
  }
}
