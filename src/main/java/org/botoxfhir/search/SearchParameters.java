package org.botoxfhir.search;

import ca.uhn.fhir.context.BaseRuntimeChildDefinition;
import ca.uhn.fhir.context.BaseRuntimeElementCompositeDefinition;
import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.RuntimeSearchParam;
import ca.uhn.fhir.fhirpath.IFhirPath;
import ca.uhn.fhir.fhirpath.IFhirPath.IParsedExpression;
import ca.uhn.fhir.rest.api.RestSearchParameterTypeEnum;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.fhir.ServedTypes;
import org.botoxfhir.fhir.ShippedDefinitions;
import org.botoxfhir.store.DenialTable;
import org.botoxfhir.store.ParameterTable;
import org.hl7.fhir.instance.model.api.IBase;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.Resource;
import org.hl7.fhir.r4.model.SearchParameter;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * The search parameters of the served types: from the R4 definitions that come with the model, and ours that are shipped. Read once, at
 * start.
 */
@Component
public final class SearchParameters {
  /** Parameters that are columns of the resource row. */
  private static final Set<String> COLUMNS = Set.of("_id", "_lastUpdated");

  private static final String SOURCE = "_source";

  /** Date parameters by which a type is read, best first; only one that has at most one value in a resource is taken. */
  private static final List<String> TIMELINES = List.of(
      "date",
      "effective-time",
      "effective",
      "authored",
      "authored-on",
      "authoredon",
      "recorded-date",
      "recorded",
      "identified",
      "created",
      "issued",
      "period");

  /** Parameters that say whose record a resource is, the most telling first. */
  private static final List<String> OWNERS = List.of("patient", "subject");

  private final IFhirPath fhirPath;
  private final Map<String, Map<String, Parameter>> byType = new TreeMap<>();
  private final Map<String, String> timelineCodes = new HashMap<>();
  private final Map<String, Parameter> timelines = new HashMap<>();
  private final Map<String, List<Parameter>> patients = new HashMap<>();
  private final Map<String, List<Short>> owners = new HashMap<>();
  private final Map<String, List<Parameter.Part>> parts = new HashMap<>();
  private final Map<String, Map<String, String>> urls = new HashMap<>();
  private final Map<String, String> rowDefinitions;
  private final Map<String, Short> numbers;

  SearchParameters(FhirContext context, ServedTypes types, ParameterTable table) {
    fhirPath = context.newFhirPath();
    fhirPath.setEvaluationContext(new TypeOfReference(context));
    Map<String, List<RuntimeSearchParam>> custom =
        new CustomParameters(context, fhirPath).of(shipped(context));
    Map<String, List<RuntimeSearchParam>> definitions = new LinkedHashMap<>();
    for (String type : types.all()) {
      List<RuntimeSearchParam> all =
          new ArrayList<>(context.getResourceDefinition(type).getSearchParams());
      List<RuntimeSearchParam> ours = custom.getOrDefault(type, List.of());
      all.addAll(ours);
      definitions.put(type, all);
      urls.put(
          type,
          ours.stream()
              .collect(Collectors.toMap(RuntimeSearchParam::getName, RuntimeSearchParam::getUri)));
    }
    definitions.forEach((type, list) ->
        timelineCode(context, type, list).ifPresent(code -> timelineCodes.put(type, code)));
    rowDefinitions = rowDefinitions(definitions);
    numbers = table.declare(rowDefinitions);
    definitions.forEach((type, list) -> byType.put(type, ofType(type, list)));
    byType.forEach((type, parameters) -> {
      Optional.ofNullable(timelineCodes.get(type))
          .map(parameters::get)
          .ifPresent(p -> timelines.put(type, p));
      List<Parameter> patient =
          ofPatient(parameters, Objects.requireNonNull(definitions.get(type)));
      patients.put(type, patient);
      patient.stream()
          .limit(1)
          .filter(p -> OWNERS.contains(p.code())
              && hasOneValue(context, type, p.path().replace(".where(resolve() is Patient)", "")))
          .forEach(p -> owners.put(type, p.numbers()));
      Map<Short, Parameter.Part> distinct = new TreeMap<>();
      parameters.values().stream()
          .flatMap(p -> p.parts().stream())
          .forEach(part -> distinct.put(part.number(), part));
      parts.put(type, List.copyOf(distinct.values()));
    });
  }

