package org.botoxfhir.search;

import static org.botoxfhir.search.ValueReader.alternatives;
import static org.botoxfhir.search.ValueReader.ranges;
import static org.botoxfhir.search.ValueReader.unreadable;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.rest.api.RestSearchParameterTypeEnum;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.botoxfhir.fhir.LimitSettings;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.fhir.ServedTypes;
import org.botoxfhir.search.SearchQuery.CodeRelation;
import org.botoxfhir.search.SearchQuery.Criterion;
import org.botoxfhir.search.SearchQuery.IndexTable;
import org.botoxfhir.search.SearchQuery.Selectivity;
import org.botoxfhir.search.SearchQuery.StringMatch;
import org.botoxfhir.search.SearchQuery.Target;
import org.botoxfhir.search.SearchQuery.TokenValue;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** From one parameter of a search to what it asks of a resource. */
@Component
final class CriterionReader {
  private static final String HAS = "_has:";

  private final SearchParameters parameters;
  private final ServedTypes types;
  private final Set<String> allTypes;
  private final int deepest;

  CriterionReader(
      SearchParameters parameters, ServedTypes types, FhirContext context, LimitSettings limits) {
    this.deepest = limits.maxChainDepth();
    this.parameters = parameters;
    this.types = types;
    this.allTypes = new TreeSet<>(context.getResourceTypes());
  }

  /**
   * @param type of the resources that are looked for
   * @param name with modifier, chain or {@code _has}
   * @param value not empty
   * @throws UnreadableParameterException when name or value is not understood
   */
  Criterion read(String type, String name, String value) {
    return read(type, name, value, 0);
  }

  /** Names of what a type can be searched by. */
  List<String> names(String type) {
    List<String> names = new ArrayList<>(List.of("_id", "_lastUpdated"));
    if (types.serves("List")) {
      names.add("_list");
    }
    names.addAll(parameters.of(type).keySet());
    return names;
  }

  private Criterion read(String type, String name, String value, int depth) {
    if (depth > deepest) {
      throw unreadable("'%s' chains more than %d references", name, deepest);
    }
    if (name.startsWith(HAS)) {
      return has(type, name, value, depth);
    }
    int dot = name.indexOf('.');
    if (dot >= 0) {
      return chain(type, name.substring(0, dot), name.substring(dot + 1), value, depth);
    }
    int colon = name.indexOf(':');
    String code = colon < 0 ? name : name.substring(0, colon);
    String modifier = colon < 0 ? null : name.substring(colon + 1);
    Optional<Criterion> ofEveryType = ofEveryType(code, modifier, value);
    return ofEveryType.isPresent()
        ? ofEveryType.get()
        : modified(parameter(type, code), modifier, value);
  }

  private Optional<Criterion> ofEveryType(String code, @Nullable String modifier, String value) {
    if (!Set.of("_id", "_lastUpdated").contains(code)
        && !(code.equals("_list") && types.serves("List"))) {
      return Optional.empty();
    }
    if (modifier != null) {
      throw unreadable("'%s' takes no modifier, so no ':%s'", code, modifier);
    }
    return Optional.of(
        switch (code) {
          case "_id" ->
            new Criterion.Ids(new LinkedHashSet<>(
                alternatives(value).stream().map(SearchValues::unescape).toList()));
          case "_list" -> new Criterion.InList(id(value));
          default -> new Criterion.LastUpdated(ranges(code, value));
        });
  }

  private static String id(String value) {
    String id = value.startsWith("List/") ? value.substring("List/".length()) : value;
    if (!ResourceKey.isId(id)) {
      throw unreadable("'%s' is no id of a List", value);
    }
    return id;
  }

  private Parameter parameter(String type, String code) {
    Parameter parameter = parameters.of(type).get(code);
    if (parameter == null) {
      throw unreadable(
          "%s cannot be searched by '%s'; it can by: %s",
          type, code, String.join(", ", names(type)));
    }
    return parameter;
  }

  /** {@code _has:Observation:patient:code=x}: to whom an Observation with this code points as its patient. */
  private Criterion has(String type, String name, String value, int depth) {
    String[] parts = name.split(":", 4);
    if (parts.length < 4) {
      throw unreadable("'%s' is incomplete; write _has:[type]:[reference]:[parameter]", name);
    }
    requireServed(parts[1], name);
    Parameter reference = parameter(parts[1], parts[2]);
    if (reference.kind() != RestSearchParameterTypeEnum.REFERENCE
        || !targets(reference).contains(type)) {
      throw unreadable(
          "'%s' of %s is no reference to %s; those are: %s",
          parts[2],
          parts[1],
          type,
          String.join(
              ", ",
              references(parts[1]).stream()
                  .filter(p -> targets(p).contains(type))
                  .map(Parameter::code)
                  .toList()));
    }
    return new Criterion.ReferredToBy(type, reference, read(parts[1], parts[3], value, depth + 1));
  }

