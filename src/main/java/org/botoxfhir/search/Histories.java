package org.botoxfhir.search;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.botoxfhir.fhir.FhirSettings;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.search.SearchQuery.Position;
import org.botoxfhir.store.HistoryTables;
import org.botoxfhir.store.StoredVersion;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Versions of a resource, of a type or of all types, newest first, deletions among them. One statement for a page. */
@Component
public final class Histories {
  /** Versions that are looked at together. */
  private static final int CHUNK = 100;

  private final HistoryTables tables;
  private final FhirSettings settings;

  Histories(HistoryTables tables, FhirSettings settings) {
    this.tables = tables;
    this.settings = settings;
  }

  /**
   * @param creates whether there was no resource under the key, or none any more, before this version
   */
  public record Entry(StoredVersion version, boolean creates) {}

  /**
   * A page of a history.
   *
   * @param next where the next page begins; null when this is the last
   * @param total number of all versions, if it was asked for or is known for little
   */
  public record Page(List<Entry> entries, @Nullable Position next, OptionalLong total) {}

  /**
   * Of one resource; empty also when there never was one.
   *
   * @param after where the page before ended; null for the first page
   */
  public Page of(ResourceKey key, HistoryQuery query, @Nullable Position after) {
    long before = after == null ? Long.MAX_VALUE : Long.parseLong(after.sortKey());
    return page(
        query,
        after,
        () -> tables.of(key, period(query), before, query.count() + 1, settings.searchTimeout()),
        last -> Long.toString(last.version().version()),
        () -> OptionalLong.of(tables.count(key, period(query), settings.searchTimeout())));
  }

  /**
   * Of one resource, as far as a caller may see its versions; empty also when there never was one.
   *
   * @param seen whether the caller may see a version that is no deletion
   * @param after where the page before ended; null for the first page
   */
  public Page of(
      ResourceKey key,
      HistoryQuery query,
      Predicate<StoredVersion> seen,
      @Nullable Position after) {
    long before = after == null ? Long.MAX_VALUE : Long.parseLong(after.sortKey());
    return page(
        query,
        after,
        () -> seen(key, query, seen, before, query.count() + 1),
        last -> Long.toString(last.version().version()),
        () -> query.count() == 0
            ? OptionalLong.of(seen(key, query, seen, before, Integer.MAX_VALUE).size())
            : OptionalLong.empty());
  }

  /** Versions are looked at one by one: each says itself whose record it is. */
  private List<HistoryTables.Entry> seen(
      ResourceKey key, HistoryQuery query, Predicate<StoredVersion> seen, long before, int limit) {
    return seen(
        before,
        from -> tables.of(key, period(query), from, CHUNK, settings.searchTimeout()),
        last -> last.version().version(),
        some -> some.stream()
            .filter(one -> one.version().deleted() || seen.test(one.version()))
            .toList(),
        limit);
  }

  /**
   * Looks at versions chunk by chunk, until so many are seen or there are no more.
   *
   * @param first where the first chunk begins
   * @param behind where the next one does, by the last version of a chunk
   */
  private static <P> List<HistoryTables.Entry> seen(
      P first,
      Function<P, List<HistoryTables.Entry>> chunk,
      Function<HistoryTables.Entry, P> behind,
      UnaryOperator<List<HistoryTables.Entry>> seen,
      int limit) {
    List<HistoryTables.Entry> all = new ArrayList<>();
    P from = first;
    while (all.size() < limit) {
      List<HistoryTables.Entry> some = chunk.apply(from);
      seen.apply(some).stream().limit(limit - all.size()).forEach(all::add);
      if (some.size() < CHUNK) {
        break;
      }
      from = behind.apply(some.getLast());
    }
    return all;
  }

  /**
   * Of types.
   *
   * @param names of the types
   * @param after where the page before ended; null for the first page
   */
  public Page of(List<String> names, HistoryQuery query, @Nullable Position after) {
    HistoryTables.Place behind = place(after).orElse(null);
    return page(
        query,
        after,
        () -> tables.of(names, period(query), behind, query.count() + 1, settings.searchTimeout()),
        last -> last.version().lastUpdated().toString(),
        () -> query.count() == 0
            ? OptionalLong.of(tables.count(names, period(query), settings.searchTimeout()))
            : OptionalLong.empty());
  }

  /**
   * Of types, as far as a caller may see their versions; how many these are is told only where they fit in a page.
   *
   * @param seen those of some versions that the caller may see, deletions among them
   * @param after where the page before ended; null for the first page
   */
  public Page of(
      List<String> names,
      HistoryQuery query,
      Function<List<StoredVersion>, Set<StoredVersion>> seen,
      @Nullable Position after) {
    return page(
        query,
        after,
        () -> seen(
            place(after),
            behind -> tables.of(
                names, period(query), behind.orElse(null), CHUNK, settings.searchTimeout()),
            last -> Optional.of(new HistoryTables.Place(last.version().lastUpdated(), last.rid())),
            some -> {
              Set<StoredVersion> all =
                  seen.apply(some.stream().map(HistoryTables.Entry::version).toList());
              return some.stream().filter(one -> all.contains(one.version())).toList();
            },
            query.count() + 1),
        last -> last.version().lastUpdated().toString(),
        OptionalLong::empty);
  }

  private static Optional<HistoryTables.Place> place(@Nullable Position after) {
    return Optional.ofNullable(after)
        .map(one -> new HistoryTables.Place(Instant.parse(one.sortKey()), one.rid()));
  }

  private Page page(
      HistoryQuery query,
      @Nullable Position after,
      Supplier<List<HistoryTables.Entry>> find,
      Function<HistoryTables.Entry, String> sortKey,
      Supplier<OptionalLong> count) {
    return Searches.inTime(settings, () -> {
      List<HistoryTables.Entry> found = query.count() == 0 ? List.of() : find.get();
      boolean more = found.size() > query.count();
      List<HistoryTables.Entry> page = more ? found.subList(0, query.count()) : found;
      boolean whole = after == null && !more && query.count() > 0;
      return new Page(
          page.stream().map(one -> new Entry(one.version(), one.creates())).toList(),
          more
              ? new Position(
                  false, sortKey.apply(page.getLast()), page.getLast().rid())
              : null,
          whole ? OptionalLong.of(page.size()) : count.get());
    });
  }

  private static HistoryTables.Period period(HistoryQuery query) {
    DateInterval at = query.at();
    return new HistoryTables.Period(
        query.since(), at == null ? null : at.low(), at == null ? null : at.high());
  }
}
