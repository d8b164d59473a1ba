package org.botoxfhir.search;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.botoxfhir.search.SearchQuery.Position;
import org.botoxfhir.store.SearchTables;
import org.botoxfhir.store.SearchTables.Match;
import org.jspecify.annotations.Nullable;

/**
 * Reads the matches of a page. Where no index has them in the order of the answer, three ways lead to them: from one criterion that holds of
 * few resources; along the order, asking each resource; and by collecting all matches to sort them. The first costs by the resources that
 * the criterion holds of, the second by how rare matches are, the third by how many they are, so each is dear where another is cheap; none of that is
 * known beforehand. So the first two are tried in turn, each up to a bound, and only what is neither rare nor frequent is collected.
 */
final class MatchReader {
  private final SearchTables tables;
  private final Duration timeout;
  private final int few;
  private final int window;

  /**
   * @param few up to so many resources of a criterion are looked at one by one
   * @param window so many resources are looked at along the order before all matches are collected
   */
  MatchReader(SearchTables tables, Duration timeout, int few, int window) {
    this.tables = tables;
    this.timeout = timeout;
    this.few = few;
    this.window = window;
  }

  /** One match more than the page has, if there are more: behind a position, or before it from the last. */
  List<Match> page(PermittedQuery query, @Nullable Position from) {
    return SearchSql.looksFor(query)
        ? lookedFor(query, from)
        : tables.find(SearchSql.page(query, from, limit(query)), timeout);
  }

  /** The same for the first page of each of several queries; in one round trip, but for those that are looked for. */
  List<List<Match>> firstPages(List<PermittedQuery> queries) {
    Iterator<List<Match>> found = tables
        .find(
            queries.stream()
                .filter(query -> !SearchSql.looksFor(query))
                .map(query -> SearchSql.page(query, null, limit(query)))
                .toList(),
            timeout)
        .iterator();
    List<List<Match>> pages = new ArrayList<>();
    for (PermittedQuery query : queries) {
      pages.add(SearchSql.looksFor(query) ? lookedFor(query, null) : found.next());
    }
    return pages;
  }

  private List<Match> lookedFor(PermittedQuery query, @Nullable Position from) {
    int limit = limit(query);
    return SearchSql.pageOfFew(query, from, limit, few)
        .flatMap(statement -> tables.findFew(statement, timeout))
        .orElseGet(() -> {
          List<Match> first =
              tables.find(SearchSql.pageOfFirst(query, from, limit, window), timeout);
          return first.size() == limit
              ? first
              : tables.find(SearchSql.pageOfAll(query, from, limit), timeout);
        });
  }

  private static int limit(PermittedQuery query) {
    return query.query().count() + 1;
  }
}
