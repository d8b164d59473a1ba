package org.botoxfhir.reference;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.RuntimeSearchParam;
import ca.uhn.fhir.fhirpath.IFhirPath;
import ca.uhn.fhir.fhirpath.IFhirPathEvaluationContext;
import ca.uhn.fhir.rest.api.RestSearchParameterTypeEnum;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.hl7.fhir.instance.model.api.IBase;
import org.hl7.fhir.instance.model.api.IIdType;
import org.hl7.fhir.r4.model.Identifier;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.Resource;
import org.jspecify.annotations.Nullable;

/** Answers searches by looking at every resource. */
final class ReferenceSearch {
  private final FhirContext context;
  private final IFhirPath fhirPath;
  private final Map<String, Map<String, Resource>> byType = new TreeMap<>();
  private final Map<String, Set<String>> advertised;
  private final Map<String, List<IBase>> values = new HashMap<>();
  private final Map<String, List<List<List<IBase>>>> tuples = new HashMap<>();
  private final Map<String, IFhirPath.IParsedExpression> parsed = new HashMap<>();

  /** @param advertised codes of the parameters that the service says a type has */
  ReferenceSearch(
      FhirContext context, List<Resource> resources, Map<String, Set<String>> advertised) {
    this.context = context;
    this.advertised = advertised;
    resources.forEach(one -> byType
        .computeIfAbsent(one.fhirType(), type -> new LinkedHashMap<>())
        .put(one.getIdElement().getIdPart(), one));
    fhirPath = context.newFhirPath();
    fhirPath.setEvaluationContext(new IFhirPathEvaluationContext() {
      @Override
      public @Nullable IBase resolveReference(IIdType reference, @Nullable IBase element) {
        // The expressions only ask for its type, which the reference says whether it is on file or
        // not.
        String type = reference.getResourceType();
        return type == null || !context.getResourceTypes().contains(type)
            ? null
            : context.getResourceDefinition(type).newInstance();
      }
    });
  }

  Set<String> types() {
    return byType.keySet();
  }

  Map<String, Resource> of(String type) {
    return byType.getOrDefault(type, Map.of());
  }

  /** The advertised parameters of a type that have values of their own. */
  List<RuntimeSearchParam> parameters(String type) {
    return context.getResourceDefinition(type).getSearchParams().stream()
        .filter(p -> advertised.getOrDefault(type, Set.of()).contains(p.getName()))
        .filter(p -> !p.getName().equals("_id") && !p.getName().equals("_lastUpdated"))
        .filter(p -> !p.getName().equals("phonetic")) // NamesBySoundTest
        .filter(p -> p.getParamType() != RestSearchParameterTypeEnum.SPECIAL
            && p.getParamType() != RestSearchParameterTypeEnum.HAS)
        .toList();
  }

  /** What the components of a composite lead to, in each repetition of the element that it is about. */
  List<List<List<IBase>>> tuples(Resource resource, RuntimeSearchParam composite) {
    String key = "$" + resource.fhirType() + "/" + resource.getIdElement().getIdPart() + "#"
        + composite.getName();
    return tuples.computeIfAbsent(key, unused -> {
      List<List<List<IBase>>> all = new ArrayList<>();
      List<String> roots = paths(composite.getPath());
      for (String root : roots) {
        List<? extends IBase> elements = root.equals(resource.fhirType())
            ? List.of(resource)
            : fhirPath.evaluate(resource, parsed.computeIfAbsent(root, this::parse), IBase.class);
        for (IBase element : elements) {
          List<List<IBase>> tuple = new ArrayList<>();
          for (RuntimeSearchParam component : components(resource.fhirType(), composite)) {
            tuple.add(componentValues(resource, element, root, roots, component));
          }
          all.add(tuple);
        }
      }
      return all;
    });
  }

  /** What a component says of an element: by its paths through the element, else by those through none of the others. */
  private List<IBase> componentValues(
      Resource resource,
      IBase element,
      String root,
      List<String> roots,
      RuntimeSearchParam component) {
    List<IBase> values = new ArrayList<>();
    boolean whole = root.equals(resource.fhirType());
    List<String> within = paths(component.getPath()).stream()
        .filter(path -> !whole && path.contains(root + "."))
        .map(path -> path.replace(root + ".", ""))
        .toList();
    List<String> others = paths(component.getPath()).stream()
        .filter(path -> roots.stream()
            .noneMatch(one -> !one.equals(resource.fhirType()) && path.contains(one + ".")))
        .toList();
    for (String path : within.isEmpty() ? others : within) {
      values.addAll(fhirPath.evaluate(
          within.isEmpty() ? resource : element,
          parsed.computeIfAbsent(path, this::parse),
          IBase.class));
    }
    return values;
  }

