package org.botoxfhir.resource;

import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.fault.Finding;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.outbox.Outbox;
import org.botoxfhir.search.Histories;
import org.botoxfhir.search.ReferenceParameters;
import org.botoxfhir.search.SearchQuery.Position;
import org.botoxfhir.security.Access;
import org.botoxfhir.security.PatientPseudonym;
import org.botoxfhir.store.CurrentRow;
import org.botoxfhir.store.ErasureTables;
import org.botoxfhir.store.ErasureTables.Fingerprint;
import org.botoxfhir.store.ErasureTables.Mention;
import org.botoxfhir.store.HistoryTables;
import org.botoxfhir.store.ResourceTables;
import org.botoxfhir.store.StoredVersion;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Hands a patient's record out with all its versions, and erases what was handed out: resources, past versions, index rows and kept events,
 * in one transaction. What is left is in docs/erasure.md.
 */
@Service
public class Erasures {
  private static final Logger LOG = LoggerFactory.getLogger(Erasures.class);

  /** Types that name several patients of equal standing: to be the first does not make it one's record. */
  private static final Set<String> SEVERAL =
      Set.of("Account", "Appointment", "AppointmentResponse", "Group", "Person", "Schedule");

  /** What it defines is more than its members. */
  private static final Set<String> NEVER = Set.of("Group");

  /** References outside of the record that an answer names. */
  private static final int MOST_NAMED = 20;

  private final ErasureTables tables;
  private final ResourceTables resources;
  private final ReferenceParameters references;
  private final Outbox outbox;
  private final PatientPseudonym pseudonym;
  private final TransactionTemplate transactions;

  Erasures(
      ErasureTables tables,
      ResourceTables resources,
      ReferenceParameters references,
      Outbox outbox,
      PatientPseudonym pseudonym,
      TransactionTemplate transactions) {
    this.tables = tables;
    this.resources = resources;
    this.references = references;
    this.outbox = outbox;
    this.pseudonym = pseudonym;
    this.transactions = transactions;
  }

  /**
   * A page of what would be erased.
   *
   * @param total versions of all pages; known on the first
   * @param next where the next page begins; null when this is the last
   * @param confirmation of the last page: what {@link #erase} wants to hear
   */
  public record Export(
      List<Histories.Entry> entries,
      OptionalLong total,
      @Nullable Position next,
      @Nullable String confirmation) {}

  /** What became of a request to erase. */
  public sealed interface Outcome {
    /**
     * It was carried out.
     *
     * @param patient what is left of the Patient; null when there was none
     * @param published events that could have been sent again
     * @param parked events that were never published, since the sink had refused them
     * @param key pseudonym of the patient, under which events were published
     * @param outside resources that still refer to the patient
     */
    record Erased(
        @Nullable StoredVersion patient,
        int resources,
        long versions,
        long published,
        long parked,
        String key,
        List<ResourceKey> outside)
        implements Outcome {}

    /**
     * Nothing was left to be erased.
     *
     * @param at when it was
     */
    record ErasedBefore(StoredVersion patient, Instant at) implements Outcome {}
  }

  /**
   * A record as it is found now.
   *
   * @param rids internal keys of its resources
   * @param outside what is no part of it and refers to the patient
   */
  private record Found(Set<Long> rids, List<ResourceKey> outside) {}

  /**
   * A page of all versions of all resources of a record, deletions included, also of a Patient that is not on file.
   *
   * @param count versions of a page; positive
   * @param after where the page before ended; null for the first page
   * @throws FaultException {@link Fault.Conflict} when the record has changed since the first page, {@link Fault.Gone} or {@link
   *     Fault.NotFound} when there is none
   */
  public Export export(Access access, ResourceKey patient, int count, @Nullable Position after) {
    access.grants().requirePurge();
    references.requireComplete();
    Set<Long> rids = found(patient).rids();
    Place from;
    OptionalLong total = OptionalLong.empty();
    if (after == null) {
      Fingerprint first = fingerprint(patient, rids);
      if (first.versions() == 0) {
        throw new FaultException(nothing(patient));
      }
      from = new Place(first.hash(), Long.MAX_VALUE, Long.MAX_VALUE);
      total = OptionalLong.of(first.versions());
    } else {
      from = Place.of(after);
    }
    List<HistoryTables.Entry> found =
        tables.versions(patient.id(), rids, SEVERAL, from.rid(), from.version(), count + 1);
    boolean more = found.size() > count;
    List<HistoryTables.Entry> page = more ? found.subList(0, count) : found;
    // Once the last page is read: what was written since the first is in none of them.
    if (!more && !fingerprint(patient, found(patient).rids()).hash().equals(from.hash())) {
      throw new FaultException(
          changed("%s has changed while it was exported; begin with the first page again"
              .formatted(patient)));
    }
    return new Export(
        page.stream()
            .map(one -> new Histories.Entry(one.version(), one.creates()))
            .toList(),
        total,
        more
            ? new Place(
                    from.hash(), page.getLast().rid(), page.getLast().version().version())
                .position()
            : null,
        more ? null : from.hash());
  }

  /** Where a page begins, and what the record was when the first did. */
  private record Place(String hash, long rid, long version) {
    static Place of(Position position) {
      String[] parts = position.sortKey().split(" ", 2);
      return new Place(parts[0], position.rid(), Long.parseLong(parts[1]));
    }

