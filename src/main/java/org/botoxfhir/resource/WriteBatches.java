package org.botoxfhir.resource;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.fault.Finding;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.outbox.NewEvent;
import org.botoxfhir.outbox.Outbox;
import org.botoxfhir.resource.VersionWriter.Origin;
import org.botoxfhir.search.Searches;
import org.botoxfhir.security.Access;
import org.botoxfhir.store.CurrentRow;
import org.botoxfhir.store.ErasureTables;
import org.botoxfhir.store.ResourceTables;
import org.springframework.stereotype.Component;

/** Carries out several writes in the running transaction, with what the derivations bring and the events. */
@Component
final class WriteBatches {
  private final ResourceTables tables;
  private final ErasureTables erasures;
  private final VersionWriter versions;
  private final Derivations derivations;
  private final StoredOnFile onFile;
  private final Searches searches;
  private final Outbox outbox;
  private final Json json;
  private final WritePermits permits;

  WriteBatches(
      ResourceTables tables,
      ErasureTables erasures,
      VersionWriter versions,
      Derivations derivations,
      StoredOnFile onFile,
      Searches searches,
      Outbox outbox,
      Json json,
      WritePermits permits) {
    this.tables = tables;
    this.erasures = erasures;
    this.versions = versions;
    this.derivations = derivations;
    this.onFile = onFile;
    this.searches = searches;
    this.outbox = outbox;
    this.json = json;
    this.permits = permits;
  }

  /**
   * Carries out writes, results in the same order. The round trips do not grow with their number.
   *
   * @param checked that has looked at all of them but the patches
   * @throws FaultException {@link Fault.Contention} when another writer was faster; the transaction must not commit then
   */
  List<WriteResult> carryOut(Access access, List<Write> writes, WriteChecks.Checked checked) {
    return carryOut(access, writes, checked, false);
  }

  /** What a write would be answered; the transaction must not commit. Nothing is derived from it, counted or appended. */
  WriteResult attempt(Access access, Write write, WriteChecks.Checked checked) {
    return carryOut(access, List.of(write), checked, true).getFirst();
  }

  private List<WriteResult> carryOut(
      Access access, List<Write> writes, WriteChecks.Checked checked, boolean attempt) {
    List<Write> protects = writes.stream()
        .filter(write -> write instanceof Write.Delete && isProtected(write.key()))
        .toList();
    List<ResourceKey> deleted =
        permits.touching(access, protects).stream().map(Write::key).toList();
    if (!deleted.isEmpty()) {
      tables.lockOutWriters();
    }
    List<WriteResult> results = new Batch(access, writes, checked, attempt).carryOut();
    if (!deleted.isEmpty()) {
      refuseIfReferenced(deleted);
    }
    return results;
  }

  /** Whether the resource may only be deleted once none is left that refers to it. */
  boolean isProtected(ResourceKey key) {
    return versions.protects(key);
  }

  /** A Patient by whose record is whose, which says more than references do; anything else by the references that can be searched. */
  private void refuseIfReferenced(List<ResourceKey> deleted) {
    Map<Boolean, List<ResourceKey>> byKind =
        deleted.stream().collect(Collectors.partitioningBy(key -> key.type().equals("Patient")));
    List<ResourceKey> patients = Objects.requireNonNull(byKind.get(true));
    tables
        .countRecords(patients.stream().map(ResourceKey::id).toList())
        .forEach((patient, records) -> refuse(new ResourceKey("Patient", patient), records));
    searches
        .countReferring(Objects.requireNonNull(byKind.get(false)))
        .forEach(WriteBatches::refuse);
  }

  private static void refuse(ResourceKey key, long records) {
    throw new FaultException(new Fault.StillReferenced(key, records));
  }

  /**
   * Writes that are carried out together, with what they bring. Nothing goes to the database before it must: what is prepared is
   * stored when a derivation wants to read, and at the end.
   */
  private final class Batch {
    private final Access access;
    private final List<Write> writes;
    private final boolean attempt;
    private final Map<ResourceKey, CurrentRow> current;
    private final List<Write> waiting = new ArrayList<>();
    private final List<VersionWriter.Prepared> prepared = new ArrayList<>();
    private final Map<Write, WriteResult> results = new IdentityHashMap<>();
    private final Map<Write, List<Finding>> findings = new IdentityHashMap<>();
    private final List<NewEvent> events = new ArrayList<>();
    private final WriteChecks.Checked checked;
    private final Set<ResourceKey> unseen;

