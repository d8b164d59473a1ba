package org.botoxfhir.reference;

import ca.uhn.fhir.context.RuntimeSearchParam;
import ca.uhn.fhir.rest.api.RestSearchParameterTypeEnum;
import java.math.BigDecimal;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.hl7.fhir.instance.model.api.IBase;
import org.hl7.fhir.r4.model.Identifier;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.Resource;

/** Searches whose values are drawn from the data, or just miss it. The same seed and data make the same searches. */
final class MadeUpSearches {
  private static final List<String> PREFIXES =
      List.of("", "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap");

  private final ReferenceSearch data;
  private final Random random;
  private final List<String> types;

  MadeUpSearches(ReferenceSearch data, long seed) {
    this.data = data;
    this.random = new Random(seed);
    this.types = List.copyOf(data.types());
  }

  /** One condition; several of them are all to be met. @param value not yet percent-encoded */
  record Clause(String name, String value) {}

  /**
   * @param clauses at least one
   * @param shape how the answer is wanted, e.g. {@code &_count=7&_sort=_id}; never changes what is found
   */
  record Search(String type, List<Clause> clauses, String shape) {
    /** Relative to the base. */
    String url() {
      return type + "?"
          + clauses.stream()
              .map(c -> encode(c.name()) + "=" + encode(c.value()))
              .collect(Collectors.joining("&"))
          + shape;
    }

    /** What all clauses ask for. */
    Set<String> expected(ReferenceSearch data, Instant now) {
      Set<String> found = new LinkedHashSet<>(data.of(type).keySet());
      clauses.forEach(c -> found.retainAll(data.find(type, c.name(), c.value(), now)));
      return found;
    }

    private static String encode(String text) {
      return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
  }

  /** Every parameter of every type, each in some ways of its own, alone. */
  List<Search> ofEveryParameter(int waysEach) {
    List<Search> searches = new ArrayList<>();
    for (String type : types) {
      for (RuntimeSearchParam parameter : data.parameters(type)) {
        for (int i = 0; i < waysEach; i++) {
          searches.add(new Search(type, List.of(clause(type, parameter)), shape()));
        }
      }
    }
    return searches;
  }

  /** One to three conditions, chained or not. */
  Search any() {
    String type = one(types);
    List<Clause> clauses = new ArrayList<>();
    for (int i = random.nextInt(3); i >= 0; i--) {
      clauses.add(
          switch (random.nextInt(5)) {
            case 0 -> chain(type, 1 + random.nextInt(2));
            case 1 -> has(type);
            case 2 -> new Clause("_id", ids(type));
            default -> clause(type, one(data.parameters(type)));
          });
    }
    return new Search(type, clauses, shape());
  }

  /** Some resources of a type, and what comes along by each of its references and by each reference to it. */
  record Inclusion(String type, Set<String> ids, String include, Set<String> expected) {
    String url() {
      return "%s?_id=%s&_count=1000&%s".formatted(type, String.join(",", ids), include);
    }
  }

  /** Every reference that leads somewhere, in both directions. */
  List<Inclusion> ofEveryReference() {
    List<Inclusion> all = new ArrayList<>();
    for (String type : types) {
      for (RuntimeSearchParam reference : data.parameters(type)) {
        if (reference.getParamType() != RestSearchParameterTypeEnum.REFERENCE) {
          continue;
        }
        String name = type + ":" + reference.getName();
        Set<String> holders = some(data.of(type).keySet());
        Set<String> targets = data.targets(type, holders, reference);
        if (targets.isEmpty()) {
          continue;
        }
        all.add(new Inclusion(type, holders, "_include=" + name, targets));
        String target = one(List.copyOf(targets)).split("/")[0];
        Set<String> ids = targets.stream()
            .filter(key -> key.startsWith(target + "/"))
            .map(key -> key.substring(target.length() + 1))
            .collect(Collectors.toSet());
        Set<String> keys = ids.stream().map(id -> target + "/" + id).collect(Collectors.toSet());
        all.add(
            new Inclusion(target, ids, "_revinclude=" + name, data.holders(type, reference, keys)));
      }
    }
    return all;
  }

