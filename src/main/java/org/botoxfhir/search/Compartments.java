package org.botoxfhir.search;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.RuntimeSearchParam;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.fhir.ServedTypes;
import org.botoxfhir.search.SearchQuery.Criterion;
import org.botoxfhir.search.SearchQuery.Selectivity;
import org.botoxfhir.search.SearchQuery.TokenValue;
import org.springframework.stereotype.Component;

/**
 * Whose record a resource belongs to: that of a Patient, Encounter, Practitioner, RelatedPerson or Device, as far as these are served
 * (<a href="https://hl7.org/fhir/R4/compartmentdefinition.html">R4 compartments</a>). A resource belongs to it by any of the references
 * that the search parameter definitions of the model name for that compartment; whose compartment it is belongs to it itself.
 */
@Component
public final class Compartments {
  /** Stands for all types of a compartment. */
  public static final String ALL = "*";

  /** Owner's type to member's type to the parameters. */
  private final Map<String, Map<String, List<Parameter>>> byOwner = new TreeMap<>();

  Compartments(FhirContext context, SearchParameters parameters, ServedTypes types) {
    for (String type : types.all()) {
      Map<String, Parameter> known = parameters.of(type);
      for (RuntimeSearchParam definition : context.getResourceDefinition(type).getSearchParams()) {
        Parameter parameter = known.get(definition.getName());
        Set<String> owners = definition.getProvidesMembershipInCompartments();
        if (parameter == null || owners == null) {
          continue;
        }
        for (String owner : owners) {
          if (types.serves(owner)) {
            byOwner
                .computeIfAbsent(owner, o -> new TreeMap<>())
                .computeIfAbsent(type, t -> new ArrayList<>())
                .add(parameter);
          }
        }
      }
    }
    byOwner.forEach((owner, members) -> {
      members.putIfAbsent(owner, new ArrayList<>());
      members.values().forEach(Compartments::eachOnce);
    });
  }

  /** {@code patient} often reads the rows of {@code subject}: one of them says it all. */
  private static void eachOnce(List<Parameter> parameters) {
    parameters.sort(Comparator.comparing(Parameter::code));
    Set<Short> numbers = new HashSet<>();
    parameters.removeIf(parameter -> !numbers.add(parameter.number()));
  }

  /** The served types that have a compartment. */
  public Set<String> owners() {
    return byOwner.keySet();
  }

  /** The served types that can belong to the compartment of a type, itself among them; empty when it has none. */
  public List<String> members(String owner) {
    return List.copyOf(byOwner.getOrDefault(owner, Map.of()).keySet());
  }

  /** The index numbers of the reference parameters by which resources of some types belong to the compartment of a type. */
  Set<Long> numbers(String owner, Collection<String> members) {
    Set<Long> numbers = new HashSet<>();
    for (String type : members) {
      byOwner
          .getOrDefault(owner, Map.of())
          .getOrDefault(type, List.of())
          .forEach(parameter -> numbers.add((long) parameter.number()));
    }
    return numbers;
  }

  /**
   * The ways in which resources of a type belong to a compartment; each is a search of its own, and one resource may be found by
   * several.
   *
   * @param owner whose compartment
   * @param type one of {@link #members}
   */
  List<Criterion> ways(ResourceKey owner, String type) {
    List<Criterion> ways = new ArrayList<>();
    if (owner.type().equals(type)) {
      ways.add(new Criterion.Ids(Set.of(owner.id())));
    }
    for (Parameter parameter :
        byOwner.getOrDefault(owner.type(), Map.of()).getOrDefault(type, List.of())) {
      ways.add(new Criterion.Tokens(
          parameter.number(),
          Selectivity.REFERENCE,
          List.of(new TokenValue(owner.toString(), null))));
    }
    return ways;
  }
}
