package org.botoxfhir.resource;

import com.fasterxml.uuid.Generators;
import com.fasterxml.uuid.impl.TimeBasedEpochGenerator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.fhir.FhirSettings;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.resource.VersionWriter.Origin;
import org.botoxfhir.resource.WriteResult.Kind;
import org.botoxfhir.search.Confinements;
import org.botoxfhir.search.Everything;
import org.botoxfhir.search.EverythingQuery;
import org.botoxfhir.search.Histories;
import org.botoxfhir.search.HistoryQuery;
import org.botoxfhir.search.SearchQuery;
import org.botoxfhir.search.SearchQueryParser;
import org.botoxfhir.search.Searches;
import org.botoxfhir.search.Sight;
import org.botoxfhir.security.Access;
import org.botoxfhir.security.Permission;
import org.botoxfhir.store.CurrentRow;
import org.botoxfhir.store.DenialTable;
import org.botoxfhir.store.ResourceTables;
import org.botoxfhir.store.StoredVersion;
import org.hl7.fhir.r4.model.CanonicalType;
import org.hl7.fhir.r4.model.Meta;
import org.hl7.fhir.r4.model.Provenance;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.Resource;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.dao.PessimisticLockingFailureException;
import org.springframework.stereotype.Service;
import org.springframework.transaction.TransactionDefinition;
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
  private final PermittedReads reads;
  private final WritePermits permits;
  private final Confinements confinements;
  private final Searches searches;
  private final Everything everything;
  private final SearchQueryParser queries;
  private final WriteBatches batches;
  private final Derivations derivations;
  private final WriteChecks checks;
  private final StoredOnFile onFile;
  private final Json json;
  private final FhirSettings settings;
  private final TransactionTemplate transactions;
  private final TransactionTemplate attempts;

  /** What the client says of where its writes come from; null when it says nothing. */
  private final @Nullable Provenance provenance;

  @Autowired
  StoredResources(
      ResourceTables tables,
      VersionWriter versions,
      PermittedReads reads,
      WritePermits permits,
      Confinements confinements,
      Searches searches,
      Everything everything,
      SearchQueryParser queries,
      WriteBatches batches,
      Derivations derivations,
      WriteChecks checks,
      StoredOnFile onFile,
      Json json,
      FhirSettings settings,
      TransactionTemplate transactions) {
    this.tables = tables;
    this.versions = versions;
    this.reads = reads;
    this.permits = permits;
    this.confinements = confinements;
    this.searches = searches;
    this.everything = everything;
    this.queries = queries;
    this.batches = batches;
    this.derivations = derivations;
    this.checks = checks;
    this.onFile = onFile;
    this.json = json;
    this.settings = settings;
    this.transactions = transactions;
    this.attempts =
        new TransactionTemplate(Objects.requireNonNull(transactions.getTransactionManager()));
    this.attempts.setPropagationBehavior(TransactionDefinition.PROPAGATION_NESTED);
    this.provenance = null;
  }

  private StoredResources(StoredResources other, Provenance provenance) {
    this.tables = other.tables;
    this.versions = other.versions;
    this.reads = other.reads;
    this.permits = other.permits;
    this.confinements = other.confinements;
    this.searches = other.searches;
    this.everything = other.everything;
    this.queries = other.queries;
    this.batches = other.batches;
    this.derivations = other.derivations;
    this.checks = other.checks;
    this.onFile = other.onFile;
    this.json = other.json;
    this.settings = other.settings;
    this.transactions = other.transactions;
    this.attempts = other.attempts;
    this.provenance = provenance;
  }

  @Override
  public Resources with(Provenance given) {
    return new StoredResources(this, given);
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
    return transaction(access, check(access, List.of(create)), transaction -> {
      List<ResourceKey> found =
          found(transaction, text, ifNoneExist == null ? Set.of(text) : Set.of());
      Optional<ResourceKey> existing =
          ifNoneExist == null ? found.stream().findFirst() : Conditional.only(text, found);
      return existing.isPresent()
          ? Objects.requireNonNull(transaction.existing(Set.of(existing.get())).get(existing.get()))
          : transaction.write(List.of(create)).getFirst();
    });
  }

  private static List<ResourceKey> found(
      Transaction transaction, String criteria, Set<String> identities) {
    return Objects.requireNonNull(
        transaction.match(Set.of(criteria), Set.of(), identities).get(criteria));
  }

  @Override
  public WriteResult update(
      Access access, Resource resource, String criteria, @Nullable String expectedVersion) {
    String type = resource.fhirType();
    String text = type + "?" + criteria;
    ResourceKey newKey = newKey(type);
    Checked checked = check(access, List.of(new Write.Create(newKey, resource)));
    return transaction(access, checked, transaction -> {
      Optional<ResourceKey> match = Conditional.only(text, found(transaction, text, Set.of()));
      Write write = Conditional.update(resource, text, match, newKey, expectedVersion);
      return transaction.write(List.of(write)).getFirst();
    });
  }

  @Override
  public List<WriteResult> delete(
      Access access, String type, String criteria, @Nullable String expectedVersion) {
    String text = type + "?" + criteria;
    permits.require(access, List.of(new Write.Delete(newKey(type), expectedVersion)));
    return transaction(access, transaction -> {
      List<Write> deletes = Objects.requireNonNull(
              transaction.match(Set.of(text), Set.of(text), Set.of()).get(text))
          .stream()
          .map(key -> (Write) new Write.Delete(key, expectedVersion))
          .toList();
      return deletes.isEmpty() ? List.<WriteResult>of() : transaction.write(deletes);
    });
  }

  @Override
  public ResourceKey theOne(Access access, String type, String criteria) {
    String text = type + "?" + criteria;
    Sight sight = confinements.sight(access, Permission.SEARCH);
    return Conditional.only(text, searches.keys(query(text), sight, 2))
        .orElseThrow(() -> new FaultException(new Fault.NoMatch(text)));
  }

  @Override
  public WriteResult write(Access access, Write write) {
    WriteChecks.Checked checked = check(access, List.of(write));
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      Optional<Alone> alone = alone(access, write, checked);
      if (alone.isEmpty()) {
        return transaction(
            access, checked, transaction -> transaction.write(List.of(write)).getFirst());
      }
      Optional<List<WriteResult>> stored =
          versions.store(List.of(alone.get().prepared()), Set.of());
      if (stored.isPresent()) {
        return stored.get().getFirst().after(checked.told(alone.get().write()));
      }
    }
    throw new FaultException(new Fault.Contention(write.key()));
  }

  /** A write that a single statement stores. */
  private record Alone(Write write, VersionWriter.Prepared prepared) {}

  /** The write, ready to be stored by a single statement; empty when it needs more. */
  private Optional<Alone> alone(Access access, Write write, WriteChecks.Checked checked) {
    ResourceKey key = write.key();
    boolean checksRecords = write instanceof Write.Delete && batches.isProtected(key);
    if (provenance != null
        || checksRecords
        || key.type().equals(DenialTable.CONSENT)
        || derivations.concernedBy(key, write.written()).isPresent()) {
      return Optional.empty();
    }
    Optional<CurrentRow> current = write instanceof Write.Create
        ? Optional.empty()
        : permits.seen(access, write, tables.current(key));
    Write ready = write instanceof Write.Patch patch ? patch.of(current) : write;
    if (derivations.concernedBy(key, ready.written()).isPresent()
        || derivations.concernedBy(key, derivations.before(key, current)).isPresent()) {
      return Optional.empty();
    }
    checked.require(List.of(ready));
    permits.refuseReferences(access, ready, permits.unseen(access, List.of(ready)));
    return Optional.of(new Alone(ready, versions.prepare(ready, current, Origin.CLIENT)));
  }

  @Override
  public WriteChecks.Checked check(Access access, List<Write> writes) {
    WriteChecks.Checked checked = checks.of(access);
    checked.require(writes);
    return checked;
  }

  @Override
  public StoredVersion changeMeta(
      Access access, ResourceKey key, @Nullable String version, Consumer<Meta> change) {
    return transaction(access, transaction -> {
      CurrentRow current = tables.lockCurrent(List.of(key)).get(key);
      StoredVersion target = version == null
          ? reads.current(access, Permission.UPDATE, key)
          : reads.version(access, Permission.UPDATE, key, version);
      if (current == null) {
        throw new FaultException(new Fault.NotFound(key));
      }
      Resource before = json.parse(target);
      Resource after = json.parse(target);
      change.accept(after.getMeta());
      if (!derivations.concernedBy(key, before).equals(derivations.concernedBy(key, after))) {
        throw new FaultException(Fault.refused(
            "business-rule",
            "%s would become, or stop being, what the service acts upon, and nothing would follow; update it instead"
                .formatted(key),
            key.type() + ".meta.profile"));
      }
      if (!Objects.equals(profiles(before), profiles(after))) {
        check(access, List.of(new Write.Update(key, after, null)));
      }
      return versions.amend(current, target, after);
    });
  }

  private static List<String> profiles(Resource resource) {
    return resource.getMeta().getProfile().stream().map(CanonicalType::getValue).toList();
  }

  @Override
  public WriteResult attempt(Access access, Write write) {
    WriteChecks.Checked checked = check(access, List.of(write));
    return again(() -> attempts.execute(status -> {
      status.setRollbackOnly();
      return batches.attempt(access, write, checked);
    }));
  }

  @Override
  public <T> T transaction(Access access, Function<Transaction, T> work) {
    return transaction(access, checks.of(access), work);
  }

  @Override
  public <T> T transaction(Access access, Checked checked, Function<Transaction, T> work) {
    WriteChecks.Checked looked = switch (checked) {
      case WriteChecks.Checked one -> one;
    };
    return again(
        () -> transactions.execute(status -> work.apply(new OneTransaction(access, looked))));
  }

  /** From the start again when other writers were faster. */
  static <T> T again(Supplier<@Nullable T> transaction) {
    for (int attempt = 1; ; attempt++) {
      try {
        return Objects.requireNonNull(transaction.get());
      } catch (FaultException e) {
        if (!(e.fault() instanceof Fault.Contention) || attempt == ATTEMPTS) {
          throw e;
        }
      } catch (PessimisticLockingFailureException deadlock) {
        if (attempt == ATTEMPTS) {
          throw new FaultException(new Fault.Contention(null));
        }
      }
    }
  }

  @Override
  public StoredVersion read(Access access, ResourceKey key) {
    return reads.current(access, Permission.READ, key);
  }

  @Override
  public StoredVersion read(Access access, ResourceKey key, String version) {
    return reads.version(access, Permission.READ, key, version);
  }

  @Override
  public Histories.Page history(
      Access access, ResourceKey key, HistoryQuery query, SearchQuery.@Nullable Position after) {
    return reads.history(access, key, query, after);
  }

  @Override
  public Histories.Page history(
      Access access,
      @Nullable String type,
      HistoryQuery query,
      SearchQuery.@Nullable Position after) {
    return reads.history(access, type, query, after);
  }

  @Override
  public Everything.Page everything(
      Access access,
      ResourceKey patient,
      EverythingQuery query,
      SearchQuery.@Nullable Position after) {
    return everything.page(
        read(access, patient), query, confinements.sight(access, Permission.SEARCH), after);
  }

  @Override
  public WriteDerivation.OnFile onFile(Access access, List<Write> asked) {
    permits.require(access, asked);
    return onFile;
  }

  @Override
  public void requireReadable(Access access, String type) {
    confinements.wholeTypes(
        access, Permission.READ, List.of(type), "an answer out of every " + type);
  }

  @Override
  public Searches.Page search(
      Access access, SearchQuery query, SearchQuery.@Nullable Position after) {
    return searches.page(query, confinements.sight(access, Permission.SEARCH), after);
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
    private final Map<String, String> meanings = new HashMap<>();
    private final WriteChecks.Checked checked;

    OneTransaction(Access access, WriteChecks.Checked checked) {
      this.access = access;
      this.checked = checked;
    }

    @Override
    public Map<String, List<ResourceKey>> match(
        Set<String> criteria, Set<String> toDelete, Set<String> identities) {
      List<String> texts = List.copyOf(criteria);
      List<Searches.Limited> parsed = texts.stream()
          .map(text -> limited(text, toDelete.contains(text), identities.contains(text)))
          .toList();
      for (int i = 0; i < texts.size(); i++) {
        meanings.put(texts.get(i), parsed.get(i).query().meaning());
      }
      List<List<ResourceKey>> found = searches.keys(parsed, Set.copyOf(meanings.values()));
      Map<String, List<ResourceKey>> matches = new HashMap<>();
      for (int i = 0; i < texts.size(); i++) {
        String text = texts.get(i);
        if (toDelete.contains(text)) {
          refuseMany(text, found.get(i));
        }
        matches.put(text, found.get(i));
      }
      return matches;
    }

    @Override
    public String meaning(String criteria) {
      return Objects.requireNonNull(meanings.get(criteria));
    }

    /** What is the same record of the caller's is no search of the caller. */
    private Searches.Limited limited(String text, boolean toDelete, boolean identity) {
      SearchQuery query = query(text);
      Sight sight = confinements.sight(access, identity ? Permission.CREATE : Permission.SEARCH);
      if (!identity) {
        searches.requireComplete(query, sight);
      }
      return new Searches.Limited(
          query, sight, settings.multipleDelete() && toDelete ? MOST_DELETED + 1 : 2);
    }

    private void refuseMany(String criteria, List<ResourceKey> found) {
      if (found.size() > MOST_DELETED) {
        throw new FaultException(Fault.invalid(
            "too-costly",
            "'%s' matches more than %d resources; narrow it".formatted(criteria, MOST_DELETED),
            null));
      }
      if (found.size() > 1 && !settings.multipleDelete()) {
        throw new FaultException(new Fault.SeveralMatches(criteria));
      }
    }

    @Override
    public Map<ResourceKey, WriteResult> existing(Set<ResourceKey> keys) {
      Map<ResourceKey, WriteResult> existing = new HashMap<>();
      for (StoredVersion version :
          keys.isEmpty() ? List.<StoredVersion>of() : tables.current(keys)) {
        if (!version.deleted()) {
          existing.put(
              version.key(), new WriteResult(Kind.EXISTED, version, derivations.told(version)));
        }
      }
      keys.stream().filter(key -> !existing.containsKey(key)).forEach(gone -> {
        throw new FaultException(new Fault.Contention(gone));
      });
      return existing;
    }

    @Override
    public List<WriteResult> write(List<Write> writes) {
      checked.require(writes);
      List<WriteResult> results = batches.carryOut(access, writes, checked);
      if (provenance != null) {
        describe(provenance, results);
      }
      return results;
    }

    /** Stores where the versions that were made come from. */
    private void describe(Provenance given, List<WriteResult> results) {
      Provenance described = given.copy();
      for (WriteResult result : results) {
        if (result.kind() == Kind.CREATED || result.kind() == Kind.UPDATED) {
          StoredVersion made = result.version();
          described.addTarget(new Reference(made.key() + "/_history/" + made.version()));
        }
      }
      if (described.hasTarget()) {
        List<Write> create = List.of(new Write.Create(newKey(described.fhirType()), described));
        checked.require(create);
        batches.carryOut(access, create, checked);
      }
    }
  }
}
