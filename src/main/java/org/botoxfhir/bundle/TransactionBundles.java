package org.botoxfhir.bundle;

import ca.uhn.fhir.context.FhirContext;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Date;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.fault.Finding;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.fhir.ServedTypes;
import org.botoxfhir.resource.Resources;
import org.botoxfhir.resource.Write;
import org.botoxfhir.resource.WriteResult;
import org.botoxfhir.security.Access;
import org.botoxfhir.store.StoredVersion;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.Bundle.BundleEntryComponent;
import org.hl7.fhir.r4.model.Bundle.BundleEntryResponseComponent;
import org.hl7.fhir.r4.model.Bundle.BundleType;
import org.hl7.fhir.r4.model.OperationOutcome;
import org.hl7.fhir.r4.model.OperationOutcome.IssueSeverity;
import org.hl7.fhir.r4.model.OperationOutcome.IssueType;
import org.hl7.fhir.r4.model.Resource;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Carries out R4 transaction bundles: all entries or none, in one database transaction whose round trips do not grow with the number
 * of entries.
 *
 * <p>Takes POST (with {@code ifNoneExist}), PUT and DELETE (with {@code ifMatch}). Whatever their order in the bundle, deletions come
 * first, then creations, then updates. Links between entries become links to what is stored, as {@link Links} finds them.
 */
@Component
public class TransactionBundles {
  private final Resources resources;
  private final FhirContext fhir;
  private final ServedTypes types;

  TransactionBundles(Resources resources, FhirContext fhir, ServedTypes types) {
    this.resources = resources;
    this.fhir = fhir;
    this.types = types;
  }

  /**
   * Carries out a transaction.
   *
   * @param request bundle of type {@code transaction}; given away: links in its resources are rewritten
   * @param representation whether the answer carries every stored resource ({@code Prefer: return=representation}); without it, it
   *     carries those of which there is more to say than that they are stored: what the patient should do now, or what was there
   *     already
   * @return bundle of type {@code transaction-response}, entries in the order of the request
   * @throws FaultException {@link Fault.Invalid}, {@link Fault.Refused}, {@link Fault.SeveralMatches}, or what a write throws; nothing
   *     is stored then. Findings name the entry.
   */
  public Bundle execute(Access access, Bundle request, boolean representation) {
    if (request.getType() != BundleType.TRANSACTION) {
      String type =
          request.getType() == null ? "missing" : "'" + request.getType().toCode() + "'";
      throw new FaultException(Fault.refused(
          "not-supported",
          "Bundle.type is %s; send 'transaction', with a request in each entry".formatted(type),
          "Bundle.type"));
    }
    List<Entry> entries = EntryReader.read(request, this::identity);
    refuseReadOnly(entries);
    Links links = Links.of(entries);
    if (!links.errors().isEmpty()) {
      throw new FaultException(new Fault.Invalid(links.errors()));
    }
    return resources.transaction(
        access, transaction -> execute(transaction, entries, links, representation));
  }

  private void refuseReadOnly(List<Entry> entries) {
    List<Finding> findings = new ArrayList<>();
    for (Entry entry : entries) {
      String type = entry.type();
      if (types.serves(type) && !types.writable(type)) {
        findings.add(Finding.error(
            "not-supported",
            "%s is of type %s, which is served for reading only; leave it out"
                .formatted(entry.path(), type),
            entry.path()));
      }
    }
    if (!findings.isEmpty()) {
      throw new FaultException(new Fault.Refused(findings));
    }
  }

  private Optional<String> identity(Resource resource) {
    return resources
        .identity(resource)
        .map(criteria -> criteria.contains("?") ? criteria : resource.fhirType() + "?" + criteria);
  }