  /** The parameters that a composite is made of. */
  List<RuntimeSearchParam> components(String type, RuntimeSearchParam composite) {
    return composite.getComponents().stream()
        .map(component -> component.getReference())
        .map(url -> url.substring(url.lastIndexOf('/') + 1).substring(type.length() + 1))
        .map(code -> required(type, code))
        .toList();
  }

  /** One by one: the engine's union compares quantities, which it cannot without a service for units. */
  private static List<String> paths(String union) {
    return Stream.of(union.split("\\s\\|\\s(?![^(]*\\))")).map(String::strip).toList();
  }

  private @Nullable RuntimeSearchParam parameter(String type, String code) {
    return parameters(type).stream()
        .filter(p -> p.getName().equals(code))
        .findFirst()
        .orElse(null);
  }

  /** Types that have resources and that a reference may point to. */
  Set<String> targets(RuntimeSearchParam reference) {
    return byType.keySet().stream()
        .filter(
            type -> reference.getTargets().isEmpty() || reference.getTargets().contains(type))
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /** What a parameter's expression leads to in a resource. */
  List<IBase> values(Resource resource, RuntimeSearchParam parameter) {
    String key =
        resource.fhirType() + "/" + resource.getIdElement().getIdPart() + "#" + parameter.getName();
    return values.computeIfAbsent(key, unused -> {
      List<IBase> all = new ArrayList<>();
      for (String path : paths(parameter.getPath())) {
        String whole = path.replaceFirst("^Resource\\.", resource.fhirType() + ".");
        all.addAll(
            fhirPath.evaluate(resource, parsed.computeIfAbsent(whole, this::parse), IBase.class));
      }
      return all;
    });
  }

  private IFhirPath.IParsedExpression parse(String path) {
    try {
      return fhirPath.parse(path);
    } catch (Exception e) {
      throw new IllegalStateException(path, e);
    }
  }

  /** The ids of all resources of a type that a parameter asks for. @param name with modifier, chain or {@code _has} */
  Set<String> find(String type, String name, String value, Instant now) {
    if (name.startsWith("_has:")) {
      String[] has = name.split(":", 4);
      RuntimeSearchParam reference = required(has[1], has[2]);
      Set<String> pointedTo = new LinkedHashSet<>();
      for (String id : find(has[1], has[3], value, now)) {
        values(Objects.requireNonNull(of(has[1]).get(id)), reference).forEach(one -> {
          String target = Comparison.target(one);
          if (target != null) {
            pointedTo.add(target);
          }
        });
      }
      return those(
          type, one -> pointedTo.contains(type + "/" + one.getIdElement().getIdPart()));
    }
    int dot = name.indexOf('.');
    if (dot >= 0) {
      String[] head = name.substring(0, dot).split(":");
      RuntimeSearchParam reference = required(type, head[0]);
      Set<String> wanted = new LinkedHashSet<>();
      for (String target : head.length == 2 ? Set.of(head[1]) : targets(reference)) {
        if (understands(target, name.substring(dot + 1))) {
          find(target, name.substring(dot + 1), value, now)
              .forEach(id -> wanted.add(target + "/" + id));
        }
      }
      return those(
          type,
          one ->
              values(one, reference).stream().map(Comparison::target).anyMatch(wanted::contains));
    }
    String[] parts = name.split(":", 2);
    String modifier = parts.length == 2 ? parts[1] : null;
    List<String> asked = Comparison.split(value, ',');
    if (parts[0].equals("_id")) {
      return those(type, one -> asked.contains(one.getIdElement().getIdPart()));
    }
    if (parts[0].equals("_lastUpdated")) {
      return those(
          type,
          one -> asked.stream()
              .anyMatch(a -> Comparison.date(one.getMeta().getLastUpdatedElement(), a, now)));
    }
    RuntimeSearchParam parameter = required(type, parts[0]);
    if ("missing".equals(modifier)) {
      return those(type, one -> isMissing(one, parameter) == Boolean.parseBoolean(value));
    }
    if ("not".equals(modifier)) {
      return those(type, one -> !matches(one, parameter, null, asked, now));
    }
    return those(type, one -> matches(one, parameter, modifier, asked, now));
  }

  /** Whether a search of the type takes the parameter. @param name as of {@link #find} */
  private boolean understands(String type, String name) {
    String code = name.split("[:.]", 2)[0];
    return code.equals("_id") || code.equals("_has") || parameter(type, code) != null;
  }

  private boolean isMissing(Resource resource, RuntimeSearchParam parameter) {
    if (parameter.getParamType() == RestSearchParameterTypeEnum.COMPOSITE) {
      List<RuntimeSearchParam> parts = components(resource.fhirType(), parameter);
      return tuples(resource, parameter).stream()
          .noneMatch(tuple -> IntStream.range(0, parts.size())
              .noneMatch(i -> isMissing(tuple.get(i), parts.get(i).getParamType())));
    }
    return isMissing(values(resource, parameter), parameter.getParamType());
  }

  private static boolean isMissing(List<IBase> values, RestSearchParameterTypeEnum kind) {
    return values.stream().noneMatch(value -> switch (kind) {
      case TOKEN -> !Comparison.tokens(value).isEmpty();
      case REFERENCE -> Comparison.target(value) != null;
      case STRING -> !Comparison.texts(value).isEmpty();
      case DATE -> Comparison.span(value) != null;
      case NUMBER, QUANTITY -> Comparison.amount(value) != null;
      default -> true;
    });
  }

  private boolean matches(
      Resource resource,
      RuntimeSearchParam parameter,
      @Nullable String modifier,
      List<String> asked,
      Instant now) {
    if (parameter.getParamType() == RestSearchParameterTypeEnum.COMPOSITE) {
      List<RuntimeSearchParam> parts = components(resource.fhirType(), parameter);
      return asked.stream()
          .map(one -> Comparison.split(one, '$'))
          .anyMatch(wanted -> tuples(resource, parameter).stream()
              .anyMatch(tuple -> IntStream.range(0, parts.size())
                  .allMatch(i ->
                      matches(tuple.get(i), parts.get(i), null, List.of(wanted.get(i)), now))));
    }
    return matches(values(resource, parameter), parameter, modifier, asked, now);
  }

  private static boolean matches(
      List<IBase> values,
      RuntimeSearchParam parameter,
      @Nullable String modifier,
      List<String> asked,
      Instant now) {
    return values.stream()
        .anyMatch(value -> asked.stream().anyMatch(one -> switch (parameter.getParamType()) {
          case TOKEN ->
            switch (modifier) {
              case "of-type" -> Comparison.ofType(value, one);
              case "text" -> Comparison.words(value, one);
              case null, default -> Comparison.token(value, one);
            };
          case REFERENCE -> reference(value, modifier, one);
          case STRING -> Comparison.string(value, modifier, one);
          case URI -> Comparison.uri(value, modifier, one);
          case DATE -> Comparison.date(value, one, now);
          case NUMBER, QUANTITY -> Comparison.amount(value, one);
          default -> throw new IllegalStateException(parameter.getName());
        }));
  }

  private static boolean reference(IBase value, @Nullable String modifier, String asked) {
    if ("identifier".equals(modifier)) {
      return value instanceof Reference reference
          && reference.getIdentifier() instanceof Identifier identifier
          && Comparison.token(identifier, asked);
    }
    return Comparison.reference(value, modifier == null ? asked : modifier + "/" + asked);
  }

  private Set<String> those(String type, java.util.function.Predicate<Resource> wanted) {
    return of(type).values().stream()
        .filter(wanted)
        .map(one -> one.getIdElement().getIdPart())
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /** Keys of what resources refer to by a parameter, as far as it is on file. */
  Set<String> targets(String type, Set<String> ids, RuntimeSearchParam reference) {
    Set<String> found = new LinkedHashSet<>();
    ids.forEach(id -> values(Objects.requireNonNull(of(type).get(id)), reference)
        .forEach(one -> {
          String target = Comparison.target(one);
          if (target != null && isOnFile(target)) {
            found.add(target);
          }
        }));
    return found;
  }

  /** Keys of what refers to resources by a parameter. */
  Set<String> holders(String type, RuntimeSearchParam reference, Set<String> targets) {
    return those(
            type,
            one ->
                values(one, reference).stream().map(Comparison::target).anyMatch(targets::contains))
        .stream()
        .map(id -> type + "/" + id)
        .collect(Collectors.toSet());
  }

  private boolean isOnFile(String key) {
    String[] parts = key.split("/");
    return parts.length == 2 && of(parts[0]).containsKey(parts[1]);
  }

  private RuntimeSearchParam required(String type, String code) {
    return Objects.requireNonNull(parameter(type, code), () -> type + " has no parameter " + code);
  }
}
