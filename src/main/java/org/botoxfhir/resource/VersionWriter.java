package org.botoxfhir.resource;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.fault.Finding;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.fhir.ServedTypes;
import org.botoxfhir.resource.WriteResult.Kind;
import org.botoxfhir.search.IndexRowExtractor;
import org.botoxfhir.store.CurrentRow;
import org.botoxfhir.store.IndexRows;
import org.botoxfhir.store.ReferencedKey;
import org.botoxfhir.store.ResourceRow;
import org.botoxfhir.store.ResourceTables;
import org.botoxfhir.store.StoredVersion;
import org.botoxfhir.store.WriteOutcome;
import org.hl7.fhir.r4.model.Resource;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.stereotype.Component;

/**
 * From writes to versions in the store: numbers them, encodes them, computes their index rows and checks their references. At most
 * one statement for all new resources and one for all new versions, however many.
 */
@Component
final class VersionWriter {
  private static final byte[] NO_CONTENT = {};

  private final ResourceTables tables;
  private final IndexRowExtractor indexRows;
  private final LocalReferences references;
  private final ServedTypes types;
  private final Json json;
  private final Clock clock = Clock.systemUTC();

  VersionWriter(
      ResourceTables tables,
      IndexRowExtractor indexRows,
      LocalReferences references,
      ServedTypes types,
      Json json) {
    this.tables = tables;
    this.indexRows = indexRows;
    this.references = references;
    this.types = types;
    this.json = json;
  }

  /**
   * A write that is ready for the store.
   *
   * @param row what to store; null when there is nothing to do
   * @param elements what the resource refers to, and where
   * @param lenient whether references to what is not on file are only warned of, whatever the setting says
   */
  record Prepared(
      WriteResult result,
      @Nullable ResourceRow row,
      Map<ResourceKey, Supplier<String>> elements,
      boolean lenient) {}

  /** Whose write it is, which decides how it is checked and marked. */
  enum Origin {
    /** A client's. */
    CLIENT(false, false),
    /** A client's, to be taken whatever it refers to. */
    LENIENT(true, false),
    /** The service's own, out of another record. */
    DERIVED(true, true);

    private final boolean lenient;
    private final boolean derived;

    Origin(boolean lenient, boolean derived) {
      this.lenient = lenient;
      this.derived = derived;
    }
  }

  /**
   * @param current the current version, if there is or was one
   * @throws FaultException when the type is not served, {@code If-Match} does not match, or what was there is erased; a report of
   *     symptoms is taken all the same, with the next number, since who alerts knows the earlier ones
   */
  Prepared prepare(Write write, Optional<CurrentRow> current, Origin origin) {
    if (!types.serves(write.key().type())) {
      throw new FaultException(new Fault.TypeNotServed(write.key().type(), types.all()));
    }
    return switch (write) {
      case Write.Create create ->
        version(create.key(), create.resource(), Optional.empty(), origin);
      case Write.First first -> {
        if (current.isPresent() && !current.get().version().deleted()) {
          throw new FaultException(new Fault.Taken(first.key()));
        }
        yield version(first.key(), first.resource(), current, origin);
      }
      case Write.Patch patch -> prepare(patch.of(current), current, origin);
      case Write.Update update -> {
        match(update.key(), update.expectedVersion(), current);
        yield version(update.key(), update.resource(), current, origin);
      }
      case Write.Delete delete -> {
        match(delete.key(), delete.expectedVersion(), current);
        yield deletion(delete.key(), current, origin);
      }
    };
  }

  private static void match(
      ResourceKey key, @Nullable String expected, Optional<CurrentRow> current) {
    long number = current.map(row -> row.version().version()).orElse(0L);
    if (expected != null && !expected.equals(Long.toString(number))) {
      throw new FaultException(new Fault.VersionConflict(key, expected, number));
    }
  }

  private Prepared version(
      ResourceKey key, Resource resource, Optional<CurrentRow> before, Origin origin) {
    boolean replaces = before.isPresent() && !before.get().version().deleted();
    if (before.isPresent() && before.get().erased() && !replaces && !origin.lenient) {
      throw new FaultException(new Fault.Erased(key));
    }
    long number = before.map(row -> row.version().version() + 1).orElse(1L);
    Instant time = time(before);
    String content = json.encode(resource, key, number, time);
    var stored =
        new StoredVersion(key, number, time, false, null, content.getBytes(StandardCharsets.UTF_8));
    if (replaces && Json.sameContent(before.get().version(), stored)) {
      return new Prepared(
          new WriteResult(Kind.UNCHANGED, before.get().version(), List.of()),
          null,
          Map.of(),
          origin.lenient);
    }
    IndexRows index = indexRows.extract(resource);
    var row = new ResourceRow(
        before.map(CurrentRow::rid).orElseGet(tables::newRid),
        key,
        number - 1,
        number,
        time,
        false,
        origin.derived,
        content,
        index);
    return new Prepared(
        new WriteResult(
            replaces ? Kind.UPDATED : Kind.CREATED, stored.of(index.patient()), List.of()),
        row,
        references.of(resource, content),
        origin.lenient);
  }

