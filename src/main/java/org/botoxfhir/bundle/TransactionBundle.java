package org.botoxfhir.bundle;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.botoxfhir.bundle.Entry.Target;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.fault.Finding;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.resource.Conditional;
import org.botoxfhir.resource.Resources;
import org.botoxfhir.resource.Write;
import org.botoxfhir.resource.WriteResult;
import org.botoxfhir.security.Access;
import org.jspecify.annotations.Nullable;

/**
 * One transaction: all entries or none, in one database transaction whose round trips do not grow with the number of entries that
 * write. Whatever their order in the bundle, deletions come first, then creations, then updates and patches, then reads. Links between
 * entries become links to what is stored, as {@link Links} finds them.
 */
final class TransactionBundle {
  private final Resources resources;
  private final List<Entry> entries;
  private final Links links;

  /** What the conditions match. */
  private Map<String, List<ResourceKey>> matches = Map.of();

  /** The writes of each entry that writes, by its index. */
  private final Map<Integer, List<Write>> writes = new HashMap<>();

  /** What conditional creates found, by index of the entry. */
  private final Map<Integer, ResourceKey> existing = new HashMap<>();

  private TransactionBundle(Resources resources, List<Entry> entries, Links links) {
    this.resources = resources;
    this.entries = entries;
    this.links = links;
  }

  static List<EntryAnswer> execute(
      Resources resources, Access access, List<Entry> entries, Reads reads) {
    Links links = Links.of(entries);
    if (!links.errors().isEmpty()) {
      throw new FaultException(new Fault.Invalid(links.errors()));
    }
    TransactionBundle known = new TransactionBundle(resources, entries, links);
    if (known.asking().isEmpty() && links.criteria().isEmpty()) {
      known.prepare(UnaryOperator.identity());
      Resources.Checked checked = known.check(access);
      return resources.transaction(
          access, checked, transaction -> known.carryOut(transaction, reads));
    }
    return resources.transaction(access, transaction -> {
      var conditional = new TransactionBundle(resources, entries, links);
      conditional.match(transaction);
      conditional.prepare(transaction::meaning);
      return conditional.carryOut(transaction, reads);
    });
  }

  /** Before anything is locked: of a bundle without conditions it is known what it writes. */
  private Resources.Checked check(Access access) {
    try {
      return resources.check(access, ordered());
    } catch (FaultException e) {
      throw new FaultException(named(e.fault()));
    }
  }

  /**
   * Finds out what is to be written, with the links that it is to have.
   *
   * @param meaning what a condition asks, however it is spelt
   */
  private void prepare(UnaryOperator<String> meaning) {
    for (Entry entry : entries) {
      inEntry(entry, () -> {
        resolve(entry);
        return entry;
      });
    }
    refuseOverlaps(meaning);
    List<Finding> unmatched = links.rewrite(this::key, referenced());
    if (!unmatched.isEmpty()) {
      throw new FaultException(new Fault.Unmet(unmatched));
    }
  }

  private List<EntryAnswer> carryOut(Resources.Transaction transaction, Reads reads) {
    Map<Integer, List<WriteResult>> results = write(transaction);
    Map<ResourceKey, WriteResult> found = transaction.existing(new HashSet<>(existing.values()));
    existing.forEach(
        (index, key) -> results.put(index, List.of(Objects.requireNonNull(found.get(key)))));
    return entries.stream()
        .map(entry -> inEntry(
            entry, () -> answer(entry, results.getOrDefault(entry.index(), List.of()), reads)))
        .toList();
  }

  /** The conditions of entries, each with the first that has it. */
  private Map<String, Entry> asking() {
    Map<String, Entry> asking = new LinkedHashMap<>();
    for (Entry entry : entries) {
      criteria(entry).forEach(criteria -> asking.putIfAbsent(criteria, entry));
    }
    return asking;
  }

  /** Finds what all conditions match, in one question. */
  private void match(Resources.Transaction transaction) {
    Map<String, Entry> asking = asking();
    Set<String> toDelete = new HashSet<>();
    Set<String> identities = new HashSet<>();
    for (Entry entry : entries) {
      if (entry instanceof Entry.Create create && create.identity() != null) {
        identities.add(create.identity());
      }
      if (entry instanceof Entry.Delete) {
        toDelete.addAll(criteria(entry));
      }
    }
    Set<String> criteria = new LinkedHashSet<>(asking.keySet());
    criteria.addAll(links.criteria());
    try {
      matches = transaction.match(criteria, toDelete, identities);
    } catch (FaultException e) {
      if (e.fault() instanceof Fault.SeveralMatches(var several) && asking.containsKey(several)) {
        throw new FaultException(new Fault.InEntry(
            Objects.requireNonNull(asking.get(several)).path() + ".request.url", e.fault()));
      }
      throw e;
    }
  }

  private static List<String> criteria(Entry entry) {
    return switch (entry) {
      case Entry.Create create -> {
        List<String> both = new ArrayList<>();
        if (create.ifNoneExist() != null) {
          both.add(create.ifNoneExist());
        }
        if (create.identity() != null) {
          both.add(create.identity());
        }
        yield both;
      }
      case Entry.Update update -> criteria(update.target());
      case Entry.Change change -> criteria(change.target());
      case Entry.Delete delete -> criteria(delete.target());
      case Entry.Read ignored -> List.of();
    };
  }

