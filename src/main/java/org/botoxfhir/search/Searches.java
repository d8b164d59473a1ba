package org.botoxfhir.search;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.fhir.FhirSettings;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.search.SearchQuery.Position;
import org.botoxfhir.store.FreshReads;
import org.botoxfhir.store.SearchTables;
import org.botoxfhir.store.StoredVersion;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.stereotype.Component;

/** Runs queries. Every search sees all writes that were answered before it: there is no cache. */
@Component
public final class Searches {
  /** How many candidates are looked at one by one rather than looked for along the order of the answer. */
  private static final int FEW = 500;

  /** How many are looked at along the order, one after the other, before all matches are collected. */
  private static final int WINDOW = 4000;

  private static final int SEARCHES_A_TRIP = 500;

  /** PostgreSQL takes 65,535; one search has at most a third of that. */
  private static final int PARAMETERS_A_TRIP = 60_000;

  private final SearchTables tables;
  private final SearchSteps steps;
  private final Includes includes;
  private final IndexCompleteness completeness;
  private final SearchParameters parameters;
  private final FhirSettings settings;
  private final FreshReads fresh;
  private final MatchReader reader;

  Searches(
      SearchTables tables,
      SearchSteps steps,
      Includes includes,
      IndexCompleteness completeness,
      SearchParameters parameters,
      FhirSettings settings,
      FreshReads fresh) {
    this.tables = tables;
    this.steps = steps;
    this.includes = includes;
    this.completeness = completeness;
    this.parameters = parameters;
    this.settings = settings;
    this.fresh = fresh;
    this.reader = new MatchReader(tables, settings.searchTimeout(), FEW, WINDOW);
  }

  /**
   * A page of a search.
   *
   * @param matches in the order of the query
   * @param included what comes with them
   * @param previous where the page before ends; null when this is the first
   * @param next where the next page begins; null when this is the last
   * @param total number of all matches, if it was asked for or is known for free
   */
  public record Page(
      List<StoredVersion> matches,
      List<StoredVersion> included,
      @Nullable Position previous,
      @Nullable Position next,
      OptionalLong total) {}

  /**
   * @throws FaultException with {@link Fault.IndexIncomplete} when not every resource on file can be found by what the search asks.
   *     What else runs searches decides for itself whether it asks this first: a symptom report is never refused.
   */
  public void requireComplete(SearchQuery query, Sight sight) {
    completeness.require(PermittedQuery.of(query, sight).query());
  }

  /**
   * @param sight of the caller
   * @param from where the page begins or ends; null for the first page
   * @throws FaultException with {@link Fault.SearchTimeout}, {@link Fault.IndexIncomplete}, {@link Fault.Forbidden}
   */
  public Page page(SearchQuery asked, Sight sight, @Nullable Position from) {
    PermittedQuery permitted = PermittedQuery.of(asked, sight);
    completeness.require(permitted.query());
    return fresh.read(() -> inTime(() -> {
      PermittedQuery query = steps.resolved(permitted);
      List<SearchTables.Match> found = asked.count() == 0 ? List.of() : reader.page(query, from);
      return page(query, from, found);
    }));
  }

  /**
   * The first page of each of several searches, in one round trip as far as they have no steps before them.
   *
   * @param asked each for one resource at least
   * @throws FaultException with {@link Fault.SearchTimeout}
   */
  public List<Page> pages(List<SearchQuery> asked, Sight sight) {
    return inTime(() -> {
      List<PermittedQuery> queries = asked.stream()
          .map(one -> steps.resolved(PermittedQuery.of(one, sight)))
          .toList();
      List<List<SearchTables.Match>> found = reader.firstPages(queries);
      return IntStream.range(0, queries.size())
          .mapToObj(i -> page(queries.get(i), null, found.get(i)))
          .toList();
    });
  }

