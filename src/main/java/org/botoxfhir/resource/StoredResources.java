package org.botoxfhir.resource;

import com.fasterxml.uuid.Generators;
import com.fasterxml.uuid.impl.TimeBasedEpochGenerator;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.fhir.FhirSettings;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.resource.VersionWriter.Origin;
import org.botoxfhir.resource.WriteResult.Kind;
import org.botoxfhir.search.Everything;
import org.botoxfhir.search.EverythingQuery;
import org.botoxfhir.search.Histories;
import org.botoxfhir.search.HistoryQuery;
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
  private final Histories histories;
  private final Everything everything;
  private final SearchQueryParser queries;
  private final WriteBatches batches;
  private final Derivations derivations;
  private final StoredOnFile onFile;
  private final FhirSettings settings;
  private final TransactionTemplate transactions;

  StoredResources(
      ResourceTables tables,
      VersionWriter versions,
      Searches searches,
      Histories histories,
      Everything everything,
      SearchQueryParser queries,
      WriteBatches batches,
      Derivations derivations,
      StoredOnFile onFile,
      FhirSettings settings,
      TransactionTemplate transactions) {
    this.tables = tables;
    this.versions = versions;
    this.searches = searches;
    this.histories = histories;
    this.everything = everything;
    this.queries = queries;
    this.batches = batches;
    this.derivations = derivations;
    this.onFile = onFile;
    this.settings = settings;
    this.transactions = transactions;
  }

  @Override
  public ResourceKey newKey(String type) {
    return new ResourceKey(type, ids.generate().toString());
  }

  @Override
  public Optional<String> identity(Resource resource) {
    return derivations.identity(resource);
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
    return new WriteResult(Kind.EXISTED, version, derivations.told(version));
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
    boolean alone = !(write instanceof Write.Delete && batches.isProtectedPatient(write.key()))
        && derivations.concernedBy(write.key(), write.written()).isEmpty();
    if (alone) {
      Optional<CurrentRow> current =
          write instanceof Write.Create ? Optional.empty() : tables.current(write.key());
      if (derivations
          .concernedBy(write.key(), derivations.before(write.key(), current))
          .isEmpty()) {
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
  public Histories.Page history(
      Access access, ResourceKey key, HistoryQuery query, SearchQuery.@Nullable Position after) {
    Histories.Page page = histories.of(key, query, after);
    if (page.entries().isEmpty() && tables.current(key).isEmpty()) {
      throw new FaultException(new Fault.NotFound(key));
    }
    return page;
  }

  @Override
  public Histories.Page history(
      Access access,
      @Nullable String type,
      HistoryQuery query,
      SearchQuery.@Nullable Position after) {
    return histories.of(type, query, after);
  }

  @Override
  public Everything.Page everything(
      Access access,
      ResourceKey patient,
      EverythingQuery query,
      SearchQuery.@Nullable Position after) {
    return everything.page(existing(patient), query, after);
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
    if (query.findsAll()) {
      throw new FaultException(Fault.invalid(
          "invalid",
          "'%s' would match every resource of the type; name what it must match"
              .formatted(criteria),
          null));
    }
    return query;
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
      return batches.carryOut(access, writes);
    }
  }
}