  private static List<String> criteria(Target target) {
    return target instanceof Target.Matching(var text) ? List.of(text) : List.of();
  }

  private List<ResourceKey> matches(String criteria) {
    return matches.getOrDefault(criteria, List.of());
  }

  /** Which resource the entry is about, and what is to be written. */
  private void resolve(Entry entry) {
    switch (entry) {
      case Entry.Create create -> {
        Optional<ResourceKey> match = existing(create);
        if (match.isPresent()) {
          existing.put(create.index(), match.get());
        } else {
          ResourceKey key = resources.newKey(create.resource().fhirType());
          writes.put(create.index(), List.of(new Write.Create(key, create.resource())));
        }
      }
      case Entry.Update update -> writes.put(update.index(), List.of(update(update)));
      case Entry.Change change -> {
        ResourceKey key = switch (change.target()) {
          case Target.One(var one) -> one;
          case Target.Matching(var text) ->
            Conditional.only(text, matches(text))
                .orElseThrow(() -> new FaultException(new Fault.NoMatch(text)));
        };
        writes.put(change.index(), List.of(patch(change, key)));
      }
      case Entry.Delete delete -> {
        List<ResourceKey> keys = switch (delete.target()) {
          case Target.One(var one) -> List.of(one);
          case Target.Matching(var text) -> matches(text);
        };
        writes.put(
            delete.index(),
            keys.stream()
                .map(key -> (Write) new Write.Delete(key, delete.ifMatch()))
                .toList());
      }
      case Entry.Read ignored -> {
        // once everything is written
      }
    }
  }

  private Optional<ResourceKey> existing(Entry.Create create) {
    String condition = create.ifNoneExist();
    Optional<ResourceKey> match =
        condition == null ? Optional.empty() : Conditional.only(condition, matches(condition));
    String identity = create.identity();
    // Of several records of one identity any will do.
    return match.isEmpty() && identity != null ? matches(identity).stream().findFirst() : match;
  }

  private Write update(Entry.Update update) {
    return switch (update.target()) {
      case Target.One(var key) -> update(update, key);
      case Target.Matching(var text) -> {
        Optional<ResourceKey> match = Conditional.only(text, matches(text));
        yield Conditional.update(
            update.resource(),
            text,
            match,
            resources.newKey(update.target().type()),
            update.ifMatch());
      }
    };
  }

  static Write update(Entry.Update update, ResourceKey key) {
    return update.first()
        ? new Write.First(key, update.resource())
        : new Write.Update(key, update.resource(), update.ifMatch());
  }

  static Write patch(Entry.Change change, ResourceKey key) {
    return new Write.Patch(
        key, current -> change.patch().apply(current.key(), current.content()), change.ifMatch());
  }

  /** A transaction has no order, so no two entries may be about the same resource, unless none of them writes it. */
  private void refuseOverlaps(UnaryOperator<String> meaning) {
    Map<ResourceKey, Entry> writers = new HashMap<>();
    List<Finding> findings = new ArrayList<>();
    for (Entry entry : entries) {
      for (Write write : writes.getOrDefault(entry.index(), List.of())) {
        Entry other = writers.putIfAbsent(write.key(), entry);
        if (other != null) {
          findings.add(overlap(other, entry, write.key()));
        }
      }
    }
    for (Entry entry : entries) {
      ResourceKey key = existing.get(entry.index());
      Entry writer = key == null ? null : writers.get(key);
      if (key != null && writer != null) {
        findings.add(overlap(writer, entry, key));
      }
    }
    findings.addAll(sameConditions(meaning));
    if (!findings.isEmpty()) {
      throw new FaultException(new Fault.Invalid(findings));
    }
  }

  /** Of two entries that create what one condition did not find, the second would find what the first creates. */
  private List<Finding> sameConditions(UnaryOperator<String> meaning) {
    Map<String, Entry> creators = new HashMap<>();
    List<Finding> findings = new ArrayList<>();
    for (Entry entry : entries) {
      if (entry instanceof Entry.Create || entry instanceof Entry.Update) {
        for (String condition : criteria(entry)) {
          Entry other = matches(condition).isEmpty()
              ? creators.putIfAbsent(meaning.apply(condition), entry)
              : null;
          if (other != null && other != entry) {
            findings.add(Finding.error(
                "duplicate",
                "%s and %s have the same condition, though spelt otherwise; merge the entries or send two transactions"
                    .formatted(other.path(), entry.path()),
                entry.path()));
          }
        }
      }
    }
    return findings;
  }

  private static Finding overlap(Entry first, Entry second, ResourceKey key) {
    return Finding.error(
        "duplicate",
        "%s and %s are both about %s; merge the entries or send two transactions"
            .formatted(first.path(), second.path(), key),
        second.path());
  }

