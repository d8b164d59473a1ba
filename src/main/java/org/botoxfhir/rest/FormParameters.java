package org.botoxfhir.rest;

import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.tomcat.util.buf.MessageBytes;
import org.apache.tomcat.util.http.InvalidParameterException;
import org.apache.tomcat.util.http.Parameters;
import org.jspecify.annotations.Nullable;

/**
 * Parameters of a search by POST, and of an operation: those of the URL, then those of the body. The container reads both the same
 * way, by the same class; but it reads the body past every filter, and so past the time that a body may take.
 */
final class FormParameters {
  /** The container's own bound on what it parses. */
  static final int MOST_BYTES = 2 << 20;

  private static final int MOST = 1000;

  private FormParameters() {}

  /** @throws InvalidParameterException when a percent-encoding is broken, or there are more than a thousand */
  static Map<String, String[]> parse(@Nullable String query, byte[] body) {
    var parsed = new Parameters();
    parsed.setCharset(StandardCharsets.UTF_8);
    parsed.setQueryStringCharset(StandardCharsets.UTF_8);
    parsed.setLimit(MOST);
    if (query != null) {
      MessageBytes bytes = MessageBytes.newInstance();
      bytes.setString(query);
      parsed.setQuery(bytes);
      parsed.handleQueryParameters();
    }
    if (body.length > 0) {
      parsed.processParameters(body, 0, body.length);
    }
    Map<String, String[]> parameters = new LinkedHashMap<>();
    for (String name : Collections.list(parsed.getParameterNames())) {
      parameters.put(name, parsed.getParameterValues(name));
    }
    return Collections.unmodifiableMap(parameters);
  }
}
