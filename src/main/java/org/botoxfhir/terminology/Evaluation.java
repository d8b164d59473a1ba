package org.botoxfhir.terminology;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.terminology.Concepts.Concept;
import org.hl7.fhir.r4.model.CodeSystem.ConceptDefinitionDesignationComponent;
import org.hl7.fhir.r4.model.ValueSet;
import org.hl7.fhir.r4.model.ValueSet.ConceptReferenceComponent;
import org.hl7.fhir.r4.model.ValueSet.ConceptReferenceDesignationComponent;
import org.hl7.fhir.r4.model.ValueSet.ConceptSetComponent;
import org.hl7.fhir.r4.model.ValueSet.ValueSetExpansionContainsComponent;
import org.jspecify.annotations.Nullable;

/**
 * What a value set holds, all of it or as far as one code is concerned: both by the same rules. Of one request; reads each definition
 * once, so that value sets which take in each other cost no more than they are.
 */
final class Evaluation {
  /** Value sets within value sets. */
  private static final int DEEPEST = 10;

  private final Definitions definitions;
  private final @Nullable Coded wanted;
  private final Map<String, Map<Coded, Member>> done = new HashMap<>();
  private final Map<CanonicalName, Optional<Concepts>> systems = new HashMap<>();
  private final Set<String> named = new HashSet<>();
  private final Set<String> versions = new TreeSet<>();

  /** @param wanted the only code that matters; null for all */
  Evaluation(Definitions definitions, @Nullable Coded wanted) {
    this.definitions = definitions;
    this.wanted = wanted;
  }

  /**
   * The members, in the order of the value set.
   *
   * @throws FaultException {@link Fault.TerminologyNotHere} when that takes a definition that is not here, {@link Fault.Refused} for a
   *     value set that cannot be evaluated
   */
  Collection<Member> members(ValueSet set) {
    return members(set, set.hasUrl() ? set.getUrl() : "the value set", 0).values();
  }

  /** Whether a value set that was looked at takes codes of this system. */
  boolean names(String system) {
    return named.contains(system);
  }

  /** Code systems that were read, as {@code url|version}. */
  Set<String> versions() {
    return versions;
  }

  private Map<Coded, Member> named(String name, String within, int depth) {
    Map<Coded, Member> known = done.get(name);
    if (known != null) {
      return known;
    }
    if (depth > DEEPEST) {
      throw new FaultException(Fault.refused(
          "too-costly",
          "'%s' nests value sets too deeply, or within itself".formatted(name),
          null));
    }
    CanonicalName canonical = CanonicalName.of(name, null);
    ValueSet set = definitions
        .valueSet(canonical.url(), canonical.version())
        .orElseThrow(() -> notOnFile(
            definitions,
            Fault.terminologyNotHere(
                "'%s' takes in the value set '%s', which is not on file".formatted(within, name))));
    Map<Coded, Member> members = members(set, name, depth);
    done.put(name, members);
    return members;
  }

  private Map<Coded, Member> members(ValueSet set, String name, int depth) {
    Map<Coded, Member> members = new LinkedHashMap<>();
    if (!set.hasCompose()) {
      expanded(set, name, members);
      return members;
    }
    for (ConceptSetComponent include : set.getCompose().getInclude()) {
      members(name, include, depth).forEach(members::putIfAbsent);
    }
    for (ConceptSetComponent exclude : set.getCompose().getExclude()) {
      members.keySet().removeAll(members(name, exclude, depth).keySet());
    }
    if (set.getCompose().hasInactive() && !set.getCompose().getInactive()) {
      members.values().removeIf(Member::inactive);
    }
    return members;
  }

  /** A value set that says its codes only as the outcome of an expansion. Its abstract entries are there to find one's way. */
  private void expanded(ValueSet set, String name, Map<Coded, Member> members) {
    if (!set.hasExpansion()) {
      throw new FaultException(Fault.terminologyNotHere(
          "'%s' says neither by which rules nor which codes it holds".formatted(name)));
    }
    int listed = collect(set.getExpansion().getContains(), members);
    if (set.getExpansion().getTotal() > listed || set.getExpansion().getOffset() > 0) {
      throw new FaultException(
          Fault.terminologyNotHere("'%s' holds a part of an expansion only".formatted(name)));
    }
  }

  private int collect(
      List<ValueSetExpansionContainsComponent> contains, Map<Coded, Member> members) {
    int listed = 0;
    for (ValueSetExpansionContainsComponent one : contains) {
      listed++;
      if (one.hasCode() && one.hasSystem() && !one.getAbstract()) {
        named.add(one.getSystem());
        Coded coded = new Coded(one.getSystem(), one.getCode());
        if (wanted == null || wanted.equals(coded)) {
          members.putIfAbsent(
              coded,
              new Member(
                  coded,
                  one.getVersion(),
                  one.getDisplay(),
                  one.getDesignation(),
                  false,
                  one.getInactive()));
        }
      }
      listed += collect(one.getContains(), members);
    }
    return listed;
  }

