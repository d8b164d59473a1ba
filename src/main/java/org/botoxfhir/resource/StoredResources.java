package org.botoxfhir.resource;

import com.fasterxml.uuid.Generators;
import com.fasterxml.uuid.impl.TimeBasedEpochGenerator;
import java.util.ArrayList;
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
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.outbox.NewEvent;
import org.botoxfhir.outbox.Outbox;
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

  private final TimeBasedEpochGenerator ids = Generators.timeBasedEpochGenerator();
  private final ResourceTables tables;
  private final VersionWriter versions;
  private final Searches searches;
  private final SearchQueryParser queries;
  private final List<WriteDerivation> derivations;
  private final Outbox outbox;
  private final Json json;
  private final TransactionTemplate transactions;
  private final WriteDerivation.OnFile onFile = new OnFileReads();

  StoredResources(
      ResourceTables tables,
      VersionWriter versions,
      Searches searches,
      SearchQueryParser queries,
      List<WriteDerivation> derivations,
      Outbox outbox,
      Json json,
      TransactionTemplate transactions) {
    this.tables = tables;
    this.versions = versions;
    this.searches = searches;
    this.queries = queries;
    this.derivations = derivations;
    this.outbox = outbox;
    this.json = json;
    this.transactions = transactions;
  }

  @Override
  public ResourceKey newKey(String type) {
    return new ResourceKey(type, ids.generate().toString());
  }

  @Override
  public Optional<String> identity(Resource resource) {
    return derivations.stream()
        .filter(derivation -> derivation.concerns(resource))
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
      ResourceKey existing = transaction.match(Set.of(text)).get(text);
      return existing == null
          ? transaction.write(List.of(create)).getFirst()
          : new WriteResult(Kind.EXISTED, transaction.read(existing), List.of());
    });
  }

  @Override
  public WriteResult write(Access access, Write write) {
    if (derivation(write).isPresent()
        || write instanceof Write.Delete(var key, var version) && protectedPatient(key)) {
      return transaction(
          access, transaction -> transaction.write(List.of(write)).getFirst());
    }
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      Optional<CurrentRow> current =
          write instanceof Write.Create ? Optional.empty() : tables.current(write.key());
      Optional<List<WriteResult>> results =
          versions.store(List.of(versions.prepare(write, current)), false);
      if (results.isPresent()) {
        return results.get().getFirst();
      }
    }
    throw new FaultException(new Fault.Contention(write.key()));
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
  public Searches.Page search(
      Access access, SearchQuery query, SearchQuery.@Nullable Position after) {
    return searches.page(query, after);
  }

  private Optional<WriteDerivation> derivation(Write write) {
    return switch (write) {
      case Write.Create create -> derivation(create.resource());
      case Write.Update update -> derivation(update.resource());
      case Write.Delete delete -> Optional.empty();
    };
  }

  private Optional<WriteDerivation> derivation(Resource resource) {
    return derivations.stream().filter(d -> d.concerns(resource)).findFirst();
  }

  private boolean protectedPatient(ResourceKey key) {
    return key.type().equals("Patient") && versions.protectsPatients();
  }

  /** Reads over the connection of the running transaction. */
  private final class OnFileReads implements WriteDerivation.OnFile {

    @Override
    public Optional<Resource> read(ResourceKey key) {
      return tables
          .current(key)
          .map(CurrentRow::version)
          .filter(version -> !version.deleted())
          .map(json::parse);
    }

    @Override
    public List<Resource> search(String type, String query) {
      return searches.page(queries.parse(type, query), null).matches().stream()
          .map(json::parse)
          .toList();
    }
  }

  /** The writes of one database transaction. */
  private final class OneTransaction implements Transaction {
    private final Access access;

    OneTransaction(Access access) {
      this.access = access;
    }

    @Override
    public Map<String, ResourceKey> match(Set<String> criteria) {
      List<String> texts = List.copyOf(criteria);
      List<SearchQuery> parsed = texts.stream().map(this::query).toList();
      tables.lockTexts(texts);
      List<List<ResourceKey>> found = searches.atMostTwo(parsed);
      Map<String, ResourceKey> matches = new LinkedHashMap<>();
      for (int i = 0; i < texts.size(); i++) {
        if (found.get(i).size() > 1) {
          throw new FaultException(new Fault.SeveralMatches(texts.get(i)));
        }
        if (!found.get(i).isEmpty()) {
          matches.put(texts.get(i), found.get(i).getFirst());
        }
      }
      return matches;
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
      Map<ResourceKey, CurrentRow> current = tables.lockCurrent(writes.stream()
          .filter(w -> !(w instanceof Write.Create))
          .map(Write::key)
          .toList());
      Map<Write, WriteResult> results = new IdentityHashMap<>();
      List<Write> plain = writes.stream().filter(w -> derivation(w).isEmpty()).toList();
      store(plain, current, false, results);
      List<NewEvent> events = new ArrayList<>();
      for (Write write : writes) {
        derivation(write).ifPresent(d -> results.put(write, derive(d, write, current, events)));
      }
      if (deletesPatients) {
        writes.stream()
            .filter(Write.Delete.class::isInstance)
            .map(Write::key)
            .forEach(this::refuseIfReferenced);
      }
      outbox.append(
          events); // last: from here on, others with events of the same patients wait for this
      // transaction
      return writes.stream().map(w -> Objects.requireNonNull(results.get(w))).toList();
    }

    private void refuseIfReferenced(ResourceKey key) {
      long records = protectedPatient(key) ? tables.countRecords(key.id()) : 0;
      if (records > 0) {
        throw new FaultException(new Fault.StillReferenced(key, records));
      }
    }

    private WriteResult derive(
        WriteDerivation derivation,
        Write write,
        Map<ResourceKey, CurrentRow> current,
        List<NewEvent> events) {
      Optional<CurrentRow> before = Optional.ofNullable(current.get(write.key()));
      long version = before.map(row -> row.version().version() + 1).orElse(1L);
      WriteDerivation.Derived derived = derivation.derive(access, write, version, onFile);
      Map<Write, WriteResult> results = new IdentityHashMap<>();
      store(List.of(write), current, true, results);
      WriteResult result = Objects.requireNonNull(results.get(write));
      if (result.kind() == Kind.UNCHANGED) {
        return result;
      }
      Map<ResourceKey, CurrentRow> derivedBefore =
          tables.lockCurrent(derived.writes().stream().map(Write::key).toList());
      store(derived.writes(), derivedBefore, true, results);
      derived.events().forEach(event -> events.add(event.withTraceparent(access.traceparent())));
      List<Finding> findings = new ArrayList<>(derived.findings());
      findings.addAll(result.findings());
      return new WriteResult(result.kind(), result.version(), findings);
    }

    private void store(
        List<Write> writes,
        Map<ResourceKey, CurrentRow> current,
        boolean lenient,
        Map<Write, WriteResult> results) {
      List<VersionWriter.Prepared> prepared = writes.stream()
          .map(w -> versions.prepare(w, Optional.ofNullable(current.get(w.key()))))
          .toList();
      List<WriteResult> stored = versions
          .store(prepared, lenient)
          .orElseThrow(
              () -> new FaultException(new Fault.Contention(writes.getFirst().key())));
      for (int i = 0; i < writes.size(); i++) {
        results.put(writes.get(i), stored.get(i));
      }
    }
  }
}
