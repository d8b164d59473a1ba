package org.botoxfhir.search;

import ca.uhn.fhir.context.FhirContext;
import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.fhir.FhirSettings;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.search.SearchQuery.Criterion;
import org.botoxfhir.search.SearchQuery.Part;
import org.botoxfhir.search.SearchQuery.Selectivity;
import org.botoxfhir.search.SearchQuery.Target;
import org.botoxfhir.search.SearchQuery.TokenValue;
import org.botoxfhir.store.SearchTables;
import org.botoxfhir.store.StoredVersion;
import org.hl7.fhir.r4.model.ListResource;
import org.springframework.stereotype.Component;

/**
 * The steps of a search that come before its own: chains, {@code _has}, lists and sets of codes. Where a step finds few resources the search goes on
 * from these; where it finds many, most candidates of the search will do, and the step becomes a condition on each.
 */
@Component
class SearchSteps {
  /** Up to so many resources a step counts as selective. */
  private static final int FEW = 1000;

  private final SearchTables tables;
  private final SearchParameters parameters;
  private final Includes includes;
  private final StoredCodes stored;
  private final FhirContext context;
  private final FhirSettings settings;

  SearchSteps(
      SearchTables tables,
      SearchParameters parameters,
      Includes includes,
      StoredCodes stored,
      FhirContext context,
      FhirSettings settings) {
    this.tables = tables;
    this.parameters = parameters;
    this.includes = includes;
    this.stored = stored;
    this.context = context;
    this.settings = settings;
  }

  /** The same query with its steps taken. */
  PermittedQuery resolved(PermittedQuery permitted) {
    return hasSteps(permitted.query())
        ? permitted.with(part -> resolved(permitted, part))
        : permitted;
  }

  /** Whether a query has to look for something before it can look for what it asks for. */
  static boolean hasSteps(SearchQuery query) {
    return query.parts().stream()
        .flatMap(part -> part.criteria().stream())
        .anyMatch(SearchSteps::hasSteps);
  }

  private Part resolved(PermittedQuery of, Part part) {
    return new Part(
        part.type(),
        part.criteria().stream().map(one -> resolved(of, part.type(), one)).toList());
  }

  private static boolean hasSteps(Criterion criterion) {
    return switch (criterion) {
      case Criterion.RefersTo chain -> true;
      case Criterion.ReferredToBy has -> true;
      case Criterion.InList list -> true;
      case Criterion.OneOf oneOf -> true;
      case Criterion.Not(Criterion other) -> hasSteps(other);
      case Criterion.AllOf(List<Criterion> all) -> all.stream().anyMatch(SearchSteps::hasSteps);
      default -> false; // alternatives are made of single parameters
    };
  }

  private Criterion resolved(PermittedQuery of, String type, Criterion criterion) {
    return switch (criterion) {
      case Criterion.RefersTo chain -> chain(of, chain);
      case Criterion.ReferredToBy has -> has(of, has);
      case Criterion.InList list -> members(of, type, list);
      case Criterion.OneOf oneOf -> codes(oneOf);
      case Criterion.Not(Criterion other) -> new Criterion.Not(resolved(of, type, other));
      case Criterion.AllOf(List<Criterion> all) -> all(of, type, all);
      default -> criterion;
    };
  }

  private Criterion all(PermittedQuery of, String type, List<Criterion> all) {
    List<Criterion> resolved = all.stream().map(one -> resolved(of, type, one)).toList();
    return resolved.stream().anyMatch(Criterion.Nothing.class::isInstance)
        ? new Criterion.Nothing()
        : new Criterion.AllOf(resolved);
  }

  private Criterion chain(PermittedQuery of, Criterion.RefersTo chain) {
    List<Target> targets = chain.targets().stream()
        .map(target -> new Target(target.type(), resolved(of, target.type(), target.criterion())))
        .filter(target -> !(target.criterion() instanceof Criterion.Nothing))
        .toList();
    List<TokenValue> references = new ArrayList<>();
    for (Target target : targets) {
      Optional<List<ResourceKey>> found = tables.keysOfFew(
          SearchSql.keysOfFew(of.step(target.type(), target.criterion()), FEW),
          settings.searchTimeout());
      found.ifPresent(
          keys -> keys.forEach(key -> references.add(new TokenValue(key.toString(), null))));
      if (found.isEmpty() || references.size() > FEW) {
        return new Criterion.RefersTo(chain.param(), chain.toOwner(), targets);
      }
    }
    return references.isEmpty()
        ? new Criterion.Nothing()
        : new Criterion.Tokens(chain.param(), Selectivity.REFERENCE, references);
  }

  private Criterion has(PermittedQuery of, Criterion.ReferredToBy has) {
    Parameter parameter = has.parameter();
    Criterion inner = resolved(of, parameter.type(), has.criterion());
    if (inner instanceof Criterion.Nothing) {
      return inner;
    }
    PermittedQuery step = of.step(parameter.type(), inner);
    Optional<Set<String>> ids = has.type().equals("Patient") && parameters.ownsRecord(parameter)
        ? tables
            .ids(SearchSql.patients(step, FEW + 1), settings.searchTimeout())
            .map(LinkedHashSet::new)
        : tables
            .findFew(SearchSql.few(step, FEW), settings.searchTimeout())
            .map(holders -> pointedTo(holders, has));
    return ids.filter(few -> few.size() <= FEW)
        .<Criterion>map(few -> few.isEmpty() ? new Criterion.Nothing() : new Criterion.Ids(few))
        .orElseGet(() -> new Criterion.ReferredToBy(has.type(), parameter, inner));
  }

  private Set<String> pointedTo(List<SearchTables.Match> holders, Criterion.ReferredToBy has) {
    List<StoredVersion> versions =
        holders.stream().map(SearchTables.Match::version).toList();
    return includes.targets(versions, has.parameter(), has.type()).stream()
        .map(ResourceKey::id)
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  private Criterion codes(Criterion.OneOf oneOf) {
    Set<TokenValue> codes = new LinkedHashSet<>();
    for (String text : oneOf.texts()) {
      if (oneOf.relation() == SearchQuery.CodeRelation.VALUE_SET) {
        codes.addAll(stored.inValueSet(SearchValues.unescape(text)));
      } else {
        List<String> parts = SearchValues.split(text, '|');
        String system = SearchValues.unescape(parts.getFirst());
        String code = SearchValues.unescape(parts.getLast());
        codes.addAll(
            oneOf.relation() == SearchQuery.CodeRelation.ABOVE
                ? stored.above(system, code)
                : stored.below(system, code));
      }
    }
    return new Criterion.Tokens(oneOf.params(), oneOf.selectivity(), List.copyOf(codes));
  }

  private Criterion members(PermittedQuery of, String type, Criterion.InList list) {
    List<StoredVersion> found = tables.current(List.of(new ResourceKey("List", list.id())));
    if (found.isEmpty() || !of.sight().covers(found.getFirst())) {
      throw new FaultException(Fault.invalid(
          "not-found", "List/%s of '_list' is not on file".formatted(list.id()), null));
    }
    var members = (ListResource) context
        .newJsonParser()
        .parseResource(new ByteArrayInputStream(found.getFirst().content()));
    Set<String> ids = new LinkedHashSet<>();
    members.getEntry().stream()
        .filter(entry -> !entry.getDeleted() && entry.getItem().hasReference())
        .forEach(entry -> ResourceKey.ofReference(entry.getItem().getReference())
            .filter(key -> key.type().equals(type))
            .ifPresent(key -> ids.add(key.id())));
    return ids.isEmpty() ? new Criterion.Nothing() : new Criterion.Ids(ids);
  }
}
