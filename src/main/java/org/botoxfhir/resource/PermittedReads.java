package org.botoxfhir.resource;

import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.fhir.ServedTypes;
import org.botoxfhir.search.Confinement;
import org.botoxfhir.search.Confinements;
import org.botoxfhir.search.Histories;
import org.botoxfhir.search.HistoryQuery;
import org.botoxfhir.search.SearchQuery;
import org.botoxfhir.security.Access;
import org.botoxfhir.security.Permission;
import org.botoxfhir.store.CurrentReads;
import org.botoxfhir.store.CurrentRow;
import org.botoxfhir.store.FreshReads;
import org.botoxfhir.store.ResourceTables;
import org.botoxfhir.store.StoredVersion;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Reads of resources by key. What the caller may not see is answered like what was never there. A version is seen by whoever may see both
 * the version and the current one: what was filed under the wrong patient and corrected is no longer that patient's to read.
 */
@Component
final class PermittedReads {
  private final ResourceTables tables;
  private final CurrentReads reads;
  private final Histories histories;
  private final Confinements confinements;
  private final ServedTypes types;
  private final FreshReads fresh;

  PermittedReads(
      ResourceTables tables,
      CurrentReads reads,
      Histories histories,
      Confinements confinements,
      ServedTypes types,
      FreshReads fresh) {
    this.tables = tables;
    this.reads = reads;
    this.histories = histories;
    this.confinements = confinements;
    this.types = types;
    this.fresh = fresh;
  }

  private Confinement confinement(Access access, Permission permission, String type) {
    return confinements.of(access, permission, type).required();
  }

  private Confinement confinementOfMany(Access access, Permission permission, String type) {
    return confinements.ofMany(access, permission, type).required();
  }

  /** The current version, of a caller who wants to do this with it. */
  StoredVersion current(Access access, Permission permission, ResourceKey key) {
    Confinement confinement = confinement(access, permission, key.type());
    return existing(seenCurrent(confinement, key)
        .map(CurrentRow::version)
        .orElseThrow(() -> new FaultException(new Fault.NotFound(key))));
  }

  private static StoredVersion existing(StoredVersion version) {
    if (version.deleted()) {
      throw new FaultException(new Fault.Gone(version.key(), version.version()));
    }
    return version;
  }

  /** Whether a caller may touch a resource; a deleted one by what it was before. */
  boolean covers(Confinement confinement, CurrentRow row) {
    StoredVersion current = row.version();
    // What was erased has nothing left that a Consent could hide.
    boolean unguarded =
        confinement.isWholeUnlessDenied() && (current.deleted() ? row.erased() : !row.guarded());
    return confinement.isWholeType() || unguarded || coversLast(confinement, current);
  }

  /** Whether a caller may touch a version; a deletion by what it deleted. */
  private boolean coversLast(Confinement confinement, StoredVersion version) {
    Optional<StoredVersion> last = version.deleted()
        ? tables.version(version.key(), version.version() - 1)
        : Optional.of(version);
    return last.filter(one -> !one.deleted())
        .filter(one -> confinements.covers(confinement, one))
        .isPresent();
  }

  /** A version, of a caller who wants to do this with it. */
  StoredVersion version(Access access, Permission permission, ResourceKey key, String version) {
    Confinement confinement = confinementOfMany(access, permission, key.type());
    return existing(Optional.of(version)
        .filter(number -> number.matches("[1-9][0-9]{0,17}"))
        .flatMap(number -> version(confinement, key, Long.parseLong(number)))
        .orElseThrow(() -> new FaultException(new Fault.VersionNotFound(key, version))));
  }

  private Optional<StoredVersion> version(Confinement confinement, ResourceKey key, long version) {
    Optional<CurrentRow> current = seenCurrent(confinement, key);
    Optional<StoredVersion> latest =
        current.map(CurrentRow::version).filter(one -> one.version() == version);
    return latest.isPresent()
        ? latest
        : current.flatMap(row -> fresh.read(() -> tables
            .version(key, version)
            .filter(past -> past.deleted()
                || confinement.isWholeType()
                || confinements.covers(confinement, past))));
  }

  /** Mostly it is the current version that is asked for, which comes with those that others ask for. */
  private Optional<CurrentRow> seenCurrent(Confinement confinement, ResourceKey key) {
    return reads
        .read(key)
        .filter(row -> confinement.isWholeType() || fresh.read(() -> covers(confinement, row)));
  }

  /** {@link Resources#history(Access, ResourceKey, HistoryQuery, SearchQuery.Position)}. */
  Histories.Page history(
      Access access, ResourceKey key, HistoryQuery query, SearchQuery.@Nullable Position after) {
    Confinement confinement = confinementOfMany(access, Permission.READ, key.type());
    return fresh.read(() -> history(confinement, key, query, after));
  }

  private Histories.Page history(
      Confinement confinement,
      ResourceKey key,
      HistoryQuery query,
      SearchQuery.@Nullable Position after) {
    if (!confinement.isWholeType()) {
      if (seenCurrent(confinement, key).isEmpty()) {
        throw new FaultException(new Fault.NotFound(key));
      }
      return histories.of(key, query, version -> confinements.covers(confinement, version), after);
    }
    Histories.Page page = histories.of(key, query, after);
    if (page.entries().isEmpty() && reads.read(key).isEmpty()) {
      throw new FaultException(new Fault.NotFound(key));
    }
    return page;
  }

  /** {@link Resources#history(Access, String, HistoryQuery, SearchQuery.Position)}. */
  Histories.Page history(
      Access access,
      @Nullable String type,
      HistoryQuery query,
      SearchQuery.@Nullable Position after) {
    List<String> asked = type == null ? types.all() : List.of(type);
    List<String> seen = confinements.wholeTypes(
        access,
        Permission.SEARCH,
        asked,
        "the history of a type or of all, beside that of each resource,");
    Map<String, Confinement> guarded = confinements.narrowed(access, Permission.SEARCH, seen);
    return fresh.read(() -> guarded.isEmpty()
        ? histories.of(seen, query, after)
        : histories.of(seen, query, versions -> seen(guarded, versions), after));
  }

  /** Those of some versions that no Consent denies, neither them nor what their resources are now. */
  private Set<StoredVersion> seen(
      Map<String, Confinement> guarded, Collection<StoredVersion> versions) {
    guarded.values().stream().findFirst().ifPresent(one -> one.learn(versions)); // they ask as one
    Map<ResourceKey, StoredVersion> current = new HashMap<>();
    tables
        .current(versions.stream().map(StoredVersion::key).distinct().toList())
        .forEach(one -> current.put(one.key(), one));
    Map<ResourceKey, Boolean> covered = new HashMap<>();
    Set<StoredVersion> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    for (StoredVersion version : versions) {
      Confinement confinement = guarded.get(version.key().type());
      if (confinement == null
          || coversLast(confinement, version)
              && covered.computeIfAbsent(
                  version.key(),
                  key -> coversLast(confinement, current.getOrDefault(key, version)))) {
        seen.add(version);
      }
    }
    return seen;
  }
}