  private static List<SearchParameter> shipped(FhirContext context) {
    return ShippedDefinitions.read(context, ShippedDefinitions.ofType("SearchParameter")).stream()
        .map(SearchParameter.class::cast)
        .toList();
  }

  /** Canonical URL of a parameter of ours; null for one of R4's. */
  @Nullable
  String url(String type, String code) {
    return urls.getOrDefault(type, Map.of()).get(code);
  }

  /** The parameters of a type by code, without the columns {@code _id} and {@code _lastUpdated}. */
  Map<String, Parameter> of(String type) {
    return Objects.requireNonNull(byType.get(type), type);
  }

  /**
   * What stands for reference parameters in index rows.
   *
   * @param type of the resources that refer; null for all
   * @param code of the parameter; null for all
   */
  Set<Long> referenceNumbers(@Nullable String type, @Nullable String code) {
    return numbers(type, code, RestSearchParameterTypeEnum.REFERENCE);
  }

  /** What stands in index rows for the canonical URLs that definitions are known by. */
  Set<Long> canonicalUrlNumbers() {
    return numbers(null, "url", RestSearchParameterTypeEnum.URI);
  }

  private Set<Long> numbers(
      @Nullable String type, @Nullable String code, RestSearchParameterTypeEnum kind) {
    return byType.entrySet().stream()
        .filter(one -> type == null || type.equals(one.getKey()))
        .flatMap(one -> one.getValue().values().stream())
        .filter(parameter -> parameter.kind() == kind)
        .filter(parameter -> code == null || code.equals(parameter.code()))
        .map(parameter -> (long) parameter.number())
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /** The parts of all composites of a type, each once. */
  List<Parameter.Part> parts(String type) {
    return Objects.requireNonNull(parts.get(type));
  }

  /** The date parameter that a type is read by, newest first, unless the caller sorts otherwise. */
  Optional<Parameter> timeline(String type) {
    return Optional.ofNullable(timelines.get(type));
  }

  /** Reference parameters that say whose record a resource is, the most telling first. */
  List<Parameter> patient(String type) {
    return Objects.requireNonNull(patients.get(type));
  }

  /** The parameter whose rows a parameter reads: {@code patient} those of {@code subject}, any other its own. */
  Parameter indexed(Parameter parameter) {
    return of(parameter.type()).values().stream()
        .filter(p -> p.numbers().equals(parameter.numbers()) && !p.expressions().isEmpty())
        .findFirst()
        .orElse(parameter);
  }

  /**
   * Whether a reference parameter to a Patient says whose record a resource is, as the store keeps it: one patient, so a parameter that may
   * have several values does not.
   */
  boolean ownsRecord(Parameter parameter) {
    return OWNERS.contains(parameter.code())
        && parameter.numbers().equals(owners.get(parameter.type()));
  }

  /** What a type is sorted by under a name; null when it cannot be. */
  SearchQuery.Sort.@Nullable Key sortKey(String type, String code) {
    if (code.equals("_lastUpdated")) {
      return new SearchQuery.Sort.Key.LastUpdated();
    }
    if (code.equals("_id")) {
      return new SearchQuery.Sort.Key.Id();
    }
    Parameter parameter = of(type).get(code);
    if (parameter == null) {
      return null;
    }
    return switch (parameter.kind()) {
      case DATE ->
        timeline(type).filter(parameter::equals).isPresent()
            ? new SearchQuery.Sort.Key.Timeline()
            : new SearchQuery.Sort.Key.Date(parameter.number());
      case STRING, URI ->
        parameter.isPhonetic() ? null : new SearchQuery.Sort.Key.Text(parameter.number());
      case NUMBER, QUANTITY -> new SearchQuery.Sort.Key.Number(parameter.numbers());
      case TOKEN -> json(parameter, "", ".coding.code", ".code", ".value");
      case REFERENCE -> json(parameter, "", ".reference");
      case COMPOSITE, SPECIAL, HAS -> null;
    };
  }

  /** @param ends where the text stands in the values; the datatype of a value has one of them */
  private static SearchQuery.Sort.@Nullable Key json(Parameter parameter, String... ends) {
    return parameter
        .jsonPaths()
        .map(paths -> new SearchQuery.Sort.Key.Json(paths.stream()
            .flatMap(path -> Stream.of(ends).map(end -> path + end))
            .toList()))
        .orElse(null);
  }

  /** Names that {@link #sortKey} knows. */
  List<String> sortable(String type) {
    List<String> sortable = new ArrayList<>(List.of("_id", "_lastUpdated"));
    of(type).keySet().stream().filter(code -> sortKey(type, code) != null).forEach(sortable::add);
    return sortable;
  }

  /** What expressions lead to. */
  List<IBase> values(IBase base, List<IParsedExpression> expressions) {
    List<IBase> values = new ArrayList<>();
    for (IParsedExpression expression : expressions) {
      values.addAll(fhirPath.evaluate(base, expression, IBase.class));
    }
    return values;
  }

  /** The values of a reference parameter that point to what it may point to, as far as they say. */
  List<IBase> references(Resource resource, Parameter parameter) {
    Parameter indexed = indexed(parameter);
    List<IBase> values = values(resource, indexed.expressions());
    if (indexed != parameter) {
      values.removeIf(value -> value instanceof Reference reference
          && Optional.ofNullable(reference.getReference())
              .flatMap(ResourceKey::ofReference)
              .filter(key -> parameter.targets().contains(key.type()))
              .isEmpty());
    }
    return values;
  }

  private static Optional<String> timelineCode(
      FhirContext context, String type, List<RuntimeSearchParam> definitions) {
    Map<String, RuntimeSearchParam> byCode = byCode(definitions);
    return TIMELINES.stream()
        .map(byCode::get)
        .filter(p -> p != null && p.getParamType() == RestSearchParameterTypeEnum.DATE)
        .filter(p -> isIndexed(p) && hasOneValue(context, type, p.getPath()))
        .map(RuntimeSearchParam::getName)
        .findFirst();
  }

  /** Whether a path leads to an element that a resource has at most once. */
  private static boolean hasOneValue(FhirContext context, String type, String path) {
    String[] steps = path.split("\\.", -1);
    BaseRuntimeElementCompositeDefinition<?> parent = context.getResourceDefinition(type);
    for (int i = 1; i < steps.length; i++) {
      BaseRuntimeChildDefinition child = parent.getChildByName(steps[i]);
      child = child == null ? parent.getChildByName(steps[i] + "[x]") : child;
      if (child == null || child.getMax() != 1) {
        return false;
      }
      if (i < steps.length - 1) {
        if (!(child.getChildByName(steps[i])
            instanceof BaseRuntimeElementCompositeDefinition<?> next)) {
          return false;
        }
        parent = next;
      }
    }
    return steps.length > 1;
  }

  /** What makes the rows of each name that index rows are known by: its expressions, and how values become rows. */
  private Map<String, String> rowDefinitions(Map<String, List<RuntimeSearchParam>> definitions) {
    Map<String, String> made = new TreeMap<>();
    definitions.forEach((type, list) -> {
      String timeline = timelineCodes.getOrDefault(type, "");
      made.put(type, "%d %s".formatted(IndexRowExtractor.COLUMNS_VERSION, timeline));
      if (type.equals(DenialTable.CONSENT)) {
        made.put(type + "$denials", Integer.toString(IndexRowExtractor.DENIALS_VERSION));
      }
      made.put(type + "." + SOURCE, made(RestSearchParameterTypeEnum.URI, type + ".meta.source"));
      RowNames names = rowNames(type, list);
      list.stream().filter(SearchParameters::isIndexed).forEach(p -> {
        if (p.getParamType() == RestSearchParameterTypeEnum.COMPOSITE) {
          CompositeDefinitions.parts(type, p, byCode(list))
              .forEach(part -> made.put(part.name(type), made(part.kind(), "")));
          return;
        }
        if (!names.hasOwn(p)) {
          return;
        }
        String definition = made(p.getParamType(), p.getPath())
            + (p.getName().equals(Parameter.PHONETIC) ? " " + Phonetics.VERSION : "");
        made.put(
            type + "." + p.getName(),
            p.getName().equals(timeline) ? definition + " timeline" : definition);
        if (p.getParamType() == RestSearchParameterTypeEnum.REFERENCE) {
          made.put(variantName(type, p.getName(), "identifier"), definition);
        } else if (p.getName().equals("identifier")) {
          made.put(variantName(type, p.getName(), "of-type"), definition);
        } else if (p.getName().equals(Parameter.NEAR)) {
          made.put(variantName(type, p.getName(), Parameter.LONGITUDE), definition);
        }
      });
    });
    return made;
  }

  private static RowNames rowNames(String type, List<RuntimeSearchParam> definitions) {
    return new RowNames(
        type, byCode(definitions.stream().filter(SearchParameters::isIndexed).toList()));
  }

  private static String made(RestSearchParameterTypeEnum kind, String path) {
    return "%s %d %s"
        .formatted(kind.getCode(), IndexRowExtractor.version(kind), path)
        .strip();
  }

  /** What makes the rows of each name; see {@link ParameterTable#declare}. */
  Map<String, String> rowDefinitions() {
    return rowDefinitions;
  }

  /** The number that stands for each name in index rows. */
  Map<String, Short> numbers() {
    return numbers;
  }

  private static boolean isIndexed(RuntimeSearchParam parameter) {
    return !COLUMNS.contains(parameter.getName())
        && parameter.getPath() != null
        && !parameter.getPath().isBlank()
        && (parameter.getParamType() != RestSearchParameterTypeEnum.SPECIAL
            || parameter.getName().equals(Parameter.NEAR))
        && parameter.getParamType() != RestSearchParameterTypeEnum.HAS;
  }

  private static String variantName(String type, String code, String modifier) {
    return type + "." + code + ":" + modifier;
  }

  private Map<String, Short> variants(String type, String code) {
    Map<String, Short> variants = new HashMap<>();
    for (String modifier : List.of("identifier", "of-type", Parameter.LONGITUDE)) {
      Short number = numbers.get(variantName(type, code, modifier));
      if (number != null) {
        variants.put(modifier, number);
      }
    }
    return Map.copyOf(variants);
  }

  private Map<String, Parameter> ofType(String type, List<RuntimeSearchParam> definitions) {
    Map<String, RuntimeSearchParam> byCode = byCode(definitions);
    RowNames names = rowNames(type, definitions);
    Map<String, Parameter> parameters = new TreeMap<>();
    for (RuntimeSearchParam definition : definitions) {
      if (!isIndexed(definition)) {
        continue;
      }
      boolean composite = definition.getParamType() == RestSearchParameterTypeEnum.COMPOSITE;
      if (saysTheSameAsSubject(type, definition, byCode)) {
        parameters.put(
            definition.getName(),
            new Parameter(
                type,
                definition.getName(),
                definition.getParamType(),
                List.of(number(type + ".subject")),
                definition.getPath(),
                List.of(),
                JsonPaths.of(List.of(type + ".subject")),
                variants(type, "subject"),
                Set.of("Patient"),
                List.of(),
                List.of()));
        continue;
      }
      // Paths of what every resource may have begin with "Resource", which the engine does not take
      // for the type at hand.
      List<String> paths =
          alternatives(definition.getPath().replaceFirst("^Resource\\.", type + "."));
      parameters.put(
          definition.getName(),
          new Parameter(
              type,
              definition.getName(),
              definition.getParamType(),
              composite
                  ? List.of()
                  : names.of(definition).stream().map(this::number).toList(),
              definition.getPath(),
              composite || !names.hasOwn(definition) ? List.of() : parse(paths),
              composite ? Optional.empty() : JsonPaths.of(paths),
              variants(type, definition.getName()),
              Set.copyOf(definition.getTargets()),
              composite ? CompositeDefinitions.components(type, definition, byCode) : List.of(),
              composite ? parts(type, definition, byCode) : List.of()));
    }
    parameters.put(SOURCE, source(type));
    return parameters;
  }

  /** R4 search.html#all; HAPI's definitions lack it. */
  private Parameter source(String type) {
    String path = type + ".meta.source";
    return new Parameter(
        type,
        SOURCE,
        RestSearchParameterTypeEnum.URI,
        List.of(number(type + "." + SOURCE)),
        path,
        parse(List.of(path)),
        Optional.empty(),
        Map.of(),
        Set.of(),
        List.of(),
        List.of());
  }

  /** {@code patient} is {@code subject} with one type allowed: a search for a Patient by either reads the rows of the latter. */
  private static boolean saysTheSameAsSubject(
      String type, RuntimeSearchParam parameter, Map<String, RuntimeSearchParam> byCode) {
    RuntimeSearchParam subject = byCode.get("subject");
    return parameter.getName().equals("patient")
        && parameter.getPath().equals(type + ".subject.where(resolve() is Patient)")
        && subject != null
        && subject.getPath().equals(type + ".subject");
  }

  private static Map<String, RuntimeSearchParam> byCode(List<RuntimeSearchParam> definitions) {
    return definitions.stream()
        .collect(Collectors.toMap(RuntimeSearchParam::getName, p -> p, (one, other) -> one));
  }

  private List<Parameter.Part> parts(
      String type, RuntimeSearchParam composite, Map<String, RuntimeSearchParam> byCode) {
    return CompositeDefinitions.parts(type, composite, byCode).stream()
        .map(part -> new Parameter.Part(
            part.kind(),
            number(part.name(type)),
            parse(part.root()),
            parse(part.values()),
            part.onResource()))
        .toList();
  }

  /**
   * The alternatives of a path. Evaluated one by one: the engine's own union compares quantities, for which it wants a UCUM service
   * that HAPI does not have.
   */
  static List<String> alternatives(String path) {
    List<String> alternatives = new ArrayList<>();
    int depth = 0;
    int start = 0;
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      depth += c == '(' ? 1 : c == ')' ? -1 : 0;
      if (c == '|' && depth == 0) {
        alternatives.add(path.substring(start, i).strip());
        start = i + 1;
      }
    }
    alternatives.add(path.substring(start).strip());
    return alternatives;
  }