  /** {@code subject:Patient.name=x}; without a type, of every type that may be pointed to and has such a parameter. */
  private Criterion chain(String type, String head, String rest, String value, int depth) {
    int colon = head.indexOf(':');
    String code = colon < 0 ? head : head.substring(0, colon);
    Parameter reference = parameter(type, code);
    if (reference.kind() != RestSearchParameterTypeEnum.REFERENCE) {
      throw unreadable(
          "'%s' of %s is no reference, so nothing can be chained to it; references are: %s",
          code,
          type,
          String.join(", ", references(type).stream().map(Parameter::code).toList()));
    }
    Set<String> targets = targets(reference);
    if (colon >= 0) {
      String only = head.substring(colon + 1);
      if (!targets.contains(only)) {
        throw unreadable(
            "'%s' of %s does not point to %s; it may to: %s",
            code, type, only, String.join(", ", new TreeSet<>(targets)));
      }
      return refersTo(reference, List.of(new Target(only, read(only, rest, value, depth + 1))));
    }
    List<Target> understood = new ArrayList<>();
    UnreadableParameterException first = null;
    for (String target : new TreeSet<>(targets)) {
      try {
        understood.add(new Target(target, read(target, rest, value, depth + 1)));
      } catch (UnreadableParameterException e) {
        first = first == null ? e : first;
      }
    }
    if (understood.isEmpty()) {
      throw first == null
          ? unreadable("'%s' of %s points to no type that is served here", code, type)
          : first;
    }
    return refersTo(reference, understood);
  }

  private Criterion refersTo(Parameter reference, List<Target> targets) {
    return new Criterion.RefersTo(reference.number(), parameters.ownsRecord(reference), targets);
  }

  private List<Parameter> references(String type) {
    return parameters.of(type).values().stream()
        .filter(p -> p.kind() == RestSearchParameterTypeEnum.REFERENCE)
        .toList();
  }

  private void requireServed(String type, String name) {
    if (!types.serves(type)) {
      throw unreadable("%s in '%s' is not served here", type, name);
    }
  }

  /** Types that a bare id is looked for under: references to a type that is not served are on file all the same. */
  private Set<String> referable(Parameter parameter) {
    return parameter.targets().isEmpty() ? allTypes : parameter.targets();
  }

  /** Types that a reference may point to and that are served. */
  private Set<String> targets(Parameter parameter) {
    Set<String> targets = new LinkedHashSet<>(types.all());
    if (!parameter.targets().isEmpty()) {
      targets.retainAll(parameter.targets());
    }
    return targets;
  }

  private Criterion modified(Parameter parameter, @Nullable String modifier, String value) {
    if (modifier == null) {
      return plain(parameter, value);
    }
    return switch (modifier) {
      case "missing" -> missing(parameter, value);
      case "not" -> {
        require(parameter, modifier, RestSearchParameterTypeEnum.TOKEN);
        yield new Criterion.Not(plain(parameter, value));
      }
      case "exact" -> {
        requireSpelling(parameter, modifier);
        yield ValueReader.strings(parameter, StringMatch.EXACT, value);
      }
      case "contains" -> {
        requireSpelling(parameter, modifier);
        yield ValueReader.strings(parameter, StringMatch.CONTAINS, value);
      }
      case "text" -> {
        require(parameter, modifier, RestSearchParameterTypeEnum.TOKEN);
        yield words(parameter, value);
      }
      case "of-type" -> {
        require(parameter, modifier, RestSearchParameterTypeEnum.TOKEN);
        yield ValueReader.ofType(parameter, variant(parameter, modifier), value);
      }
      case "identifier" -> {
        require(parameter, modifier, RestSearchParameterTypeEnum.REFERENCE);
        yield new Criterion.Tokens(
            variant(parameter, modifier), Selectivity.IDENTIFIER, ValueReader.tokens(value));
      }
      case "in", "not-in" -> {
        require(parameter, modifier, RestSearchParameterTypeEnum.TOKEN);
        Criterion in = oneOf(parameter, CodeRelation.VALUE_SET, value);
        yield modifier.equals("in") ? in : new Criterion.Not(in);
      }
      case "above", "below" -> {
        if (parameter.kind() == RestSearchParameterTypeEnum.TOKEN) {
          yield hierarchy(parameter, modifier, value);
        }
        require(parameter, modifier, RestSearchParameterTypeEnum.URI);
        yield modifier.equals("above")
            ? ValueReader.above(parameter, value)
            : ValueReader.below(parameter, value);
      }
      default -> {
        if (parameter.kind() != RestSearchParameterTypeEnum.REFERENCE
            || !targets(parameter).contains(modifier)) {
          throw unreadable(
              "modifier ':%s' of '%s' is not supported; it takes: %s",
              modifier, parameter.code(), String.join(", ", modifiers(parameter)));
        }
        yield new Criterion.Tokens(
            parameter.number(),
            Selectivity.REFERENCE,
            ValueReader.references(Set.of(modifier), value));
      }
    };
  }