  /** All that one include or exclude says must hold of a code. */
  private Map<Coded, Member> members(String name, ConceptSetComponent include, int depth) {
    Map<Coded, Member> members = null;
    if (include.hasSystem()) {
      members = ofSystem(name, include);
    }
    for (var other : include.getValueSet()) {
      Map<Coded, Member> its = named(other.getValue(), name, depth + 1);
      if (members == null) {
        members = new LinkedHashMap<>(its);
      } else {
        members.keySet().retainAll(its.keySet());
      }
    }
    if (members == null) {
      throw new FaultException(Fault.refused(
          "invalid",
          "'%s' has a part that names neither a code system nor a value set".formatted(name),
          null));
    }
    return members;
  }

  private Map<Coded, Member> ofSystem(String name, ConceptSetComponent include) {
    Map<Coded, Member> members = new LinkedHashMap<>();
    CanonicalName system = new CanonicalName(include.getSystem(), include.getVersion());
    named.add(system.url());
    if (wanted != null && !wanted.system().equals(system.url())) {
      return members;
    }
    Optional<Concepts> stored = system(system);
    if (include.hasConcept()) {
      for (ConceptReferenceComponent one : include.getConcept()) {
        Member member = listed(system, stored, one);
        if (wanted == null || isWanted(member.coded().code(), stored)) {
          members.putIfAbsent(member.coded(), member);
        }
      }
      return members;
    }
    Concepts concepts =
        stored.filter(Concepts::partly).orElseThrow(() -> missing(name, system, stored));
    List<Predicate<Concept>> filters = new ArrayList<>();
    boolean whole = concepts.complete();
    if (whole) {
      include.getFilter().forEach(one -> filters.add(Filters.predicate(name, concepts, one)));
    }
    Stream<Concept> candidates =
        wanted == null ? concepts.all().stream() : concepts.find(wanted.code()).stream();
    candidates
        .filter(concept -> filters.stream().allMatch(filter -> filter.test(concept)))
        .forEach(concept -> {
          Member member = member(system.url(), concepts, concept);
          members.putIfAbsent(member.coded(), member);
        });
    // A part of a system tells which of its codes are members, not which are none.
    if (!whole && (wanted == null || members.isEmpty() || include.hasFilter())) {
      throw missing(name, system, stored);
    }
    return members;
  }

  private boolean isWanted(String code, Optional<Concepts> stored) {
    String sought = wanted == null ? "" : wanted.code();
    return code.equals(sought)
        || stored
            .flatMap(concepts -> concepts.find(sought))
            .map(concept -> concept.code().equals(code))
            .orElse(false);
  }

  private Optional<Concepts> system(CanonicalName system) {
    return systems.computeIfAbsent(system, name -> {
      Optional<Concepts> found = definitions.codeSystem(name.url(), name.version());
      found.ifPresent(concepts -> versions.add(
          concepts.version() == null ? name.url() : name.url() + "|" + concepts.version()));
      return found;
    });
  }

  private FaultException missing(String name, CanonicalName system, Optional<Concepts> stored) {
    return stored.isEmpty()
        ? notOnFile(
            definitions,
            Fault.terminologyNotHere(
                "'%s' takes codes of '%s', which is not on file".formatted(name, system)))
        : new FaultException(
            Fault.terminologyNotHere("'%s' takes codes of '%s', of which only '%s' is on file"
                .formatted(name, system, stored.get().content())));
  }

  /** What is not on file, unless it may be in a moment. */
  static FaultException notOnFile(Definitions definitions, Fault fault) {
    return new FaultException(definitions.incomplete() ? new Fault.DefinitionsIncomplete() : fault);
  }

  static Member member(String system, Concepts concepts, Concept concept) {
    return new Member(
        new Coded(system, concept.code()),
        concepts.version(),
        concept.definition().getDisplay(),
        concept.definition().getDesignation().stream()
            .map(Evaluation::designation)
            .toList(),
        concept.isAbstract(),
        concept.inactive());
  }

  /** What the value set says of a code goes before what the code system says. */
  private static Member listed(
      CanonicalName system, Optional<Concepts> stored, ConceptReferenceComponent one) {
    Optional<Member> known = stored.flatMap(concepts ->
        concepts.find(one.getCode()).map(concept -> member(system.url(), concepts, concept)));
    List<ConceptReferenceDesignationComponent> designations = new ArrayList<>(one.getDesignation());
    known.ifPresent(member -> designations.addAll(member.designations()));
    return new Member(
        known.map(Member::coded).orElseGet(() -> new Coded(system.url(), one.getCode())),
        known.map(Member::version).orElse(system.version()),
        one.hasDisplay() ? one.getDisplay() : known.map(Member::display).orElse(null),
        designations,
        known.map(Member::isAbstract).orElse(false),
        known.map(Member::inactive).orElse(false));
  }

  private static ConceptReferenceDesignationComponent designation(
      ConceptDefinitionDesignationComponent one) {
    var designation = new ConceptReferenceDesignationComponent();
    designation.setLanguage(one.getLanguage()).setValue(one.getValue());
    if (one.hasUse()) {
      designation.setUse(one.getUse());
    }
    return designation;
  }
}