  private Set<String> some(Set<String> ids) {
    Set<String> some = new LinkedHashSet<>();
    for (int i = 0; i < 20; i++) {
      some.add(one(List.copyOf(ids)));
    }
    return some;
  }

  private String shape() {
    return switch (random.nextInt(6)) {
      case 0 -> "&_count=" + (3 + random.nextInt(40));
      case 1 -> "&_count=1000&_sort=_lastUpdated";
      case 2 -> "&_count=" + (20 + random.nextInt(40)) + "&_sort=-_id";
      default -> "&_count=1000";
    };
  }

  private <T> T one(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  private Resource resource(String type) {
    return one(List.copyOf(data.of(type).values()));
  }

  private String ids(String type) {
    List<String> ids = new ArrayList<>();
    for (int i = random.nextInt(6); i >= 0; i--) {
      ids.add(resource(type).getIdElement().getIdPart());
    }
    ids.add("nobody-" + random.nextInt(10));
    return String.join(",", ids);
  }

  private Clause chain(String type, int depth) {
    List<RuntimeSearchParam> references = data.parameters(type).stream()
        .filter(p -> p.getParamType() == RestSearchParameterTypeEnum.REFERENCE)
        .filter(p -> !data.targets(p).isEmpty())
        .toList();
    if (references.isEmpty() || depth == 0) {
      return clause(type, one(data.parameters(type)));
    }
    RuntimeSearchParam reference = one(references);
    // Where some value leads, if there is one: most types that a reference may point to are not
    // pointed to.
    List<String> targets = data.of(type).values().stream()
        .flatMap(r -> data.values(r, reference).stream())
        .map(Comparison::target)
        .filter(t -> t != null && data.targets(reference).contains(t.split("/")[0]))
        .map(t -> t.split("/")[0])
        .distinct()
        .toList();
    String target = targets.isEmpty() ? one(List.copyOf(data.targets(reference))) : one(targets);
    Clause last = random.nextInt(4) == 0 ? has(target) : chain(target, depth - 1);
    String typed = random.nextInt(3) == 0 && !last.name().startsWith("_has") ? "" : ":" + target;
    return new Clause(reference.getName() + typed + "." + last.name(), last.value());
  }

  private Clause has(String type) {
    List<String> ways = new ArrayList<>();
    for (String other : types) {
      for (RuntimeSearchParam p : data.parameters(other)) {
        if (p.getParamType() == RestSearchParameterTypeEnum.REFERENCE
            && data.targets(p).contains(type)
            && data.of(other).values().stream()
                .limit(20)
                .anyMatch(r -> data.values(r, p).stream()
                    .map(Comparison::target)
                    .anyMatch(t -> t != null && t.startsWith(type + "/")))) {
          ways.add(other + ":" + p.getName());
        }
      }
    }
    if (ways.isEmpty()) {
      return clause(type, one(data.parameters(type)));
    }
    String way = one(ways);
    String other = way.substring(0, way.indexOf(':'));
    Clause last =
        random.nextInt(5) == 0 ? chain(other, 1) : clause(other, one(data.parameters(other)));
    return new Clause("_has:" + way + ":" + last.name(), last.value());
  }

  private Clause clause(String type, RuntimeSearchParam parameter) {
    RestSearchParameterTypeEnum kind = parameter.getParamType();
    if (random.nextInt(12) == 0) {
      return new Clause(parameter.getName() + ":missing", Boolean.toString(random.nextBoolean()));
    }
    String modifier = switch (kind) {
      case TOKEN ->
        switch (random.nextInt(10)) {
          case 0, 1 -> ":not";
          case 2 -> parameter.getName().equals("identifier") ? ":of-type" : "";
          case 3 -> parameter.getPath().matches("[A-Za-z.]+") ? ":text" : "";
          default -> "";
        };
      case STRING -> List.of("", "", ":exact", ":contains").get(random.nextInt(4));
      case URI -> List.of("", "", ":above", ":below").get(random.nextInt(4));
      case REFERENCE -> random.nextInt(6) == 0 ? ":identifier" : "";
      default -> "";
    };
    List<String> alternatives = new ArrayList<>();
    for (int i = random.nextInt(4) == 0 ? 1 + random.nextInt(3) : 0; i >= 0; i--) {
      alternatives.add(value(type, parameter, modifier));
    }
    return new Clause(parameter.getName() + modifier, String.join(",", alternatives));
  }

  private String value(String type, RuntimeSearchParam parameter, String modifier) {
    List<IBase> values = List.of();
    for (int tries = 0; tries < 20 && values.isEmpty(); tries++) {
      values = data.values(resource(type), parameter);
    }
    boolean miss = random.nextInt(8) == 0;
    return switch (parameter.getParamType()) {
      case COMPOSITE -> composite(type, parameter);
      case TOKEN ->
        switch (modifier) {
          case ":of-type" -> ofType(values, miss);
          case ":text" -> words(values, miss);
          default -> token(values, miss);
        };
      case REFERENCE -> modifier.isEmpty() ? reference(values, miss) : identifier(values);
      case STRING -> string(values, modifier, miss);
      case DATE -> date(values);
      case NUMBER, QUANTITY -> amount(values, parameter.getParamType());
      default -> uri(values, miss);
    };
  }

  private String token(List<IBase> values, boolean miss) {
    List<Comparison.Token> tokens =
        values.stream().flatMap(v -> Comparison.tokens(v).stream()).toList();
    if (tokens.isEmpty()) {
      return random.nextBoolean() ? "no-such-code" : "http://example.org/none|none";
    }
    var token = one(tokens);
    String code = Comparison.escaped(miss ? token.code() + "x" : token.code());
    String system = token.system() == null ? "" : Comparison.escaped(token.system());
    return switch (random.nextInt(5)) {
      case 0 -> system + "|" + code;
      case 1 -> "|" + code;
      case 2 -> system.isEmpty() ? code : system + "|";
      case 3 -> miss ? system + "x|" + code : system + "|" + code;
      default -> code;
    };
  }

  /** Of one repetition, most times. */
  private String composite(String type, RuntimeSearchParam parameter) {
    List<List<List<IBase>>> tuples = List.of();
    for (int tries = 0; tries < 20 && tuples.isEmpty(); tries++) {
      tuples = data.tuples(resource(type), parameter).stream()
          .filter(tuple -> tuple.stream().noneMatch(List::isEmpty))
          .toList();
    }
    List<RuntimeSearchParam> parts = data.components(type, parameter);
    List<String> values = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      List<IBase> of = tuples.isEmpty() ? List.of() : one(tuples).get(i);
      values.add(
          switch (parts.get(i).getParamType()) {
            case TOKEN -> token(of, false);
            case REFERENCE -> reference(of, false);
            case STRING -> string(of, "", false);
            case DATE -> date(of);
            case NUMBER, QUANTITY -> amount(of, parts.get(i).getParamType());
            default -> uri(of, false);
          });
    }
    return String.join("$", values);
  }