  private void require(Parameter parameter, String modifier, RestSearchParameterTypeEnum kind) {
    if (parameter.kind() != kind) {
      throw noneOf(parameter, modifier);
    }
  }

  /** Of a name that is known by its sound there is no spelling to compare. */
  private void requireSpelling(Parameter parameter, String modifier) {
    require(parameter, modifier, RestSearchParameterTypeEnum.STRING);
    if (parameter.isPhonetic()) {
      throw noneOf(parameter, modifier);
    }
  }

  private UnreadableParameterException noneOf(Parameter parameter, String modifier) {
    return unreadable(
        "modifier ':%s' is none of '%s'; it takes: %s",
        modifier, parameter.code(), String.join(", ", modifiers(parameter)));
  }

  private static short variant(Parameter parameter, String modifier) {
    Short number = parameter.variants().get(modifier);
    if (number == null) {
      throw unreadable("'%s' takes no ':%s'", parameter.code(), modifier);
    }
    return number;
  }

  /** The modifiers that a parameter takes. */
  List<String> modifiers(Parameter parameter) {
    List<String> modifiers = new ArrayList<>(List.of("missing"));
    switch (parameter.kind()) {
      case TOKEN -> {
        modifiers.addAll(List.of("not", "in", "not-in", "above", "below"));
        if (parameter.jsonPaths().isPresent()) {
          modifiers.add("text");
        }
        if (parameter.variants().containsKey("of-type")) {
          modifiers.add("of-type");
        }
      }
      case STRING -> {
        if (!parameter.isPhonetic()) {
          modifiers.addAll(List.of("exact", "contains"));
        }
      }
      case URI -> modifiers.addAll(List.of("above", "below"));
      case REFERENCE -> {
        modifiers.add("identifier");
        modifiers.addAll(new TreeSet<>(targets(parameter)));
      }
      default -> {
        // dates, numbers and quantities have prefixes instead
      }
    }
    return modifiers;
  }

  private Criterion missing(Parameter parameter, String value) {
    return switch (value) {
      case "true" -> new Criterion.Not(present(parameter));
      case "false" -> present(parameter);
      default ->
        throw unreadable("'%s:missing' is true or false, not '%s'", parameter.code(), value);
    };
  }

  private Criterion present(Parameter parameter) {
    IndexTable table = switch (parameter.kind()) {
      case TOKEN, REFERENCE, URI -> IndexTable.TOKEN;
      case STRING -> IndexTable.STRING;
      case DATE -> IndexTable.DATE;
      case NUMBER, QUANTITY, SPECIAL -> IndexTable.NUMBER;
      case COMPOSITE -> null;
      case HAS -> throw unreadable("'%s' takes no ':missing'", parameter.code());
    };
    return table == null
        ? presentTogether(parameter)
        : new Criterion.Present(table, parameter.numbers());
  }

  /** All components of the resource, or of one repetition of the element that the parameter is about. */
  private Criterion presentTogether(Parameter composite) {
    List<Criterion> ways = new ArrayList<>();
    if (!composite.components().isEmpty()) {
      ways.add(new Criterion.AllOf(composite.components().stream()
          .map(code -> present(parameter(composite.type(), code)))
          .toList()));
    }
    if (!composite.parts().isEmpty()) {
      ways.add(new Criterion.InOneElement(composite.parts().stream()
          .map(part -> present(Parameter.ofPart(composite, part)))
          .toList()));
    }
    return new Criterion.AnyOf(ways);
  }

