package org.botoxfhir.resource;

import com.fasterxml.uuid.Generators;
import com.fasterxml.uuid.impl.TimeBasedEpochGenerator;
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
import java.util.function.Function;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.fault.Finding;
import org.botoxfhir.fhir.FhirSettings;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.outbox.NewEvent;
import org.botoxfhir.outbox.Outbox;
import org.botoxfhir.resource.VersionWriter.Origin;
import org.botoxfhir.resource.WriteResult.Kind;
import org.botoxfhir.search.SearchQuery;
import org.botoxfhir.search.SearchQueryParser;
import org.botoxfhir.search.Searches;
import org.botoxfhir.security.Access;
import org.botoxfhir.store.CurrentRow;
import org.botoxfhir.store.ResourceTables;
import org.botoxfhir.store.StoredVersion;
import org.hl7.fhir.r4.model.Resource;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Reads and writes over PostgreSQL. A write that no derivation concerns is one statement that commits by itself; any other runs in
 * an explicit transaction.
 */
@Service
final class StoredResources implements Resources {
  /** How often an update without {@code If-Match} starts over when others were faster, before it gives up. */
  private static final int ATTEMPTS = 20;

  /** By one conditional delete. */
  private static final int MOST_DELETED = 1000;

  private final TimeBasedEpochGenerator ids = Generators.timeBasedEpochGenerator();
  private final ResourceTables tables;
  private final VersionWriter versions;
  private final Searches searches;
  private final SearchQueryParser queries;
  private final List<WriteDerivation> derivations;
  private final Outbox outbox;
  private final Json json;
  private final FhirSettings settings;
  private final TransactionTemplate transactions;
  private final WriteDerivation.OnFile onFile = new StoredOnFile();

  StoredResources(
      ResourceTables tables,
      VersionWriter versions,
      Searches searches,
      SearchQueryParser queries,
      List<WriteDerivation> derivations,
      Outbox outbox,
      Json json,
      FhirSettings settings,
      TransactionTemplate transactions) {
    this.tables = tables;
    this.versions = versions;
    this.searches = searches;
    this.queries = queries;
    this.derivations = derivations;
    this.outbox = outbox;
    this.json = json;
    this.settings = settings;
    this.transactions = transactions;
  }

  @Override
  public ResourceKey newKey(String type) {
    return new ResourceKey(type, ids.generate().toString());
  }

  @Override
  public Optional<String> identity(Resource resource) {
    return derivations.stream()
        .filter(derivation -> derivation.types().contains(resource.fhirType()))
        .map(derivation -> derivation.identity(resource))
        .flatMap(Optional::stream)
        .findFirst();
  }

  @Override
  public WriteResult create(Access access, Resource resource, @Nullable String ifNoneExist) {
    String type = resource.fhirType();
    String criteria = ifNoneExist != null ? ifNoneExist : identity(resource).orElse(null);
    Write.Create create = new Write.Create(newKey(type), resource);
    if (criteria == null) {
      return write(access, create);
    }
    String text = type + "?" + criteria;
    return transaction(access, transaction -> {
      ResourceKey existing = transaction
          .match(Set.of(text), ifNoneExist == null ? Set.of(text) : Set.of())
          .get(text);
      return existing == null
          ? transaction.write(List.of(create)).getFirst()
          : existed(transaction.read(existing));
    });
  }

  private WriteResult existed(StoredVersion version) {
    List<Finding> findings = derivations.stream()
        .filter(d -> d.types().contains(version.key().type()))
        .flatMap(d -> d.told(json.parse(version)).stream())
        .toList();
    return new WriteResult(Kind.EXISTED, version, findings);
  }

  @Override
  public WriteResult update(
      Access access, Resource resource, String criteria, @Nullable String expectedVersion) {
    String type = resource.fhirType();
    String text = type + "?" + criteria;
    String id = resource.getIdElement().getIdPart();
    return transaction(access, transaction -> {
      ResourceKey match = transaction.match(Set.of(text), Set.of()).get(text);
      if (match != null && id != null && !id.equals(match.id())) {
        throw new FaultException(Fault.invalid(
            "invalid",
            "'%s' matches %s, and the resource carries the id %s; leave the id out, or make them agree"
                .formatted(text, match, id),
            type + ".id"));
      }
      Write write = match != null
          ? new Write.Update(match, resource, expectedVersion)
          : id == null
              ? new Write.Create(newKey(type), resource)
              : firstUnder(new ResourceKey(type, id), resource, text);
      return transaction.write(List.of(write)).getFirst();
    });
  }