  private Bundle execute(
      Resources.Transaction transaction, List<Entry> entries, Links links, boolean representation) {
    Map<String, ResourceKey> matches = match(transaction, entries, links);
    Map<Integer, WriteResult> results = new HashMap<>();
    Map<Integer, ResourceKey> keys = new HashMap<>();
    Map<ResourceKey, Entry.Delete> deletions = new HashMap<>();
    for (Entry entry : entries) {
      if (entry instanceof Entry.Delete delete) {
        deletions.put(delete.key(), delete);
      }
    }
    for (Entry entry : entries) {
      switch (entry) {
        case Entry.Update update -> keys.put(entry.index(), update.key());
        case Entry.Delete delete -> keys.put(entry.index(), delete.key());
        case Entry.Create create -> {
          ResourceKey existing = existing(create, matches);
          if (existing == null) {
            keys.put(entry.index(), resources.newKey(create.resource().fhirType()));
          } else {
            refuseDeletion(create, existing, deletions);
            keys.put(entry.index(), existing);
            results.put(
                entry.index(),
                new WriteResult(WriteResult.Kind.EXISTED, transaction.read(existing), List.of()));
          }
        }
      }
    }
    List<Finding> unmatched = links.rewrite(entry -> key(keys, entry), matches);
    if (!unmatched.isEmpty()) {
      throw new FaultException(new Fault.Refused(unmatched));
    }
    List<Entry> toWrite = entries.stream()
        .filter(entry -> !results.containsKey(entry.index()))
        .sorted(Comparator.comparingInt(TransactionBundles::turn))
        .toList();
    List<WriteResult> written;
    try {
      written = transaction.write(
          toWrite.stream().map(entry -> write(entry, key(keys, entry))).toList());
    } catch (FaultException e) {
      throw new FaultException(named(e.fault(), entries, keys));
    }
    for (int i = 0; i < toWrite.size(); i++) {
      results.put(toWrite.get(i).index(), written.get(i));
    }
    Bundle response = new Bundle().setType(BundleType.TRANSACTIONRESPONSE);
    for (Entry entry : entries) {
      WriteResult result = Objects.requireNonNull(results.get(entry.index()));
      response.addEntry(answer(entry, result, links.warnings(entry), representation));
    }
    return response;
  }

  /** What the conditions of creates and references match, all in one question. */
  private static Map<String, ResourceKey> match(
      Resources.Transaction transaction, List<Entry> entries, Links links) {
    Map<String, List<String>> places = new LinkedHashMap<>();
    Set<String> identities = new LinkedHashSet<>();
    Set<String> conditions = new LinkedHashSet<>(links.criteria());
    for (Entry entry : entries) {
      if (entry instanceof Entry.Create create) {
        if (create.ifNoneExist() != null) {
          conditions.add(create.ifNoneExist());
          places
              .computeIfAbsent(create.ifNoneExist(), ignored -> new ArrayList<>())
              .add(create.path() + ".request.ifNoneExist");
        }
        if (create.identity() != null) {
          identities.add(create.identity());
          places
              .computeIfAbsent(create.identity(), ignored -> new ArrayList<>())
              .add(create.path() + ".resource");
        }
      }
    }
    Set<String> criteria = new LinkedHashSet<>(places.keySet());
    criteria.addAll(links.criteria());
    identities.removeAll(conditions);
    if (criteria.isEmpty()) {
      return Map.of();
    }
    try {
      return transaction.match(criteria, identities);
    } catch (FaultException e) {
      if (e.fault() instanceof Fault.SeveralMatches several) {
        List<String> all = new ArrayList<>(places.getOrDefault(several.criteria(), List.of()));
        all.addAll(links.places(several.criteria()));
        throw new FaultException(
            all.isEmpty()
                ? several
                : new Fault.SeveralMatches(
                    several.criteria() + " (" + String.join(", ", all) + ")"));
      }
      throw e;
    }
  }

  private static @Nullable ResourceKey existing(
      Entry.Create create, Map<String, ResourceKey> matches) {
    ResourceKey match = create.ifNoneExist() == null ? null : matches.get(create.ifNoneExist());
    return match == null && create.identity() != null ? matches.get(create.identity()) : match;
  }

