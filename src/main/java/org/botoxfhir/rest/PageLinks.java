package org.botoxfhir.rest;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import org.botoxfhir.search.Cursors;
import org.botoxfhir.search.SearchQuery;
import org.botoxfhir.search.SearchQuery.Position;
import org.botoxfhir.search.SearchQuery.Used;
import org.springframework.stereotype.Component;
import org.springframework.web.util.UriUtils;

/** Links from page to page: the next link repeats the search and adds {@code _cursor}, where the page ended. */
@Component
final class PageLinks {
  static final String CURSOR = "_cursor";

  private final Cursors cursors;

  PageLinks(Cursors cursors) {
    this.cursors = cursors;
  }

  /** The link to the first page of a search, showing what was used of the parameters. */
  static String self(String base, SearchQuery query) {
    return base + "/" + query.type() + (query.used().isEmpty() ? "" : "?" + text(query.used()));
  }

  /** The link to the page behind a position. */
  String next(String base, SearchQuery query, Position position) {
    return self(base, query) + (query.used().isEmpty() ? "?" : "&") + CURSOR + "="
        + cursors.cursor(query, position);
  }

  /** Where the page begins that a link of {@link #next} leads to. */
  Position position(SearchQuery query, String cursor) {
    return cursors.position(query, cursor);
  }

  private static String text(List<Used> used) {
    return used.stream()
        .map(u -> UriUtils.encode(u.name(), StandardCharsets.UTF_8) + "="
            + UriUtils.encode(u.value(), StandardCharsets.UTF_8))
        .collect(Collectors.joining("&"));
  }
}