  /** The one resource that each conditional reference names. */
  private Map<String, ResourceKey> referenced() {
    Map<String, ResourceKey> referenced = new HashMap<>();
    for (String criteria : links.criteria()) {
      try {
        Conditional.only(criteria, matches(criteria))
            .ifPresent(key -> referenced.put(criteria, key));
      } catch (FaultException several) {
        throw new FaultException(
            new Fault.InEntry(String.join(", ", links.places(criteria)), several.fault()));
      }
    }
    return referenced;
  }

  private ResourceKey key(Entry entry) {
    ResourceKey found = existing.get(entry.index());
    return found != null
        ? found
        : Objects.requireNonNull(writes.get(entry.index())).getFirst().key();
  }

  /** The entries in R4's order. */
  private List<Entry> inOrder() {
    return IntStream.range(0, 3)
        .boxed()
        .flatMap(turn -> entries.stream().filter(entry -> turn(entry) == turn))
        .toList();
  }

  private List<Write> ordered() {
    return inOrder().stream()
        .flatMap(entry -> writes.getOrDefault(entry.index(), List.of()).stream())
        .toList();
  }

  /** @return results by index of the entry */
  private Map<Integer, List<WriteResult>> write(Resources.Transaction transaction) {
    List<WriteResult> results;
    try {
      results = transaction.write(ordered());
    } catch (FaultException e) {
      throw new FaultException(named(e.fault()));
    }
    Map<Integer, List<WriteResult>> byEntry = new HashMap<>();
    int next = 0;
    for (Entry entry : inOrder()) {
      int count = writes.getOrDefault(entry.index(), List.of()).size();
      byEntry.put(entry.index(), results.subList(next, next + count));
      next += count;
    }
    return byEntry;
  }

  private static int turn(Entry entry) {
    return switch (entry) {
      case Entry.Delete ignored -> 0;
      case Entry.Create ignored -> 1;
      case Entry.Update ignored -> 2;
      case Entry.Change ignored -> 2;
      case Entry.Read ignored -> 3;
    };
  }

  private EntryAnswer answer(Entry entry, List<WriteResult> results, Reads reads) {
    return switch (entry) {
      case Entry.Read read -> new EntryAnswer.Found(read.request(), reads.read(read.request()));
      case Entry.Delete delete
      when delete.target() instanceof Target.Matching -> new EntryAnswer.Deleted(results);
      default -> {
        boolean sentBefore = entry instanceof Entry.Create create
            && create.identity() != null
            && existing.containsKey(entry.index());
        yield written(results.getFirst(), links.warnings(entry), sentBefore);
      }
    };
  }

  /** @param sentBefore whether it is a repetition of what is on file, which is answered like the first */
  static EntryAnswer written(WriteResult result, List<Finding> warnings, boolean sentBefore) {
    return new EntryAnswer.Written(result, warnings, sentBefore || result.hasMoreToSay());
  }

  /** What the entry does; a fault gets the entry's name. */
  private static <T> T inEntry(Entry entry, Supplier<T> work) {
    try {
      return work.get();
    } catch (FaultException e) {
      throw new FaultException(new Fault.InEntry(entry.path(), e.fault()));
    }
  }

  /** The fault with its findings placed: a resource knows what is wrong with it, not which entry it came in. */
  private Fault named(Fault fault) {
    Map<ResourceKey, Entry> byKey = new HashMap<>();
    for (Entry entry : entries) {
      writes.getOrDefault(entry.index(), List.of()).forEach(write -> byKey.put(write.key(), entry));
    }
    return switch (fault) {
      case Fault.Invalid(var findings) -> new Fault.Invalid(named(findings, byKey));
      case Fault.Refused(var findings) -> new Fault.Refused(named(findings, byKey));
      case Fault.Forbidden(var findings, var scope) ->
        new Fault.Forbidden(named(findings, byKey), scope);
      case Fault.VersionConflict(var key, var expected, var current) -> named(fault, key, byKey);
      case Fault.Taken(var key) -> named(fault, key, byKey);
      case Fault.NotFound(var key) -> named(fault, key, byKey);
      case Fault.Gone(var key, var version) -> named(fault, key, byKey);
      case Fault.Erased(var key) -> named(fault, key, byKey);
      case Fault.StillReferenced(var key, var records) -> named(fault, key, byKey);
      default -> fault;
    };
  }

  private static Fault named(Fault fault, ResourceKey key, Map<ResourceKey, Entry> entries) {
    Entry entry = entries.get(key);
    return entry == null ? fault : new Fault.InEntry(entry.path(), fault);
  }

  private static List<Finding> named(List<Finding> findings, Map<ResourceKey, Entry> entries) {
    return findings.stream()
        .map(finding -> {
          Entry entry = finding.about() == null ? null : entries.get(finding.about());
          return entry == null ? finding : named(finding, entry);
        })
        .toList();
  }

  private static Finding named(Finding finding, Entry entry) {
    String place = entry.path() + ".resource";
    @Nullable String expression = finding.expression();
    if (expression != null) {
      int dot = expression.indexOf('.');
      place += dot < 0 ? "" : expression.substring(dot);
    }
    return new Finding(
        finding.severity(),
        finding.code(),
        entry.path() + ": " + finding.text(),
        place,
        finding.about());
  }
}