  private Page page(
      PermittedQuery permitted, @Nullable Position from, List<SearchTables.Match> found) {
    SearchQuery query = permitted.query();
    boolean more = found.size() > query.count();
    List<SearchTables.Match> page = more ? found.subList(0, query.count()) : found;
    boolean back = from != null && from.back();
    if (back) {
      page = page.reversed();
    }
    List<StoredVersion> matches = page.stream().map(SearchTables.Match::version).toList();
    return new Page(
        matches,
        query.includes().isEmpty()
            ? List.of()
            : includes.of(matches, query.includes(), permitted.sight()),
        page.isEmpty() || (back ? !more : from == null) ? null : at(page.getFirst(), true),
        page.isEmpty() || !(back || more) ? null : at(page.getLast(), false),
        total(permitted, from, page.size(), more));
  }

  private static Position at(SearchTables.Match match, boolean back) {
    return new Position(back, match.sortKey(), match.rid());
  }

  /** How many resources refer to each of these by an element that can be searched by; without those that none refers to. */
  public Map<ResourceKey, Long> countReferring(List<ResourceKey> targets) {
    Map<ResourceKey, Long> counts = new HashMap<>();
    tables
        .countReferring(
            targets.stream().map(ResourceKey::toString).toList(),
            parameters.referenceNumbers(null, null))
        .forEach((target, count) ->
            ResourceKey.ofReference(target).ifPresent(key -> counts.put(key, count)));
    return counts;
  }

  private <T> T inTime(Supplier<T> search) {
    return inTime(settings, search);
  }

  /** What a search answers, or {@link Fault.SearchTimeout}. */
  static <T> T inTime(FhirSettings settings, Supplier<T> search) {
    try {
      return search.get();
    } catch (QueryTimeoutException timeout) {
      throw new FaultException(new Fault.SearchTimeout(settings.searchTimeout()));
    }
  }

  private OptionalLong total(
      PermittedQuery permitted, @Nullable Position from, int size, boolean more) {
    SearchQuery query = permitted.query();
    if (from == null && !more && query.count() > 0) {
      return OptionalLong.of(size);
    }
    return query.total()
        ? OptionalLong.of(tables.count(SearchSql.count(permitted), settings.searchTimeout()))
        : OptionalLong.empty();
  }

  /**
   * Keys of at most so many matches, in any order.
   *
   * @throws FaultException with {@link Fault.SearchTimeout}
   */
  public List<ResourceKey> keys(SearchQuery query, Sight sight, int limit) {
    PermittedQuery permitted = PermittedQuery.of(query, sight);
    completeness.require(permitted.query());
    return inTime(() ->
        tables.keys(SearchSql.keys(steps.resolved(permitted), limit), settings.searchTimeout()));
  }

  /**
   * @param sight of the caller
   * @param limit at most so many matches
   */
  public record Limited(SearchQuery query, Sight sight, int limit) {}

  /**
   * The keys that each query finds once nobody else has the locks; in one round trip unless the queries are very many or have steps
   * before them.
   *
   * @param locks texts to lock until the end of the transaction
   */
  public List<List<ResourceKey>> keys(List<Limited> queries, Collection<String> locks) {
    List<List<ResourceKey>> found = new ArrayList<>();
    List<SearchTables.Statement> trip = new ArrayList<>();
    int parameters = 0;
    Collection<String> toLock = locks;
    if (queries.stream().map(Limited::query).anyMatch(SearchSteps::hasSteps)) {
      tables.keys(toLock, List.of());
      toLock = List.of();
    }
    for (Limited limited : queries) {
      PermittedQuery permitted = PermittedQuery.of(limited.query(), limited.sight());
      SearchTables.Statement statement =
          SearchSql.page(inTime(() -> steps.resolved(permitted)), null, limited.limit());
      if (trip.size() == SEARCHES_A_TRIP
          || parameters + statement.parameters().size() > PARAMETERS_A_TRIP) {
        found.addAll(tables.keys(toLock, trip));
        toLock = List.of();
        trip.clear();
        parameters = 0;
      }
      trip.add(statement);
      parameters += statement.parameters().size();
    }
    found.addAll(tables.keys(toLock, trip));
    return found;
  }
}
