package org.botoxfhir.terminology;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.terminology.Concepts.Concept;
import org.hl7.fhir.r4.model.ValueSet.ConceptSetFilterComponent;

/**
 * Which concepts a filter of a value set takes. What is not understood is refused. So are regular expressions: who may write a value
 * set could write one that is matched for hours.
 */
final class Filters {
  private static final String UNDERSTOOD =
      "'concept' with is-a, descendent-of, is-not-a, generalizes, =, in and not-in, and the properties of the code system with =, in, not-in and exists";

  private Filters() {}

  /**
   * @param set name of the value set, for messages
   * @throws FaultException {@link Fault.TerminologyNotHere} for one that is not understood, {@link Fault.Refused} for one that names
   *     no code of the system
   */
  static Predicate<Concept> predicate(
      String set, Concepts system, ConceptSetFilterComponent filter) {
    String property = filter.hasProperty() ? filter.getProperty() : "";
    String value = filter.hasValue() ? filter.getValue() : "";
    String operator = filter.getOp() == null ? "" : filter.getOp().toCode();
    boolean concept = property.equals("concept") || property.equals("code");
    Function<Concept, Collection<String>> values = switch (property) {
      case "concept", "code" -> one -> List.of(one.code());
      case "parent" -> Concept::above;
      case "child" -> Concept::below;
      default -> one -> one.values(property);
    };
    if (!concept
        && !property.equals("parent")
        && !property.equals("child")
        && !system.hasProperty(property)) {
      throw notUnderstood(set, property, operator);
    }
    return switch (operator) {
      case "=" -> one -> values.apply(one).contains(value);
      case "in" -> among(values, value);
      case "not-in" -> among(values, value).negate();
      case "exists" -> {
        if (concept) {
          throw notUnderstood(set, property, operator);
        }
        boolean wanted = value.equals("true");
        yield one -> values.apply(one).isEmpty() != wanted;
      }
      case "is-a", "descendent-of", "is-not-a", "generalizes" -> {
        if (!concept) {
          throw notUnderstood(set, property, operator);
        }
        yield related(set, system, operator, value);
      }
      default -> throw notUnderstood(set, property, operator);
    };
  }

  private static Predicate<Concept> among(
      Function<Concept, Collection<String>> values, String list) {
    Set<String> wanted =
        Arrays.stream(list.split(",")).map(String::strip).collect(Collectors.toSet());
    return one -> values.apply(one).stream().anyMatch(wanted::contains);
  }

  private static Predicate<Concept> related(
      String set, Concepts system, String operator, String code) {
    Concept root = system
        .find(code)
        .orElseThrow(() -> new FaultException(Fault.refused(
            "not-found",
            "'%s' filters by '%s', which is no code of '%s'".formatted(set, code, system.url()),
            null)));
    if (operator.equals("generalizes")) {
      Set<String> above = system.withAbove(root);
      return one -> above.contains(one.code());
    }
    Set<String> below = system.withBelow(root);
    return switch (operator) {
      case "is-not-a" -> one -> !below.contains(one.code());
      case "descendent-of" -> one -> below.contains(one.code()) && !one.code().equals(root.code());
      default -> one -> below.contains(one.code());
    };
  }

  private static FaultException notUnderstood(String set, String property, String operator) {
    return new FaultException(
        Fault.terminologyNotHere("'%s' filters its codes by '%s %s'; understood here are %s"
            .formatted(set, property, operator, UNDERSTOOD)));
  }
}
