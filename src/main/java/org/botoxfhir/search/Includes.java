package org.botoxfhir.search;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.rest.api.RestSearchParameterTypeEnum;
import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.fhir.FhirSettings;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.fhir.ServedTypes;
import org.botoxfhir.search.SearchQuery.Criterion;
import org.botoxfhir.search.SearchQuery.Include;
import org.botoxfhir.search.SearchQuery.Selectivity;
import org.botoxfhir.search.SearchQuery.TokenValue;
import org.botoxfhir.store.SearchTables;
import org.botoxfhir.store.StoredVersion;
import org.hl7.fhir.instance.model.api.IBase;
import org.hl7.fhir.r4.model.CanonicalType;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.Resource;
import org.springframework.stereotype.Component;

/** Finds what comes with a page: what its resources point to, and what points to them. */
@Component
class Includes {
  private final SearchTables tables;
  private final SearchParameters parameters;
  private final ServedTypes types;
  private final FhirContext context;
  private final FhirSettings settings;

  Includes(
      SearchTables tables,
      SearchParameters parameters,
      ServedTypes types,
      FhirContext context,
      FhirSettings settings) {
    this.tables = tables;
    this.parameters = parameters;
    this.types = types;
    this.context = context;
    this.settings = settings;
  }

  /**
   * What comes with these matches, each resource once and none of the matches themselves.
   *
   * @param sight of the caller; what it does not cover is left out as if it were not on file
   * @throws FaultException when it is more than {@code botox.fhir.max-includes}: left out in silence, a client would take it for missing;
   *     or when the caller has no scope for a type that an include names
   */
  List<StoredVersion> of(List<StoredVersion> matches, List<Include> includes, Sight sight) {
    for (Include include : includes) {
      String named = include.reverse() ? include.type() : include.target();
      if (named != null) {
        sight.of(named).required();
      }
    }
    Map<ResourceKey, StoredVersion> found = new LinkedHashMap<>();
    matches.forEach(match -> found.put(match.key(), match));
    List<StoredVersion> round = matches;
    List<Include> asked = includes;
    while (!round.isEmpty() && !asked.isEmpty()) {
      List<StoredVersion> news = new ArrayList<>();
      for (StoredVersion one : round(round, asked, found.keySet(), sight)) {
        if (found.putIfAbsent(one.key(), one) == null) {
          news.add(one);
        }
      }
      if (found.size() - matches.size() > settings.maxIncludes()) {
        throw new FaultException(Fault.invalid(
            "too-costly",
            "more than %d resources would come with the page; ask for a smaller _count or fewer includes"
                .formatted(settings.maxIncludes()),
            null));
      }
      round = news;
      asked = asked.stream().filter(Include::iterate).toList();
    }
    return found.values().stream().skip(matches.size()).toList();
  }

  private List<StoredVersion> round(
      List<StoredVersion> round, List<Include> asked, Set<ResourceKey> known, Sight sight) {
    Set<ResourceKey> wanted = new LinkedHashSet<>();
    Set<String> canonicals = new LinkedHashSet<>();
    for (StoredVersion one : round) {
      references(one, asked, wanted, canonicals);
    }
    wanted.removeAll(known);
    wanted.removeIf(key -> sight.of(key.type()).isNothing());
    List<StoredVersion> found = new ArrayList<>(tables.current(wanted));
    found.addAll(named(canonicals));
    found = new ArrayList<>(sight.seen(found));
    for (Include include : asked) {
      if (include.reverse()) {
        found.addAll(pointingTo(round, include, sight));
      }
    }
    return found;
  }

  private void references(
      StoredVersion holder, List<Include> asked, Set<ResourceKey> wanted, Set<String> canonicals) {
    List<Include> forward = asked.stream()
        .filter(i -> !i.reverse())
        .filter(i -> i.type() == null || i.type().equals(holder.key().type()))
        .toList();
    if (forward.isEmpty()) {
      return;
    }
    var resource = (Resource)
        context.newJsonParser().parseResource(new ByteArrayInputStream(holder.content()));
    for (Include include : forward) {
      for (Parameter parameter : references(holder.key().type(), include)) {
        for (IBase value : parameters.references(resource, parameter)) {
          if (value instanceof Reference reference && reference.hasReference()) {
            ResourceKey.ofReference(reference.getReference())
                .filter(key -> types.serves(key.type()))
                .filter(key -> include.target() == null || include.target().equals(key.type()))
                .ifPresent(wanted::add);
          } else if (value instanceof CanonicalType canonical && canonical.hasValue()) {
            canonicals.add(canonical.getValue().split("\\|", 2)[0]);
          }
        }
      }
    }
  }

  /** Keys that a reference parameter of stored resources points to. */
  Set<ResourceKey> targets(List<StoredVersion> holders, Parameter parameter, String type) {
    Set<ResourceKey> targets = new LinkedHashSet<>();
    Include include = new Include(false, false, parameter.type(), parameter.code(), type);
    holders.forEach(holder -> references(holder, List.of(include), targets, new LinkedHashSet<>()));
    return targets;
  }

  private List<Parameter> references(String type, Include include) {
    return parameters.of(type).values().stream()
        .filter(p -> p.kind() == RestSearchParameterTypeEnum.REFERENCE)
        .filter(p -> include.code() == null || include.code().equals(p.code()))
        .toList();
  }

  /** Resources that canonical references name, e.g. the Questionnaire of a response. */
  private List<StoredVersion> named(Collection<String> urls) {
    if (urls.isEmpty()) {
      return List.of();
    }
    return tables.byTokens(
        urls,
        parameters.canonicalUrlNumbers(),
        settings.maxIncludes() + 1,
        settings.searchTimeout());
  }

  private List<StoredVersion> pointingTo(List<StoredVersion> round, Include include, Sight sight) {
    List<String> keys = round.stream()
        .map(StoredVersion::key)
        .filter(key -> include.target() == null || include.target().equals(key.type()))
        .map(ResourceKey::toString)
        .toList();
    if (keys.isEmpty()) {
      return List.of();
    }
    if (sight.isOfAll()) {
      return tables.byTokens(
          keys,
          parameters.referenceNumbers(include.type(), include.code()),
          settings.maxIncludes() + 1,
          settings.searchTimeout());
    }
    List<String> holders = include.type() == null ? types.all() : List.of(include.type());
    return holders.stream()
        .filter(type -> !sight.of(type).isNothing())
        .flatMap(type -> pointingTo(keys, type, include, sight).stream())
        .toList();
  }

  /** Those that the caller sees are few among all that point to a practitioner: found by whose they are. */
  private List<StoredVersion> pointingTo(
      List<String> keys, String type, Include include, Sight sight) {
    List<Short> params = parameters.referenceNumbers(type, include.code()).stream()
        .map(Long::shortValue)
        .toList();
    if (params.isEmpty()) {
      return List.of();
    }
    var pointing = new Criterion.Tokens(
        params,
        Selectivity.REFERENCE,
        keys.stream().map(key -> new TokenValue(key, null)).toList());
    return tables
        .find(
            SearchSql.some(PermittedQuery.of(type, pointing, sight), settings.maxIncludes() + 1),
            settings.searchTimeout())
        .stream()
        .map(SearchTables.Match::version)
        .toList();
  }
}