  private String ofType(List<IBase> values, boolean miss) {
    for (IBase value : values) {
      if (value instanceof Identifier identifier && identifier.getType().hasCoding()) {
        var type = identifier.getType().getCodingFirstRep();
        return "%s|%s|%s"
            .formatted(
                Comparison.escaped(type.getSystem()),
                Comparison.escaped(type.getCode()),
                Comparison.escaped(identifier.getValue() + (miss ? "x" : "")));
      }
    }
    return "http://example.org/none|none|none";
  }

  private String words(List<IBase> values, boolean miss) {
    List<String> texts =
        values.stream().flatMap(v -> Comparison.wordsOf(v).stream()).toList();
    if (texts.isEmpty()) {
      return "nothing";
    }
    String text = one(texts).strip();
    int from = miss ? random.nextInt(text.length()) : 0;
    String part = text.substring(from, Math.min(text.length(), from + 8)).strip();
    return Comparison.escaped(part.isEmpty() ? "a" : part);
  }

  private String reference(List<IBase> values, boolean miss) {
    List<String> targets = new ArrayList<>();
    values.forEach(v -> {
      String target = Comparison.target(v);
      if (target != null) {
        targets.add(target);
      }
    });
    if (targets.isEmpty()) {
      return "Patient/nobody";
    }
    String target = one(targets) + (miss ? "x" : "");
    boolean relative = target.matches("[A-Z][A-Za-z]*/[A-Za-z0-9.-]+");
    return Comparison.escaped(
        relative && random.nextInt(3) == 0 ? target.substring(target.indexOf('/') + 1) : target);
  }