  private static List<Parameter> ofPatient(
      Map<String, Parameter> parameters, List<RuntimeSearchParam> definitions) {
    Set<String> compartment = definitions.stream()
        .filter(p -> p.getProvidesMembershipInCompartments() != null
            && p.getProvidesMembershipInCompartments().contains("Patient"))
        .map(RuntimeSearchParam::getName)
        .collect(Collectors.toSet());
    List<Parameter> patient = new ArrayList<>();
    for (String first : OWNERS) {
      Parameter parameter = parameters.get(first);
      if (parameter != null && parameter.kind() == RestSearchParameterTypeEnum.REFERENCE) {
        patient.add(parameter);
      }
    }
    parameters.values().stream()
        .filter(p -> compartment.contains(p.code()) && !patient.contains(p))
        .forEach(patient::add);
    return patient;
  }

  private List<IParsedExpression> parse(List<String> paths) {
    return paths.stream().map(this::parse).toList();
  }

  private IParsedExpression parse(String path) {
    try {
      return fhirPath.parse(path);
    } catch (Exception broken) {
      throw new IllegalStateException(
          "the search parameter expression '%s' cannot be parsed".formatted(path), broken);
    }
  }

  private short number(String name) {
    return Objects.requireNonNull(numbers.get(name), name);
  }
}
