package org.botoxfhir.rest;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import org.botoxfhir.search.Cursors;
import org.botoxfhir.search.SearchQuery.Position;
import org.botoxfhir.search.SearchQuery.Used;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.web.util.UriUtils;

/** Links from page to page: the next link repeats the request and adds {@code _cursor}, where the page ended. */
@Component
final class PageLinks {
  private static final String CURSOR = "_cursor";

  private final Cursors cursors;

  PageLinks(Cursors cursors) {
    this.cursors = cursors;
  }

  /**
   * The link to the first page, showing what was used of the parameters.
   *
   * @param path relative to the base, e.g. {@code Procedure} or {@code Patient/1/_history}
   */
  static String self(String base, String path, List<Used> used) {
    return base + "/" + path + (used.isEmpty() ? "" : "?" + text(used));
  }

  /** The link to the page behind a position; null where there is none. */
  @Nullable
  String next(String base, String path, List<Used> used, @Nullable Position position) {
    return position == null
        ? null
        : self(base, path, used) + (used.isEmpty() ? "?" : "&") + CURSOR + "="
            + cursors.cursor(path, used, position);
  }

  /** The parameters without the one that the link to a further page adds. */
  static List<Used> withoutCursor(List<Used> given) {
    return given.stream().filter(one -> !one.name().equals(CURSOR)).toList();
  }

  /**
   * Where the page begins that a link of {@link #next} leads to; null for the first page.
   *
   * @param given all parameters of the request
   * @param used those that the links repeat
   */
  @Nullable
  Position position(String path, List<Used> used, List<Used> given) {
    return given.stream()
        .filter(one -> one.name().equals(CURSOR))
        .map(one -> cursors.position(path, used, one.value()))
        .findFirst()
        .orElse(null);
  }

  private static String text(List<Used> used) {
    return used.stream()
        .map(u -> UriUtils.encode(u.name(), StandardCharsets.UTF_8) + "="
            + UriUtils.encode(u.value(), StandardCharsets.UTF_8))
        .collect(Collectors.joining("&"));
  }
}