  /**
   * Stores other content of a version under its number and time, with its index rows where it is the current one. Needs a
   * transaction that has locked the current version.
   *
   * @return the version as it is now
   */
  StoredVersion amend(CurrentRow current, StoredVersion version, Resource resource) {
    ResourceKey key = version.key();
    String content = json.encode(resource, key, version.version(), version.lastUpdated());
    if (version.version() == current.version().version()) {
      tables.amend(new ResourceRow(
          current.rid(),
          key,
          version.version(),
          version.version(),
          version.lastUpdated(),
          false,
          current.derived(),
          content,
          indexRows.extract(resource)));
    } else {
      tables.amendPast(current.rid(), version.version(), content);
    }
    return new StoredVersion(
        key,
        version.version(),
        version.lastUpdated(),
        false,
        version.patient(),
        content.getBytes(StandardCharsets.UTF_8));
  }

  private Prepared deletion(ResourceKey key, Optional<CurrentRow> current, Origin origin) {
    if (current.isEmpty() || current.get().version().deleted()) {
      StoredVersion none = new StoredVersion(key, 0, clock.instant(), true, null, NO_CONTENT);
      return new Prepared(
          new WriteResult(Kind.DELETED, current.map(CurrentRow::version).orElse(none), List.of()),
          null,
          Map.of(),
          origin.lenient);
    }
    long number = current.get().version().version() + 1;
    Instant time = time(current);
    return new Prepared(
        new WriteResult(
            Kind.DELETED,
            new StoredVersion(
                key, number, time, true, current.get().version().patient(), NO_CONTENT),
            List.of()),
        new ResourceRow(
            current.get().rid(),
            key,
            number - 1,
            number,
            time,
            true,
            origin.derived,
            "",
            IndexRows.NONE),
        Map.of(),
        origin.lenient);
  }

  /** Now, in milliseconds as FHIR shows it, but always later than the version before, whatever the clock does. */
  private Instant time(Optional<CurrentRow> before) {
    Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    Instant earliest =
        before.map(row -> row.version().lastUpdated().plusMillis(1)).orElse(Instant.EPOCH);
    return now.isBefore(earliest) ? earliest : now;
  }

  /** {@link LocalReferences#protects}. */
  boolean protects(ResourceKey key) {
    return references.protects(key);
  }

  /**
   * Stores what was prepared. Outside a transaction this is atomic when it is a single write.
   *
   * @param unseen what is to pass for not being on file, whether it is or not
   * @return the results in order; empty when another writer was faster: nothing is stored then
   * @throws FaultException {@link Fault.Refused} when a required reference is not on file
   */
  Optional<List<WriteResult>> store(List<Prepared> prepared, Set<ResourceKey> unseen) {
    List<ResourceRow> inserts = new ArrayList<>();
    List<ResourceRow> replacements = new ArrayList<>();
    Map<ResourceKey, Boolean> referenced = new HashMap<>();
    Set<ResourceKey> inside = new HashSet<>();
    for (Prepared one : prepared) {
      if (one.row() != null) {
        (one.row().replaces() == 0 ? inserts : replacements).add(one.row());
        if (!one.row().deleted()) {
          inside.add(one.row().key());
        }
        String patient = one.row().index().patient();
        one.elements()
            .keySet()
            .forEach(key -> referenced.merge(
                key, !one.lenient() && references.required(key, patient), Boolean::logicalOr));
      }
    }
    referenced.keySet().removeAll(inside);
    List<ReferencedKey> keys = referenced.entrySet().stream()
        .map(entry -> new ReferencedKey(entry.getKey(), entry.getValue()))
        .toList();
    Set<ResourceKey> missing = new HashSet<>(unseen);
    try {
      for (boolean insert : new boolean[] {true, false}) {
        List<ResourceRow> rows = insert ? inserts : replacements;
        if (!rows.isEmpty()) {
          WriteOutcome outcome = insert ? tables.insert(rows, keys) : tables.replace(rows, keys);
          if (outcome.conflict()) {
            return Optional.empty();
          }
          missing.addAll(outcome.missing());
          if (!outcome.written()) {
            throw new FaultException(refused(prepared, missing, referenced));
          }
        }
      }
    } catch (DuplicateKeyException takenMeanwhile) {
      return Optional.empty();
    }
    return Optional.of(prepared.stream().map(one -> result(one, missing)).toList());
  }

  private static Fault refused(
      List<Prepared> prepared, Set<ResourceKey> missing, Map<ResourceKey, Boolean> referenced) {
    List<Finding> findings = new ArrayList<>();
    for (Prepared one : prepared) {
      one.elements().forEach((key, place) -> {
        if (missing.contains(key) && Boolean.TRUE.equals(referenced.get(key))) {
          String element = place.get();
          findings.add(Finding.error(
                  "not-found",
                  "%s refers to %s, which is not on file; send it first, or in the same transaction"
                      .formatted(element, key),
                  element)
              .within(one.result().version().key()));
        }
      });
    }
    return new Fault.Refused(findings);
  }

  private static WriteResult result(Prepared prepared, Set<ResourceKey> missing) {
    List<Finding> findings = new ArrayList<>(prepared.result().findings());
    prepared.elements().forEach((key, place) -> {
      if (missing.contains(key)) {
        String element = place.get();
        findings.add(Finding.warning(
            "not-found",
            "%s refers to %s, which is not on file (yet)".formatted(element, key),
            element));
      }
    });
    return new WriteResult(prepared.result().kind(), prepared.result().version(), findings);
  }
}
