package org.botoxfhir.search;

import ca.uhn.fhir.context.FhirContext;
import java.io.ByteArrayInputStream;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.fhir.FhirSettings;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.fhir.ServedTypes;
import org.botoxfhir.search.SearchQuery.TokenValue;
import org.botoxfhir.store.SearchTables;
import org.botoxfhir.store.StoredVersion;
import org.hl7.fhir.r4.model.CodeSystem;
import org.hl7.fhir.r4.model.CodeSystem.CodeSystemContentMode;
import org.hl7.fhir.r4.model.CodeSystem.ConceptDefinitionComponent;
import org.hl7.fhir.r4.model.MetadataResource;
import org.hl7.fhir.r4.model.ValueSet;
import org.hl7.fhir.r4.model.ValueSet.ConceptSetComponent;
import org.hl7.fhir.r4.model.ValueSet.ConceptSetFilterComponent;
import org.hl7.fhir.r4.model.ValueSet.ValueSetExpansionContainsComponent;
import org.springframework.stereotype.Component;

/**
 * The codes that {@code :in}, {@code :not-in}, {@code :above} and {@code :below} stand for, out of the ValueSets and CodeSystems on file.
 * What these do not say completely is refused: a part of a value set would miss records without telling.
 */
@Component
class StoredCodes {
  /** Codes of one parameter. */
  private static final int MOST = 1000;

  /** Value sets within value sets. */
  private static final int DEEPEST = 10;

  private static final Set<String> KINDS = Set.of("is-a", "descendent-of");

  private final SearchTables tables;
  private final SearchParameters parameters;
  private final ServedTypes types;
  private final FhirContext context;
  private final FhirSettings settings;