    /** @param attempt whether the writes are only tried, so that nothing is derived from them */
    Batch(Access access, List<Write> asked, WriteChecks.Checked checked, boolean attempt) {
      this.access = access;
      this.checked = checked;
      this.attempt = attempt;
      List<Write> changes =
          asked.stream().filter(w -> !(w instanceof Write.Create)).toList();
      this.current = permits.seen(
          access, changes, tables.lockCurrent(changes.stream().map(Write::key).toList()));
      this.writes = asked.stream()
          .map(w -> w instanceof Write.Patch patch
              ? patch.of(Optional.ofNullable(current.get(w.key())))
              : w)
          .toList();
      checked.require(writes);
      this.unseen = permits.unseen(access, writes);
    }

    List<WriteResult> carryOut() {
      Map<WriteDerivation, List<Write>> derived = new LinkedHashMap<>();
      derivations.all().forEach(d -> derived.put(d, new ArrayList<>()));
      Map<Write, Change> changes = new IdentityHashMap<>();
      for (Write write : writes) {
        Change change = change(write);
        derivations
            .concernedBy(change)
            .ifPresentOrElse(
                d -> {
                  Objects.requireNonNull(derived.get(d)).add(write);
                  changes.put(write, change);
                },
                () -> prepare(write, Origin.CLIENT));
      }
      if (!changes.isEmpty() && !attempt) {
        // A report is not to tell of an injection that is being erased.
        erasures.keepErasuresOut();
      }
      derived.forEach((d, list) -> list.forEach(write -> derive(
          d,
          write,
          Objects.requireNonNull(changes.get(write)),
          d.lenient() ? Origin.LENIENT : Origin.CLIENT)));
      store();
      // Last: from here on, others with events of the same patients wait for this transaction.
      outbox.append(events);
      return writes.stream().map(this::result).toList();
    }

    private Change change(Write write) {
      Optional<CurrentRow> row = Optional.ofNullable(current.get(write.key()));
      long version = row.map(r -> r.version().version() + 1).orElse(1L);
      return new Change(
          write.key(), version, derivations.before(write.key(), row), write.written());
    }

    private VersionWriter.Prepared prepare(Write write, Origin origin) {
      if (origin == Origin.CLIENT) {
        permits.refuseReferences(access, write, unseen);
      }
      VersionWriter.Prepared ready =
          versions.prepare(write, Optional.ofNullable(current.get(write.key())), origin);
      waiting.add(write);
      prepared.add(ready);
      return ready;
    }

    private void derive(WriteDerivation derivation, Write write, Change change, Origin origin) {
      if (attempt) {
        prepare(write, origin);
        return;
      }
      WriteDerivation.Derived derived =
          derivation.derive(access, change, new OnFileInWrite(write instanceof Write.Create));
      findings.put(write, derived.findings());
      if (prepare(write, origin).row() == null) {
        return;
      }
      derived.events().forEach(event -> events.add(event.withTraceparent(access.traceparent())));
      for (Write further : derived.writes()) {
        Change next = change(further);
        derivations
            .concernedBy(next)
            .ifPresentOrElse(
                d -> derive(d, further, next, Origin.DERIVED),
                () -> prepare(further, Origin.DERIVED));
      }
    }

    private void store() {
      if (waiting.isEmpty()) {
        return;
      }
      List<WriteResult> stored = versions
          .store(prepared, unseen)
          .orElseThrow(
              () -> new FaultException(new Fault.Contention(waiting.getFirst().key())));
      for (int i = 0; i < waiting.size(); i++) {
        results.put(waiting.get(i), stored.get(i));
      }
      waiting.clear();
      prepared.clear();
    }

    private WriteResult result(Write write) {
      WriteResult result = Objects.requireNonNull(results.get(write));
      List<Finding> all = new ArrayList<>(findings.getOrDefault(write, List.of()));
      all.addAll(result.findings());
      return new WriteResult(result.kind(), result.version(), all).after(checked.told(write));
    }

    /** Reads that see what the batch has prepared so far. */
    private final class OnFileInWrite implements WriteDerivation.InWrite {
      private final boolean newKey;

      OnFileInWrite(boolean newKey) {
        this.newKey = newKey;
      }

      @Override
      public Optional<WriteDerivation.StoredRecord> read(ResourceKey key) {
        store();
        return onFile.read(key);
      }

      @Override
      public List<WriteDerivation.Found> search(List<WriteDerivation.Search> searches) {
        store();
        return onFile.search(searches);
      }

      @Override
      public Map<ResourceKey, WriteDerivation.Standing> lock(Collection<ResourceKey> keys) {
        if (newKey) {
          return Map.of();
        }
        store();
        Map<ResourceKey, WriteDerivation.Standing> standing = new HashMap<>();
        tables.lockCurrent(keys).forEach((key, row) -> {
          current.put(key, row);
          standing.put(
              key,
              new WriteDerivation.Standing(
                  json.resource(row.version()).orElse(null), row.derived()));
        });
        return standing;
      }
    }
  }
}
