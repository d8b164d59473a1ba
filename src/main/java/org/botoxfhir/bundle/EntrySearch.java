package org.botoxfhir.bundle;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.hl7.fhir.r4.model.Binary;
import org.hl7.fhir.r4.model.Parameters;
import org.hl7.fhir.r4.model.Parameters.ParametersParameterComponent;
import org.hl7.fhir.r4.model.Resource;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST [type]/_search} and {@code POST ...$operation} in a bundle. R4 leaves open how an entry, which holds a resource, holds a form:
 * its parameters stand in the URL, in a Binary that is the form, or in Parameters.
 */
final class EntrySearch {
  /** The whole base, a type, or a compartment. */
  private static final Pattern SEARCH =
      Pattern.compile("/?((?:[^?$]+/)?)_search(?:\\?(.*))?", Pattern.DOTALL);

  private static final Pattern OPERATION =
      Pattern.compile("/?[^?$]*\\$[^/?]+(?:\\?.*)?", Pattern.DOTALL);

  private static final String FORM = "application/x-www-form-urlencoded";

  private EntrySearch() {}

  static boolean isSearch(String url) {
    return SEARCH.matcher(url).matches();
  }

  static boolean isOperation(String url) {
    return OPERATION.matcher(url).matches();
  }

  /** The same search as a URL to be read; empty when the body holds no parameters. */
  static Optional<String> url(String url, @Nullable Resource body) {
    var search = SEARCH.matcher(url);
    if (!search.matches()) {
      throw new IllegalArgumentException("no search: " + url);
    }
    String path = search.group(1);
    String given = search.group(2) == null ? "" : search.group(2);
    return form(body)
        .map(form -> (path.isEmpty() ? "" : path.substring(0, path.length() - 1)) + "?"
            + Stream.of(given, form)
                .filter(part -> !part.isEmpty())
                .collect(Collectors.joining("&")));
  }

  private static Optional<String> form(@Nullable Resource body) {
    return switch (body) {
      case null -> Optional.of("");
      case Binary binary
      when binary.hasData() && isForm(binary.getContentType()) ->
        Optional.of(new String(binary.getData(), StandardCharsets.UTF_8).strip());
      case Parameters parameters -> form(parameters.getParameter());
      default -> Optional.empty();
    };
  }

  private static boolean isForm(@Nullable String contentType) {
    return contentType != null
        && Arrays.stream(contentType.split(";", 2))
            .findFirst()
            .orElse("")
            .strip()
            .equals(FORM);
  }

  private static Optional<String> form(List<ParametersParameterComponent> parameters) {
    boolean simple = parameters.stream()
        .allMatch(one -> one.hasName()
            && one.getValue() != null
            && one.getValue().isPrimitive()
            && one.getValue().primitiveValue() != null);
    return simple
        ? Optional.of(parameters.stream()
            .map(one -> encoded(one.getName()) + "=" + encoded(one.getValue().primitiveValue()))
            .collect(Collectors.joining("&")))
        : Optional.empty();
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