  StoredCodes(
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
   * The codes of a value set.
   *
   * @param name canonical URL, with or without a version, or {@code ValueSet/id}
   * @throws FaultException with {@link Fault.Invalid} when it is not on file, or does not say its codes
   */
  List<TokenValue> inValueSet(String name) {
    return bounded(name, codes(name, 0));
  }

  /** A code and those that it subsumes, as its code system on file has them. */
  List<TokenValue> below(String system, String code) {
    return bounded(code, related(system, code, children(codeSystem(system))));
  }

  /** A code and those that subsume it, as its code system on file has them. */
  List<TokenValue> above(String system, String code) {
    return bounded(code, related(system, code, parents(codeSystem(system))));
  }

  private static List<TokenValue> bounded(String name, Set<TokenValue> codes) {
    if (codes.size() > MOST) {
      throw refused(
          "too-costly",
          "'%s' stands for %d codes; a search takes %d".formatted(name, codes.size(), MOST));
    }
    return List.copyOf(codes);
  }

  private Set<TokenValue> codes(String name, int depth) {
    if (depth > DEEPEST) {
      throw refused("too-costly", "'%s' nests value sets too deeply".formatted(name));
    }
    ValueSet set = onFile(name, ValueSet.class);
    Set<TokenValue> codes = new LinkedHashSet<>();
    if (set.hasExpansion() && !set.hasCompose()) {
      if (set.getExpansion().getTotal() > MOST) {
        throw refused("too-costly", "'%s' has too many codes for a search".formatted(name));
      }
      expanded(set.getExpansion().getContains(), codes);
      return codes;
    }
    for (ConceptSetComponent include : set.getCompose().getInclude()) {
      codes.addAll(codes(name, include, depth));
    }
    for (ConceptSetComponent exclude : set.getCompose().getExclude()) {
      codes.removeAll(codes(name, exclude, depth));
    }
    return codes;
  }

  private static void expanded(
      List<ValueSetExpansionContainsComponent> contains, Set<TokenValue> codes) {
    for (ValueSetExpansionContainsComponent one : contains) {
      if (one.hasCode() && !one.getAbstract()) {
        codes.add(new TokenValue(one.getCode(), one.getSystem()));
      }
      expanded(one.getContains(), codes);
    }
  }

  /** All that one include or exclude says must hold of a code. */
  private Set<TokenValue> codes(String name, ConceptSetComponent include, int depth) {
    Set<TokenValue> codes = new LinkedHashSet<>();
    boolean first = true;
    if (include.hasSystem()) {
      String system = include.getSystem();
      if (include.hasConcept()) {
        include.getConcept().forEach(one -> codes.add(new TokenValue(one.getCode(), system)));
      } else {
        CodeSystem stored = codeSystem(system);
        parents(stored).keySet().forEach(code -> codes.add(new TokenValue(code, system)));
        for (ConceptSetFilterComponent filter : include.getFilter()) {
          codes.retainAll(filtered(name, stored, filter));
        }
      }
      first = false;
    }
    for (var other : include.getValueSet()) {
      Set<TokenValue> its = codes(other.getValue(), depth + 1);
      if (first) {
        codes.addAll(its);
      } else {
        codes.retainAll(its);
      }
      first = false;
    }
    return codes;
  }

  private static Set<TokenValue> filtered(
      String name, CodeSystem system, ConceptSetFilterComponent filter) {
    String kind = filter.getOp() == null ? "" : filter.getOp().toCode();
    if (!"concept".equals(filter.getProperty()) || !KINDS.contains(kind)) {
      throw refused(
          "not-supported",
          "'%s' filters its codes by '%s %s'; only 'concept is-a' and 'concept descendent-of' are understood here"
              .formatted(name, filter.getProperty(), kind));
    }
    Set<TokenValue> below = related(system.getUrl(), filter.getValue(), children(system));
    if (kind.equals("descendent-of")) {
      below.remove(new TokenValue(filter.getValue(), system.getUrl()));
    }
    return below;
  }

  private static Set<TokenValue> related(
      String system, String code, Map<String, Set<String>> nearest) {
    if (!nearest.containsKey(code)) {
      throw refused("not-found", "'%s' is no code of '%s'".formatted(code, system));
    }
    Set<TokenValue> related = new LinkedHashSet<>();
    Deque<String> open = new ArrayDeque<>(List.of(code));
    while (!open.isEmpty()) {
      String one = open.remove();
      if (related.add(new TokenValue(one, system))) {
        open.addAll(nearest.getOrDefault(one, Set.of()));
      }
    }
    return related;
  }

  private CodeSystem codeSystem(String url) {
    CodeSystem system = onFile(url, CodeSystem.class);
    if (system.getContent() != CodeSystemContentMode.COMPLETE) {
      throw refused("not-supported", "the code system '%s' on file is not complete".formatted(url));
    }
    return system;
  }

  /** Each code of a system to those directly above it, by nesting or by the properties {@code parent} and {@code child}. */
  private static Map<String, Set<String>> parents(CodeSystem system) {
    Map<String, Set<String>> parents = new LinkedHashMap<>();
    collect(system.getConcept(), Optional.empty(), parents);
    return parents;
  }

  private static void collect(
      List<ConceptDefinitionComponent> concepts,
      Optional<String> above,
      Map<String, Set<String>> parents) {
    for (ConceptDefinitionComponent concept : concepts) {
      Set<String> its = parents.computeIfAbsent(concept.getCode(), code -> new LinkedHashSet<>());
      above.ifPresent(its::add);
      concept.getProperty().forEach(property -> {
        if (property.hasValueCodeType() && "parent".equals(property.getCode())) {
          its.add(property.getValueCodeType().getCode());
        } else if (property.hasValueCodeType() && "child".equals(property.getCode())) {
          parents
              .computeIfAbsent(property.getValueCodeType().getCode(), c -> new LinkedHashSet<>())
              .add(concept.getCode());
        }
      });
      collect(concept.getConcept(), Optional.of(concept.getCode()), parents);
    }
  }

  private static Map<String, Set<String>> children(CodeSystem system) {
    Map<String, Set<String>> children = new HashMap<>();
    parents(system).forEach((code, parents) -> {
      children.computeIfAbsent(code, c -> new LinkedHashSet<>());
      parents.forEach(
          parent -> children.computeIfAbsent(parent, c -> new LinkedHashSet<>()).add(code));
    });
    return children;
  }

  /** The definition of this name and version; without a version the one that was written last. */
  private <T extends MetadataResource> T onFile(String name, Class<T> kind) {
    String type = kind.getSimpleName();
    int bar = name.indexOf('|');
    String url = bar < 0 ? name : name.substring(0, bar);
    String version = bar < 0 ? "" : name.substring(bar + 1);
    return found(type, url).stream()
        .sorted(Comparator.comparing(StoredVersion::lastUpdated).reversed())
        .map(stored -> kind.cast(
            context.newJsonParser().parseResource(new ByteArrayInputStream(stored.content()))))
        .filter(definition -> version.isEmpty() || version.equals(definition.getVersion()))
        .findFirst()
        .orElseThrow(
            () -> refused("not-found", "the %s '%s' is not on file".formatted(type, name)));
  }

  private Collection<StoredVersion> found(String type, String url) {
    if (!types.serves(type)) {
      return List.of();
    }
    Optional<ResourceKey> local =
        url.startsWith(type + "/") ? ResourceKey.ofReference(url) : Optional.empty();
    Parameter byUrl = parameters.of(type).get("url");
    if (local.isPresent() || byUrl == null) {
      return tables.current(local.stream().toList());
    }
    return tables.byTokens(
        List.of(url), List.of((long) byUrl.number()), MOST, settings.searchTimeout());
  }

  private static FaultException refused(String code, String text) {
    return new FaultException(Fault.invalid(code, text, null));
  }
}
