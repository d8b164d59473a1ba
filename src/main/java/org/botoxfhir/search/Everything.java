package org.botoxfhir.search;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.fhir.FhirSettings;
import org.botoxfhir.fhir.ServedTypes;
import org.botoxfhir.search.SearchQuery.Position;
import org.botoxfhir.store.CompartmentTables;
import org.botoxfhir.store.CompartmentTables.Member;
import org.botoxfhir.store.CompartmentTables.Members;
import org.botoxfhir.store.FreshReads;
import org.botoxfhir.store.StoredVersion;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * A patient's whole record, page by page: the Patient, what belongs to the compartment, and last what these refer to, each once. Two
 * statements for a page at most, beside the read of the Patient on the first.
 */
@Component
public final class Everything {
  private static final String OWNER = "Patient";

  /** First part of the record: {@link Position#sortKey} of a page that begins among the members. */
  private static final String MEMBERS = "members";

  private static final String REFERRED_TO = "referred-to";

  /** Where what a type tells of goes on after its date: a condition lasts until it abates. */
  private static final Map<String, String> LASTING = Map.of("Condition", "abatement-date");

  private final CompartmentTables tables;
  private final Compartments compartments;
  private final SearchParameters parameters;
  private final ServedTypes types;
  private final IndexCompleteness completeness;
  private final FhirSettings settings;
  private final FreshReads fresh;

  Everything(
      CompartmentTables tables,
      Compartments compartments,
      SearchParameters parameters,
      ServedTypes types,
      IndexCompleteness completeness,
      FhirSettings settings,
      FreshReads fresh) {
    this.tables = tables;
    this.compartments = compartments;
    this.parameters = parameters;
    this.types = types;
    this.completeness = completeness;
    this.settings = settings;
    this.fresh = fresh;
  }

  /**
   * A page of a record.
   *
   * @param members the Patient first, then what belongs to it
   * @param referredTo what these refer to, and does not belong to it
   * @param next where the next page begins; null when this is the last
   */
  public record Page(
      List<StoredVersion> members,
      List<StoredVersion> referredTo,
      @Nullable Position next) {}

  /**
   * @param patient the current version of the Patient, which the caller may read
   * @param sight of the caller: what it does not cover is left out, so that a page may be shorter
   * @param after where the page before ended; null for the first page
   * @throws FaultException when the caller has no scope for a type that the query names
   */
  public Page page(
      StoredVersion patient, EverythingQuery query, Sight sight, @Nullable Position after) {
    completeness.require(compartments.numbers(OWNER, compartments.members(OWNER)));
    query.types().forEach(type -> sight.of(type).required());
    List<String> seen = compartments.members(OWNER).stream()
        .filter(type -> !sight.of(type).isNothing())
        .toList();
    return fresh.read(() -> Searches.inTime(settings, () -> {
      List<StoredVersion> members = new ArrayList<>();
      if (after == null && wanted(patient, query)) {
        members.add(patient);
      }
      long behind = after == null ? -1 : after.rid();
      if (after == null || after.sortKey().equals(MEMBERS)) {
        List<String> asked = seen.stream().filter(query::wants).toList();
        int room = query.count() - members.size();
        List<Member> found = asked.isEmpty()
            ? List.of()
            : tables.members(
                members(patient, query, asked), behind, room + 1, settings.searchTimeout());
        boolean more = found.size() > room;
        List<Member> page = more ? found.subList(0, room) : found;
        page.stream().map(Member::version).filter(sight::covers).forEach(members::add);
        if (more) {
          long last = page.isEmpty() ? behind : page.getLast().rid();
          return new Page(members, List.of(), new Position(false, MEMBERS, last));
        }
        behind = -1;
      }
      int room = query.count() - members.size();
      List<Member> found = tables.referredTo(
          // What is left out of a record does not tell whom it names either.
          members(
              patient,
              query,
              seen.stream().filter(type -> sight.of(type).isWholeRecord()).toList()),
          types.all().stream()
              .filter(query::wants)
              .filter(type -> !sight.of(type).isNothing())
              .toList(),
          behind,
          room + 1,
          settings.searchTimeout());
      boolean more = found.size() > room;
      List<Member> page = more ? found.subList(0, room) : found;
      long last = page.isEmpty() ? behind : page.getLast().rid();
      return new Page(
          members,
          page.stream().map(Member::version).filter(sight::covers).toList(),
          more ? new Position(false, REFERRED_TO, last) : null);
    }));
  }

  private static boolean wanted(StoredVersion patient, EverythingQuery query) {
    return query.wants(OWNER)
        && (query.since() == null || !patient.lastUpdated().isBefore(query.since()));
  }

  private Members members(StoredVersion patient, EverythingQuery query, List<String> asked) {
    Set<Long> starts = new LinkedHashSet<>();
    Set<Long> ends = new LinkedHashSet<>();
    for (String type : asked) {
      parameters.timeline(type).ifPresent(date -> {
        starts.add((long) date.number());
        Parameter end = parameters.of(type).get(LASTING.getOrDefault(type, date.code()));
        ends.add((long) (end == null ? date : end).number());
      });
    }
    return new Members(
        patient.key(),
        compartments.numbers(OWNER, asked),
        query.since(),
        query.start(),
        ends,
        query.end(),
        starts);
  }
}