  /** The write of a resource that criteria do not match, under an id that must be free: what is there would be lost. */
  private Write firstUnder(ResourceKey key, Resource resource, String criteria) {
    Optional<StoredVersion> current = tables.current(key).map(CurrentRow::version);
    if (current.isPresent() && !current.get().deleted()) {
      throw new FaultException(Fault.invalid(
          "conflict",
          "'%s' matches nothing, and %s is there without matching it; leave the id out, or write to %s"
              .formatted(criteria, key, key),
          key.type() + ".id"));
    }
    return new Write.Update(
        key, resource, Long.toString(current.map(StoredVersion::version).orElse(0L)));
  }

  @Override
  public List<WriteResult> delete(Access access, String type, String criteria) {
    String text = type + "?" + criteria;
    SearchQuery query = query(text);
    return transaction(access, transaction -> {
      tables.lockTexts(List.of(text));
      List<ResourceKey> found = settings.multipleDelete()
          ? searches.keys(query, MOST_DELETED + 1)
          : onlyMatch(text, searches.keys(query, 2)).stream().toList();
      if (found.size() > MOST_DELETED) {
        throw new FaultException(Fault.invalid(
            "too-costly",
            "'%s' matches more than %d resources; narrow it".formatted(text, MOST_DELETED),
            null));
      }
      List<Write> deletes = new ArrayList<>();
      found.forEach(key -> deletes.add(new Write.Delete(key, null)));
      return deletes.isEmpty() ? List.<WriteResult>of() : transaction.write(deletes);
    });
  }

  /** The match, if there is one. @param found two of the matches if there are more than one */
  private static Optional<ResourceKey> onlyMatch(String criteria, List<ResourceKey> found) {
    if (found.size() > 1) {
      throw new FaultException(new Fault.SeveralMatches(criteria));
    }
    return found.stream().findFirst();
  }

