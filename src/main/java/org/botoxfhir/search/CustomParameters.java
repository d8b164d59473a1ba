package org.botoxfhir.search;

import ca.uhn.fhir.context.BaseRuntimeChildDefinition;
import ca.uhn.fhir.context.BaseRuntimeElementCompositeDefinition;
import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.RuntimeSearchParam;
import ca.uhn.fhir.context.RuntimeSearchParam.RuntimeSearchParamStatusEnum;
import ca.uhn.fhir.fhirpath.IFhirPath;
import ca.uhn.fhir.rest.api.RestSearchParameterTypeEnum;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.botoxfhir.fhir.ShippedDefinitions;
import org.hl7.fhir.r4.model.CodeType;
import org.hl7.fhir.r4.model.Enumerations.PublicationStatus;
import org.hl7.fhir.r4.model.PrimitiveType;
import org.hl7.fhir.r4.model.SearchParameter;

/** Search parameters beside those of R4, from SearchParameter resources. One that could not be searched by as it says is refused. */
final class CustomParameters {
  /** As R4 writes codes of its own; the rest has a meaning in a query: {@code _}, {@code :}, {@code .}. */
  private static final Pattern CODE = Pattern.compile("[a-z][A-Za-z0-9-]{0,63}");

  /** The steps of an expression as far as they only go from element to element. */
  private static final Pattern STEPS = Pattern.compile("\\(*([A-Za-z]+(?:\\.[A-Za-z]+)*)(\\()?.*");

  private final FhirContext context;
  private final IFhirPath fhirPath;

  CustomParameters(FhirContext context, IFhirPath fhirPath) {
    this.context = context;
    this.fhirPath = fhirPath;
  }

  /**
   * The parameters by the types that they are about, served or not; what is retired is left out.
   *
   * @throws IllegalStateException naming the file and the reason, when one cannot be searched by
   */
  Map<String, List<RuntimeSearchParam>> of(List<SearchParameter> definitions) {
    Map<String, List<RuntimeSearchParam>> byType = new TreeMap<>();
    for (SearchParameter definition : definitions) {
      if (definition.getStatus() == PublicationStatus.RETIRED) {
        continue;
      }
      for (CodeType base : definition.getBase()) {
        List<RuntimeSearchParam> others =
            byType.computeIfAbsent(base.getValue(), type -> new ArrayList<>());
        others.add(parameter(definition, base.getValue(), others));
      }
      if (!definition.hasBase()) {
        throw broken(definition, "has no base");
      }
    }
    return byType;
  }

  private RuntimeSearchParam parameter(
      SearchParameter definition, String base, List<RuntimeSearchParam> others) {
    requireTypes(definition, "base", List.of(base));
    RestSearchParameterTypeEnum kind = kind(definition);
    String code = definition.getCode();
    if (code == null || !CODE.matcher(code).matches()) {
      throw broken(
          definition,
          "has the code '%s'; expected a small letter, then letters, digits, hyphens"
              .formatted(code));
    }
    if (context.getResourceDefinition(base).getSearchParam(code) != null) {
      throw broken(
          definition, "has the code '%s', by which R4 searches %s already".formatted(code, base));
    }
    if (others.stream().anyMatch(other -> other.getName().equals(code))) {
      throw broken(
          definition,
          "has the code '%s', which another of these files has for %s".formatted(code, base));
    }
    Set<String> targets =
        definition.getTarget().stream().map(PrimitiveType::getValue).collect(Collectors.toSet());
    requireTypes(definition, "target", targets);
    if (kind == RestSearchParameterTypeEnum.REFERENCE && targets.isEmpty()) {
      throw broken(definition, "is a reference and has no target");
    }
    return new RuntimeSearchParam(
        definition.getIdElement(),
        definition.getUrl(),
        code,
        definition.getDescription(),
        expression(definition, base),
        kind,
        null,
        targets,
        RuntimeSearchParamStatusEnum.ACTIVE,
        List.of(base));
  }

  private static RestSearchParameterTypeEnum kind(SearchParameter definition) {
    if (definition.getType() == null) {
      throw broken(definition, "has no type");
    }
    return switch (definition.getType()) {
      case NUMBER -> RestSearchParameterTypeEnum.NUMBER;
      case DATE -> RestSearchParameterTypeEnum.DATE;
      case STRING -> RestSearchParameterTypeEnum.STRING;
      case TOKEN -> RestSearchParameterTypeEnum.TOKEN;
      case REFERENCE -> RestSearchParameterTypeEnum.REFERENCE;
      case QUANTITY -> RestSearchParameterTypeEnum.QUANTITY;
      case URI -> RestSearchParameterTypeEnum.URI;
      case COMPOSITE, SPECIAL, NULL ->
        throw broken(
            definition,
            "is of type '%s', which can only be one of R4's own"
                .formatted(definition.getType().toCode()));
    };
  }

  /** The alternatives of the expression that are about the base. */
  private String expression(SearchParameter definition, String base) {
    if (!definition.hasExpression()) {
      throw broken(definition, "has no expression");
    }
    Set<String> bases =
        definition.getBase().stream().map(PrimitiveType::getValue).collect(Collectors.toSet());
    List<String> ofBase = new ArrayList<>();
    for (String alternative : SearchParameters.alternatives(definition.getExpression())) {
      Matcher steps = STEPS.matcher(alternative);
      String type = steps.matches() ? steps.group(1).split("\\.", 2)[0] : "";
      if (!bases.contains(type)) {
        throw broken(
            definition,
            "has the expression '%s', which begins with none of its bases".formatted(alternative));
      }
      if (type.equals(base)) {
        requireElements(definition, alternative, steps);
        ofBase.add(alternative);
      }
    }
    if (ofBase.isEmpty()) {
      throw broken(definition, "has no expression for its base " + base);
    }
    return String.join(" | ", ofBase);
  }

  /** Nothing else would tell of an element that is spelt wrong: it is only never there. */
  private void requireElements(SearchParameter definition, String expression, Matcher steps) {
    try {
      fhirPath.parse(expression);
    } catch (Exception unreadable) {
      throw broken(
          definition, "has the expression '%s', which cannot be parsed".formatted(expression));
    }
    String[] names = steps.group(1).split("\\.", -1);
    BaseRuntimeElementCompositeDefinition<?> parent = context.getResourceDefinition(names[0]);
    // The last name before a parenthesis is that of a function.
    int elements = steps.group(2) == null ? names.length : names.length - 1;
    for (int i = 1; i < elements; i++) {
      BaseRuntimeChildDefinition child = parent.getChildByName(names[i]);
      boolean choice = child == null && parent.getChildByName(names[i] + "[x]") != null;
      if (child == null && !choice) {
        throw broken(
            definition,
            "has the expression '%s', and %s has no element '%s'"
                .formatted(expression, parent.getName(), names[i]));
      }
      if (choice
          || !(child.getChildByName(names[i])
              instanceof BaseRuntimeElementCompositeDefinition<?> next)) {
        return;
      }
      parent = next;
    }
  }

  private void requireTypes(SearchParameter definition, String element, Iterable<String> types) {
    Set<String> known = new HashSet<>(context.getResourceTypes());
    for (String type : types) {
      if (!known.contains(type)) {
        throw broken(
            definition, "has the %s '%s', which is no R4 resource type".formatted(element, type));
      }
    }
  }

  private static IllegalStateException broken(SearchParameter definition, String how) {
    return new IllegalStateException("%s %s".formatted(ShippedDefinitions.file(definition), how));
  }
}