    Position position() {
      return new Position(false, hash + " " + version, rid);
    }
  }

  /**
   * Erases a record, all of it or nothing.
   *
   * @param confirmation what the last page of the export said
   * @param leave whether what is no part of the record and refers to the patient may stay as it is
   * @throws FaultException {@link Fault.Conflict} when the record is not as it was exported, or is referred to from outside; {@link
   *     Fault.EventsWaiting}; {@link Fault.Contention} when others write without a pause
   */
  public Outcome erase(Access access, ResourceKey patient, String confirmation, boolean leave) {
    access.grants().requirePurge();
    references.requireComplete();
    Outcome outcome = StoredResources.again(
        () -> transactions.execute(status -> inTransaction(access, patient, confirmation, leave)));
    if (outcome instanceof Outcome.Erased erased) {
      LOG.info(
          "a patient's record was erased: {} resources, {} versions, {} published events",
          erased.resources(),
          erased.versions(),
          erased.published());
      if (erased.parked() > 0) {
        LOG.warn(
            "with it {} events that were never published: nobody was alerted by them",
            erased.parked());
      }
    }
    return outcome;
  }

  private Outcome inTransaction(
      Access access, ResourceKey patient, String confirmation, boolean leave) {
    tables.lockOutWriters();
    Found found = found(patient);
    Fingerprint now = fingerprint(patient, found.rids());
    Optional<CurrentRow> row = resources.current(patient);
    if (now.versions() == 0) {
      return row.filter(CurrentRow::erased)
          .flatMap(one ->
              tables.erasedAt(one.rid()).map(at -> new Outcome.ErasedBefore(one.version(), at)))
          .orElseThrow(() -> new FaultException(new Fault.NotFound(patient)));
    }
    if (!now.hash().equals(confirmation)) {
      throw new FaultException(changed(
          "the confirmation is not that of %s as it is now: it has changed since it was exported, or was never; export it again with GET %s/$purge-export"
              .formatted(patient, patient)));
    }
    if (!leave && !found.outside().isEmpty()) {
      throw new FaultException(referredTo(patient, found.outside()));
    }
    String key = pseudonym.of(patient.toString());
    List<ResourceKey> keys = tables.keys(found.rids());
    tables.erase(patient.id(), found.rids(), SEVERAL);
    Outbox.Erased events = outbox.erase(key, keys);
    tables.note(
        row.map(CurrentRow::rid).orElse(null),
        access.actor(),
        access.client(),
        keys.size(),
        now.versions(),
        events.published() + events.parked());
    return new Outcome.Erased(
        resources.current(patient).map(CurrentRow::version).orElse(null),
        keys.size(),
        now.versions(),
        events.published(),
        events.parked(),
        key,
        found.outside());
  }

  private Fingerprint fingerprint(ResourceKey patient, Collection<Long> rids) {
    return tables.fingerprint(patient.id(), rids, SEVERAL);
  }

  private Fault nothing(ResourceKey patient) {
    return resources
        .current(patient)
        .<Fault>map(row -> new Fault.Gone(patient, row.version().version()))
        .orElseGet(() -> new Fault.NotFound(patient));
  }

  /**
   * What is owned by the patient; what is nobody else's and refers to the patient, such as a Task; and what tells where these come from. A
   * Provenance may tell of another one, so it is asked until there are no more.
   */
  private Found found(ResourceKey patient) {
    Set<Long> rids = tables.owned(patient.id(), SEVERAL);
    Set<Long> unasked = new HashSet<>(rids);
    Set<ResourceKey> outside = new HashSet<>();
    add(tables.mentions(patient.id(), references.all(), rids, NEVER), rids, unasked, outside);
    Set<Long> targets = references.of("Provenance", "target");
    while (!unasked.isEmpty() && !targets.isEmpty()) {
      List<Mention> found =
          tables.referring(patient.id(), targets.iterator().next(), unasked, rids);
      unasked = new HashSet<>();
      add(found, rids, unasked, outside);
    }
    return new Found(
        rids,
        outside.stream().sorted(Comparator.comparing(ResourceKey::toString)).toList());
  }

  private static void add(
      List<Mention> found, Set<Long> rids, Set<Long> unasked, Set<ResourceKey> outside) {
    for (Mention one : found) {
      if (!one.nobodyElses()) {
        outside.add(one.key());
      } else if (rids.add(one.rid())) {
        unasked.add(one.rid());
      }
    }
  }

  private static Fault changed(String text) {
    return new Fault.Conflict(List.of(Finding.error("conflict", text, null)));
  }

  private static Fault referredTo(ResourceKey patient, List<ResourceKey> outside) {
    return changed(
        "%s refer to the record of %s and are no part of it; take the references out of them, or leave them as they are with leaveReferences=true"
            .formatted(names(outside), patient));
  }

  /** The first of some resources, and how many more there are. */
  public static String names(List<ResourceKey> some) {
    String names = some.stream()
        .limit(MOST_NAMED)
        .map(ResourceKey::toString)
        .collect(Collectors.joining(", "));
    return some.size() > MOST_NAMED
        ? "%s and %d more".formatted(names, some.size() - MOST_NAMED)
        : names;
  }
}