  @Override
  public WriteResult patch(
      Access access,
      ResourceKey key,
      Function<StoredVersion, Resource> change,
      @Nullable String expectedVersion) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      StoredVersion current = existing(key);
      String version = Long.toString(current.version());
      if (expectedVersion != null && !expectedVersion.equals(version)) {
        throw new FaultException(
            new Fault.VersionConflict(key, expectedVersion, current.version()));
      }
      try {
        return write(access, new Write.Update(key, change.apply(current), version));
      } catch (FaultException e) {
        if (!(e.fault() instanceof Fault.VersionConflict) || expectedVersion != null) {
          throw e;
        }
      }
    }
    throw new FaultException(new Fault.Contention(key));
  }

  @Override
  public ResourceKey theOne(Access access, String type, String criteria) {
    String text = type + "?" + criteria;
    return onlyMatch(text, searches.keys(query(text), 2))
        .orElseThrow(() -> new FaultException(new Fault.NoMatch(text)));
  }

  @Override
  public WriteResult write(Access access, Write write) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      Optional<WriteResult> result = attempt(access, write);
      if (result.isPresent()) {
        return result.get();
      }
    }
    throw new FaultException(new Fault.Contention(write.key()));
  }

  /** Empty when another writer was faster. */
  private Optional<WriteResult> attempt(Access access, Write write) {
    boolean alone = !(write instanceof Write.Delete && protectedPatient(write.key()))
        && derivation(write.key(), written(write)).isEmpty();
    if (alone) {
      Optional<CurrentRow> current =
          write instanceof Write.Create ? Optional.empty() : tables.current(write.key());
      if (derivation(write.key(), before(write.key(), current)).isEmpty()) {
        return versions
            .store(List.of(versions.prepare(write, current, Origin.CLIENT)))
            .map(List::getFirst);
      }
    }
    try {
      return Optional.of(
          transaction(access, transaction -> transaction.write(List.of(write)).getFirst()));
    } catch (FaultException e) {
      if (e.fault() instanceof Fault.Contention) {
        return Optional.empty();
      }
      throw e;
    }
  }

  @Override
  public <T> T transaction(Access access, Function<Transaction, T> work) {
    return Objects.requireNonNull(
        transactions.execute(status -> work.apply(new OneTransaction(access))));
  }

  @Override
  public StoredVersion read(Access access, ResourceKey key) {
    return existing(key);
  }

  private StoredVersion existing(ResourceKey key) {
    StoredVersion version = tables
        .current(key)
        .orElseThrow(() -> new FaultException(new Fault.NotFound(key)))
        .version();
    if (version.deleted()) {
      throw new FaultException(new Fault.Gone(key, version.version()));
    }
    return version;
  }

  @Override
  public StoredVersion read(Access access, ResourceKey key, String version) {
    Fault unknown = new Fault.VersionNotFound(key, version);
    if (!version.matches("[1-9][0-9]{0,17}")) {
      throw new FaultException(unknown);
    }
    StoredVersion found =
        tables.version(key, Long.parseLong(version)).orElseThrow(() -> new FaultException(unknown));
    if (found.deleted()) {
      throw new FaultException(new Fault.Gone(key, found.version()));
    }
    return found;
  }

  @Override
  public History history(Access access, ResourceKey key, long before, int count) {
    long total = tables.countVersions(key);
    if (total == 0) {
      throw new FaultException(new Fault.NotFound(key));
    }
    List<StoredVersion> found = tables.history(key, before, count + 1);
    boolean more = found.size() > count;
    return new History(more ? found.subList(0, count) : found, total, more);
  }

  @Override
  public WriteDerivation.OnFile onFile(Access access) {
    return onFile;
  }

  @Override
  public Searches.Page search(
      Access access, SearchQuery query, SearchQuery.@Nullable Position after) {
    return searches.page(query, after);
  }

  private SearchQuery query(String criteria) {
    int mark = criteria.indexOf('?');
    if (mark < 1) {
      throw new FaultException(Fault.invalid(
          "invalid", "'%s' is no search; write Type?parameter=value".formatted(criteria), null));
    }
    SearchQuery query = queries.parse(criteria.substring(0, mark), criteria.substring(mark + 1));
    if (query.criteria().isEmpty()) {
      throw new FaultException(Fault.invalid(
          "invalid",
          "'%s' would match every resource of the type; name what it must match"
              .formatted(criteria),
          null));
    }
    return query;
  }

  private Optional<WriteDerivation> derivation(ResourceKey key, @Nullable Resource version) {
    return version == null
        ? Optional.empty()
        : derivations.stream()
            .filter(d -> d.types().contains(key.type()) && d.concerns(key, version))
            .findFirst();
  }

  private static @Nullable Resource written(Write write) {
    return switch (write) {
      case Write.Create create -> create.resource();
      case Write.Update update -> update.resource();
      case Write.Delete delete -> null;
    };
  }

  /** The version that a write replaces, if any derivation may want to know. */
  private @Nullable Resource before(ResourceKey key, Optional<CurrentRow> current) {
    boolean asked = derivations.stream().anyMatch(d -> d.types().contains(key.type()));
    return current
        .map(CurrentRow::version)
        .filter(version -> asked)
        .flatMap(json::resource)
        .orElse(null);
  }

  private boolean protectedPatient(ResourceKey key) {
    return key.type().equals("Patient") && versions.protectsPatients();
  }

  /** Reads over the connection of the running transaction, if one is. */
  private final class StoredOnFile implements WriteDerivation.OnFile {

    @Override
    public Optional<Resource> read(ResourceKey key) {
      return tables.current(key).map(CurrentRow::version).flatMap(json::resource);
    }

    @Override
    public WriteDerivation.Found search(String type, String query) {
      Searches.Page page = searches.page(queries.parse(type, query), null);
      return new WriteDerivation.Found(
          page.matches().stream().map(json::parse).toList(), page.next() != null);
    }
  }

  /** The writes of one database transaction. */
  private final class OneTransaction implements Transaction {
    private final Access access;

    OneTransaction(Access access) {
      this.access = access;
    }

    @Override
    public Map<String, ResourceKey> match(Set<String> criteria, Set<String> identities) {
      List<String> texts = List.copyOf(criteria);
      List<SearchQuery> parsed = texts.stream().map(StoredResources.this::query).toList();
      tables.lockTexts(texts);
      List<List<ResourceKey>> found = searches.atMostTwo(parsed);
      Map<String, ResourceKey> matches = new LinkedHashMap<>();
      for (int i = 0; i < texts.size(); i++) {
        String text = texts.get(i);
        Optional<ResourceKey> match = identities.contains(text)
            ? found.get(i).stream().findFirst()
            : onlyMatch(text, found.get(i));
        match.ifPresent(key -> matches.put(text, key));
      }
      return matches;
    }

    @Override
    public StoredVersion read(ResourceKey key) {
      return existing(key);
    }

    @Override
    public List<WriteResult> write(List<Write> writes) {
      boolean deletesPatients =
          writes.stream().anyMatch(w -> w instanceof Write.Delete && protectedPatient(w.key()));
      if (deletesPatients) {
        tables.lockOutWriters();
      }
      List<WriteResult> results = new Batch(access, writes).carryOut();
      if (deletesPatients) {
        writes.stream()
            .filter(Write.Delete.class::isInstance)
            .map(Write::key)
            .forEach(this::refuseIfReferenced);
      }
      return results;
    }

    private void refuseIfReferenced(ResourceKey key) {
      long records = protectedPatient(key) ? tables.countRecords(key.id()) : 0;
      if (records > 0) {
        throw new FaultException(new Fault.StillReferenced(key, records));
      }
    }
  }

  /**
   * Writes that are carried out together, with what they bring. Nothing goes to the database before it must: what is prepared is
   * stored when a derivation wants to read, and at the end.
   */
  private final class Batch {
    private final Access access;
    private final List<Write> writes;
    private final Map<ResourceKey, CurrentRow> current;
    private final List<Write> waiting = new ArrayList<>();
    private final List<VersionWriter.Prepared> prepared = new ArrayList<>();
    private final Map<Write, WriteResult> results = new IdentityHashMap<>();
    private final Map<Write, List<Finding>> findings = new IdentityHashMap<>();
    private final List<NewEvent> events = new ArrayList<>();

    Batch(Access access, List<Write> writes) {
      this.access = access;
      this.writes = writes;
      this.current = tables.lockCurrent(writes.stream()
          .filter(w -> !(w instanceof Write.Create))
          .map(Write::key)
          .toList());
    }

    List<WriteResult> carryOut() {
      Map<WriteDerivation, List<Write>> derived = new LinkedHashMap<>();
      derivations.forEach(d -> derived.put(d, new ArrayList<>()));
      Map<Write, Change> changes = new IdentityHashMap<>();
      for (Write write : writes) {
        Change change = change(write);
        derivation(change)
            .ifPresentOrElse(
                d -> {
                  Objects.requireNonNull(derived.get(d)).add(write);
                  changes.put(write, change);
                },
                () -> prepare(write, Origin.CLIENT));
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
      return new Change(write.key(), version, before(write.key(), row), written(write));
    }

    private Optional<WriteDerivation> derivation(Change change) {
      return StoredResources.this
          .derivation(change.key(), change.after())
          .or(() -> StoredResources.this.derivation(change.key(), change.before()));
    }

    private VersionWriter.Prepared prepare(Write write, Origin origin) {
      VersionWriter.Prepared ready =
          versions.prepare(write, Optional.ofNullable(current.get(write.key())), origin);
      waiting.add(write);
      prepared.add(ready);
      return ready;
    }

    private void derive(WriteDerivation derivation, Write write, Change change, Origin origin) {
      WriteDerivation.Derived derived =
          derivation.derive(access, change, new OnFileInWrite(write instanceof Write.Create));
      findings.put(write, derived.findings());
      if (prepare(write, origin).row() == null) {
        return;
      }
      derived.events().forEach(event -> events.add(event.withTraceparent(access.traceparent())));
      for (Write further : derived.writes()) {
        Change next = change(further);
        derivation(next)
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
          .store(prepared)
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
      return new WriteResult(result.kind(), result.version(), all);
    }

    /** Reads that see what the batch has prepared so far. */
    private final class OnFileInWrite implements WriteDerivation.InWrite {
      private final boolean newKey;

      OnFileInWrite(boolean newKey) {
        this.newKey = newKey;
      }

      @Override
      public Optional<Resource> read(ResourceKey key) {
        store();
        return onFile.read(key);
      }

      @Override
      public WriteDerivation.Found search(String type, String query) {
        store();
        return onFile.search(type, query);
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