  /** Deletions come first, so a create that finds what another entry deletes would answer with what is no longer there. */
  private static void refuseDeletion(
      Entry.Create create, ResourceKey existing, Map<ResourceKey, Entry.Delete> deletions) {
    Entry.Delete deletion = deletions.get(existing);
    if (deletion != null) {
      throw new FaultException(Fault.invalid(
          "duplicate",
          "%s exists as %s, which %s deletes; send them as two transactions"
              .formatted(create.path(), existing, deletion.path()),
          create.path()));
    }
  }

  /** The fault with its findings placed: a resource knows what is wrong with it, not which entry it came in. */
  private static Fault named(Fault fault, List<Entry> entries, Map<Integer, ResourceKey> keys) {
    Map<ResourceKey, Entry> byKey = new HashMap<>();
    entries.forEach(entry -> byKey.put(key(keys, entry), entry));
    return switch (fault) {
      case Fault.Invalid invalid -> new Fault.Invalid(named(invalid.findings(), byKey));
      case Fault.Refused refused -> new Fault.Refused(named(refused.findings(), byKey));
      default -> fault;
    };
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
    String expression = finding.expression();
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

  private static ResourceKey key(Map<Integer, ResourceKey> keys, Entry entry) {
    return Objects.requireNonNull(keys.get(entry.index()));
  }

  /** R4's order of processing. */
  private static int turn(Entry entry) {
    return switch (entry) {
      case Entry.Delete ignored -> 0;
      case Entry.Create ignored -> 1;
      case Entry.Update ignored -> 2;
    };
  }

  private static Write write(Entry entry, ResourceKey key) {
    return switch (entry) {
      case Entry.Delete delete -> new Write.Delete(key, delete.ifMatch());
      case Entry.Create create -> new Write.Create(key, create.resource());
      case Entry.Update update -> new Write.Update(key, update.resource(), update.ifMatch());
    };
  }

  private BundleEntryComponent answer(
      Entry entry, WriteResult result, List<Finding> warnings, boolean representation) {
    StoredVersion version = result.version();
    BundleEntryComponent answer = new BundleEntryComponent();
    BundleEntryResponseComponent response = answer.getResponse();
    response.setStatus(
        switch (result.kind()) {
          case CREATED -> "201 Created";
          case UPDATED, UNCHANGED, EXISTED -> "200 OK";
          case DELETED -> "204 No Content";
        });
    response.setEtag("W/\"" + version.version() + "\"");
    response.setLastModified(Date.from(version.lastUpdated()));
    if (!version.deleted()) {
      response.setLocation(version.key() + "/_history/" + version.version());
      if (representation || hasMoreToSay(entry, result)) {
        answer.setResource(parse(version));
      }
    }
    List<Finding> findings = new ArrayList<>(warnings);
    findings.addAll(result.findings());
    if (!findings.isEmpty()) {
      response.setOutcome(outcome(findings));
    }
    return answer;
  }

  private static boolean hasMoreToSay(Entry entry, WriteResult result) {
    boolean sentBefore = result.kind() == WriteResult.Kind.EXISTED
        && entry instanceof Entry.Create create
        && create.identity() != null;
    return sentBefore
        || result.findings().stream()
            .anyMatch(finding -> finding.severity() == Finding.Severity.INFORMATION);
  }

  private Resource parse(StoredVersion version) {
    return (Resource)
        fhir.newJsonParser().parseResource(new String(version.content(), StandardCharsets.UTF_8));
  }

  private static OperationOutcome outcome(List<Finding> findings) {
    OperationOutcome outcome = new OperationOutcome();
    for (Finding finding : findings) {
      var issue = outcome
          .addIssue()
          .setSeverity(
              switch (finding.severity()) {
                case ERROR -> IssueSeverity.ERROR;
                case WARNING -> IssueSeverity.WARNING;
                case INFORMATION -> IssueSeverity.INFORMATION;
              })
          .setCode(IssueType.fromCode(finding.code()))
          .setDiagnostics(finding.text());
      if (finding.expression() != null) {
        issue.addExpression(finding.expression());
      }
    }
    return outcome;
  }
}
