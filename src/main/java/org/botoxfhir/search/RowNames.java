package org.botoxfhir.search;

import ca.uhn.fhir.context.RuntimeSearchParam;
import ca.uhn.fhir.rest.api.RestSearchParameterTypeEnum;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which index rows the parameters of a type read. Mostly each has its own; but an element that several parameters are about has its rows
 * once: {@code component-code} reads those that the composites over components need, and {@code combo-code} those of {@code code} and of
 * {@code component-code}.
 */
final class RowNames {
  private static final Set<RestSearchParameterTypeEnum> SHARING = Set.of(
      RestSearchParameterTypeEnum.TOKEN,
      RestSearchParameterTypeEnum.NUMBER,
      RestSearchParameterTypeEnum.QUANTITY);

  private final String type;
  private final Map<String, RuntimeSearchParam> byCode;

  /** Names of the rows that the composites of the type need, by the kind and the paths of their values. */
  private final Map<Element, String> parts = new HashMap<>();

  private record Element(RestSearchParameterTypeEnum kind, Set<String> paths) {}

  /** @param byCode the indexed parameters of the type */
  RowNames(String type, Map<String, RuntimeSearchParam> byCode) {
    this.type = type;
    this.byCode = byCode;
    byCode.values().stream()
        .filter(p -> p.getParamType() == RestSearchParameterTypeEnum.COMPOSITE)
        .flatMap(p -> CompositeDefinitions.parts(type, p, byCode).stream())
        .filter(part -> !part.onResource())
        .forEach(
            part -> parts.put(new Element(part.kind(), Set.copyOf(part.paths())), part.name(type)));
  }

  /** Names of the rows that a parameter reads; not of a composite. */
  List<String> of(RuntimeSearchParam parameter) {
    String own = type + "." + parameter.getName();
    if (!SHARING.contains(parameter.getParamType())) {
      return List.of(own);
    }
    Set<String> paths = paths(parameter);
    String part = parts.get(new Element(parameter.getParamType(), paths));
    return part != null ? List.of(part) : ofOthers(parameter, paths).orElse(List.of(own));
  }

  /** Whether it has rows of its own, which are made of its values. */
  boolean hasOwn(RuntimeSearchParam parameter) {
    return of(parameter).equals(List.of(type + "." + parameter.getName()));
  }

  /** The rows of narrower parameters that are together about the same elements, each about some of them. */
  private Optional<List<String>> ofOthers(RuntimeSearchParam parameter, Set<String> paths) {
    Set<String> left = new LinkedHashSet<>(paths);
    List<String> names = new ArrayList<>();
    byCode.values().stream()
        .filter(other -> other.getParamType() == parameter.getParamType())
        .filter(other -> paths(other).size() < paths.size())
        .sorted(Comparator.comparing((RuntimeSearchParam other) -> -paths(other).size())
            .thenComparing(RuntimeSearchParam::getName))
        .forEach(other -> {
          if (left.containsAll(paths(other))) {
            left.removeAll(paths(other));
            names.addAll(of(other));
          }
        });
    return left.isEmpty() ? Optional.of(names) : Optional.empty();
  }

  private static Set<String> paths(RuntimeSearchParam parameter) {
    return Set.copyOf(SearchParameters.alternatives(parameter.getPath()));
  }
}