  private String identifier(List<IBase> values) {
    return token(
        values.stream()
            .filter(v -> v instanceof Reference r && r.hasIdentifier())
            .map(v -> (IBase) ((Reference) v).getIdentifier())
            .toList(),
        false);
  }

  private String string(List<IBase> values, String modifier, boolean miss) {
    List<String> texts =
        values.stream().flatMap(v -> Comparison.texts(v).stream()).toList();
    if (texts.isEmpty()) {
      return "nobody";
    }
    String text = one(texts).strip();
    if (modifier.equals(":exact")) {
      return Comparison.escaped(miss ? text.toUpperCase(Locale.ROOT) : text);
    }
    int from = modifier.equals(":contains") || miss ? random.nextInt(text.length()) : 0;
    int to = Math.min(Math.min(text.length(), 190), from + 1 + random.nextInt(12));
    String part = from < to ? text.substring(from, to).strip() : "";
    part = part.isEmpty() || Character.isSurrogate(part.charAt(0)) ? "a" : part;
    return Comparison.escaped(random.nextBoolean() ? part.toUpperCase(Locale.ROOT) : part);
  }

  private String uri(List<IBase> values, boolean miss) {
    if (values.isEmpty()
        || !(one(values) instanceof org.hl7.fhir.r4.model.UriType uri)
        || !uri.hasValue()) {
      return "http://example.org/none";
    }
    String text = uri.getValue();
    int slash = text.lastIndexOf('/');
    return Comparison.escaped(
        switch (random.nextInt(4)) {
          case 0 -> slash > 0 ? text.substring(0, slash) : text;
          case 1 -> text + "/more";
          default -> miss ? text + "x" : text;
        });
  }

  private String date(List<IBase> values) {
    List<Comparison.Span> spans = new ArrayList<>();
    values.forEach(v -> {
      Comparison.Span span = Comparison.span(v);
      if (span != null) {
        spans.add(span);
      }
    });
    Instant at = Instant.parse("2025-03-05T10:00:00Z");
    if (!spans.isEmpty()) {
      var span = one(spans);
      at = span.start().equals(Instant.MIN)
              || (random.nextBoolean() && !span.end().equals(Instant.MAX))
          ? span.end()
          : span.start();
    }
    at = at.truncatedTo(ChronoUnit.SECONDS);
    at = switch (random.nextInt(6)) {
      case 0 -> at.plusSeconds(1);
      case 1 -> at.minusSeconds(1);
      case 2 -> at.minus(1, ChronoUnit.DAYS);
      default -> at;
    };
    String text = at.toString();
    String cut = switch (random.nextInt(5)) {
      case 0 -> text.substring(0, 4);
      case 1 -> text.substring(0, 7);
      case 2 -> text.substring(0, 10);
      case 3 -> text.substring(0, 16) + "Z";
      default -> text;
    };
    return one(PREFIXES) + cut;
  }

  private String amount(List<IBase> values, RestSearchParameterTypeEnum kind) {
    List<Comparison.Amount> amounts = new ArrayList<>();
    values.forEach(v -> {
      Comparison.Amount amount = Comparison.amount(v);
      if (amount != null) {
        amounts.add(amount);
      }
    });
    if (amounts.isEmpty()) {
      return one(PREFIXES) + "5.4";
    }
    var amount = one(amounts);
    BigDecimal number = amount.low() != null ? amount.low() : amount.high();
    number = number == null ? BigDecimal.TEN : number;
    number = number.setScale(
        Math.clamp(number.scale() - random.nextInt(3), 0, 12), java.math.RoundingMode.HALF_UP);
    String text = one(PREFIXES) + number.toPlainString();
    if (kind == RestSearchParameterTypeEnum.NUMBER
        || amount.unit() == null
        || random.nextBoolean()) {
      return text;
    }
    String system =
        amount.system() == null || random.nextBoolean() ? "" : Comparison.escaped(amount.system());
    return text + "|" + system + "|" + Comparison.escaped(amount.unit());
  }
}