  private Criterion plain(Parameter parameter, String value) {
    return switch (parameter.kind()) {
      case TOKEN ->
        new Criterion.Tokens(
            parameter.numbers(), selectivity(parameter), ValueReader.tokens(value));
      case REFERENCE ->
        new Criterion.Tokens(
            parameter.number(),
            Selectivity.REFERENCE,
            ValueReader.references(referable(parameter), value));
      case URI ->
        new Criterion.Tokens(
            parameter.number(),
            Selectivity.IDENTIFIER,
            alternatives(value).stream()
                .map(one -> new TokenValue(SearchValues.unescape(one), null))
                .toList());
      case STRING ->
        parameter.isPhonetic()
            ? ValueReader.sounds(parameter, value)
            : ValueReader.strings(parameter, StringMatch.STARTS_WITH, value);
      case DATE ->
        new Criterion.Dates(
            parameter.number(),
            parameters.timeline(parameter.type()).filter(parameter::equals).isPresent(),
            ranges(parameter.code(), value));
      case NUMBER, QUANTITY ->
        new Criterion.Numbers(
            parameter.numbers(),
            alternatives(value).stream()
                .map(one -> ValueReader.number(parameter, one))
                .toList());
      case COMPOSITE -> composite(parameter, value);
      case SPECIAL -> NearReader.read(parameter, value);
      case HAS -> throw new IllegalStateException("not indexed: " + parameter.kind());
    };
  }

  /** {@code code$value}: both of one resource, or of one repetition of the element that the parameter is about. */
  private Criterion composite(Parameter parameter, String value) {
    List<Criterion> alternatives = new ArrayList<>();
    for (String one : alternatives(value)) {
      List<String> parts = SearchValues.split(one, '$');
      if (!parameter.components().isEmpty()) {
        List<Parameter> components = parameter.components().stream()
            .map(code -> parameter(parameter.type(), code))
            .toList();
        requireParts(parameter, parts, components.size());
        List<Criterion> all = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
          all.add(plain(components.get(i), parts.get(i)));
        }
        alternatives.add(new Criterion.AllOf(all));
      }
      if (!parameter.parts().isEmpty()) {
        requireParts(parameter, parts, parameter.parts().size());
        List<Criterion> all = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
          Parameter.Part part = parameter.parts().get(i);
          all.add(plain(Parameter.ofPart(parameter, part), parts.get(i)));
        }
        alternatives.add(new Criterion.InOneElement(all));
      }
    }
    return alternatives.size() == 1 ? alternatives.getFirst() : new Criterion.AnyOf(alternatives);
  }

  private static void requireParts(Parameter parameter, List<String> parts, int wanted) {
    if (parts.size() != wanted || parts.stream().anyMatch(String::isEmpty)) {
      throw unreadable(
          "'%s' of '%s' has not %d parts separated by '$'",
          String.join("$", parts), parameter.code(), wanted);
    }
  }

  private static Criterion oneOf(Parameter parameter, CodeRelation relation, String value) {
    return new Criterion.OneOf(
        parameter.numbers(), selectivity(parameter), relation, alternatives(value));
  }

  private static Criterion hierarchy(Parameter parameter, String modifier, String value) {
    for (String one : alternatives(value)) {
      List<String> parts = SearchValues.split(one, '|');
      if (parts.size() != 2 || parts.stream().anyMatch(String::isEmpty)) {
        throw unreadable("'%s' of '%s:%s' is not [system]|[code]", one, parameter.code(), modifier);
      }
    }
    return oneOf(
        parameter, modifier.equals("above") ? CodeRelation.ABOVE : CodeRelation.BELOW, value);
  }

  private static Selectivity selectivity(Parameter parameter) {
    return switch (parameter.code()) {
      case "identifier" -> Selectivity.IDENTIFIER;
      case "status",
          "category",
          "clinical-status",
          "verification-status",
          "gender",
          "active",
          "intent",
          "_tag",
          "_security" -> Selectivity.STATUS;
      default -> Selectivity.CODE;
    };
  }

  private Criterion words(Parameter parameter, String value) {
    if (parameter.jsonPaths().isEmpty()) {
      throw unreadable(
          "modifier ':text' of '%s' is not supported; it takes: %s",
          parameter.code(), String.join(", ", modifiers(parameter)));
    }
    List<String> words = alternatives(value).stream()
        .map(SearchValues::unescape)
        .map(Folding::fold)
        .filter(one -> !one.isEmpty())
        .toList();
    if (words.isEmpty()) {
      throw unreadable("'%s' of '%s:text' holds nothing to compare", value, parameter.code());
    }
    return new Criterion.Words(parameter.jsonPaths().get(), words);
  }
}
