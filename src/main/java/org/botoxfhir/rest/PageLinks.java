package org.botoxfhir.rest;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.botoxfhir.search.Cursors;
import org.botoxfhir.search.SearchQuery.Position;
import org.botoxfhir.search.SearchQuery.Used;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.web.util.UriUtils;

/** Links from page to page: those to other pages repeat the request and add {@code _cursor}, where that page begins or ends. */
@Component
final class PageLinks {
  static final String CURSOR = "_cursor";

  private final Cursors cursors;

  PageLinks(Cursors cursors) {
    this.cursors = cursors;
  }

  /**
   * The links of a page, from relation to URL; {@code first} only where there are several pages.
   *
   * @param path what is asked, relative to the base, e.g. {@code Procedure}
   * @param used the parameters that were used
   * @param from where this page begins or ends; null for the first
   * @param previous where the page before ends; null when there is none
   * @param next where the next page begins; null when there is none
   */
  Map<String, String> of(
      String base,
      String path,
      List<Used> used,
      @Nullable Position from,
      @Nullable Position previous,
      @Nullable Position next) {
    String first =
        base + (path.isEmpty() ? "" : "/" + path) + (used.isEmpty() ? "" : "?" + text(used));
    Map<String, String> links = new LinkedHashMap<>();
    links.put("self", from == null ? first : page(first, path, used, from));
    if (from != null || next != null) {
      links.put("first", first);
    }
    if (previous != null) {
      links.put("previous", page(first, path, used, previous));
    }
    if (next != null) {
      links.put("next", page(first, path, used, next));
    }
    return links;
  }

  private String page(String first, String path, List<Used> used, Position position) {
    return first + (used.isEmpty() ? "?" : "&") + CURSOR + "="
        + cursors.cursor(path, used, position);
  }

  /** The parameters without the one that the link to another page adds. */
  static List<Used> withoutCursor(List<Used> given) {
    return given.stream().filter(one -> !one.name().equals(CURSOR)).toList();
  }

  /**
   * Where the page begins or ends that a link of {@link #of} leads to; null for the first page.
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
