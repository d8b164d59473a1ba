package org.botoxfhir.search;

import static org.botoxfhir.search.SearchValues.unescape;

import ca.uhn.fhir.rest.api.RestSearchParameterTypeEnum;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.search.SearchQuery.Criterion;
import org.botoxfhir.search.SearchQuery.NumberValue;
import org.botoxfhir.search.SearchQuery.Prefix;
import org.botoxfhir.search.SearchQuery.Range;
import org.botoxfhir.search.SearchQuery.Selectivity;
import org.botoxfhir.search.SearchQuery.StringMatch;
import org.botoxfhir.search.SearchQuery.StringValue;
import org.botoxfhir.search.SearchQuery.TokenValue;

/** From the value of a search parameter to what it stands for; what it cannot stand for is an {@link UnreadableParameterException}. */
final class ValueReader {
  private ValueReader() {}

  /** The alternatives of a value, each once and in an order of its own, so that a condition reads the same however it is spelt. */
  static List<String> alternatives(String value) {
    return SearchValues.alternatives(value).stream().distinct().sorted().toList();
  }

  static List<TokenValue> tokens(String value) {
    return alternatives(value).stream().map(ValueReader::token).toList();
  }

  private static TokenValue token(String value) {
    List<String> parts = SearchValues.split(value, '|');
    if (parts.size() == 1) {
      return new TokenValue(unescape(value), null);
    }
    String system = unescape(parts.getFirst());
    String code = unescape(String.join("|", parts.subList(1, parts.size())));
    return code.isEmpty() ? new TokenValue(system + "|", null) : new TokenValue(code, system);
  }

  /** An id alone may be that of any type that the parameter points to. */
  static List<TokenValue> references(Set<String> targets, String value) {
    return alternatives(value).stream()
        .flatMap(one -> reference(targets, one).stream())
        .toList();
  }

  private static List<TokenValue> reference(Set<String> targets, String escaped) {
    String value = unescape(escaped);
    Optional<ResourceKey> key = ResourceKey.ofReference(value);
    if (key.isPresent()) {
      return List.of(new TokenValue(key.get().toString(), null));
    }
    if (!ResourceKey.isId(value)) {
      return List.of(new TokenValue(value, null));
    }
    return targets.stream()
        .sorted()
        .map(target -> new TokenValue(target + "/" + value, null))
        .toList();
  }

  static Criterion strings(Parameter parameter, StringMatch match, String value) {
    List<StringValue> values = alternatives(value).stream()
        .map(SearchValues::unescape)
        .map(one -> new StringValue(match, Folding.fold(one), one))
        .toList();
    if (values.stream().anyMatch(one -> one.folded().isEmpty())) {
      throw unreadable(
          "'%s' of '%s' holds nothing to compare; give letters or digits", value, parameter.code());
    }
    return new Criterion.Strings(parameter.number(), values);
  }

  /** Each word sounds like a word of a name. */
  static Criterion sounds(Parameter parameter, String value) {
    List<Criterion> alternatives = new ArrayList<>();
    for (String one : alternatives(value)) {
      List<Criterion> words = Phonetics.words(unescape(one)).stream()
          .map(word -> (Criterion) new Criterion.Strings(
              parameter.number(),
              Phonetics.codes(word).stream()
                  .map(code -> new StringValue(StringMatch.EXACT, code, code))
                  .toList()))
          .toList();
      if (words.isEmpty()) {
        throw unreadable(
            "'%s' of '%s' holds nothing to compare; give letters or digits",
            value, parameter.code());
      }
      alternatives.add(words.size() == 1 ? words.getFirst() : new Criterion.AllOf(words));
    }
    return alternatives.size() == 1 ? alternatives.getFirst() : new Criterion.AnyOf(alternatives);
  }

  /**
   * {@code system|code|value}: an identifier by the code of its type.
   *
   * @param number what stands for such rows
   */
  static Criterion ofType(Parameter parameter, short number, String value) {
    List<TokenValue> values = new ArrayList<>();
    for (String one : alternatives(value)) {
      List<String> parts = SearchValues.split(one, '|');
      if (parts.size() != 3 || parts.stream().anyMatch(String::isEmpty)) {
        throw unreadable(
            "'%s' of '%s:of-type' is not [system]|[code]|[value]", one, parameter.code());
      }
      values.add(new TokenValue(
          IdentifierOfType.value(unescape(parts.get(1)), unescape(parts.get(2))),
          unescape(parts.getFirst())));
    }
    return new Criterion.Tokens(number, Selectivity.IDENTIFIER, values);
  }

  /** A stored URI that the given one lies below: itself, or one that it continues behind a slash. */
  static Criterion above(Parameter parameter, String value) {
    List<TokenValue> values = new ArrayList<>();
    for (String one : alternatives(value)) {
      String uri = unescape(one);
      values.add(new TokenValue(uri, null));
      for (int slash = uri.lastIndexOf('/'); slash > 0; slash = uri.lastIndexOf('/', slash - 1)) {
        values.add(new TokenValue(uri.substring(0, slash), null));
        values.add(new TokenValue(uri.substring(0, slash + 1), null));
      }
    }
    return new Criterion.Tokens(parameter.number(), Selectivity.IDENTIFIER, values);
  }

  /** A stored URI that continues the given one behind a slash, or is it. */
  static Criterion below(Parameter parameter, String value) {
    List<Criterion> all = new ArrayList<>();
    for (String one : alternatives(value)) {
      String uri = unescape(one);
      String folder = uri.endsWith("/") ? uri : uri + "/";
      all.add(new Criterion.Strings(
          parameter.number(),
          List.of(
              new StringValue(StringMatch.STARTS_WITH, Folding.cut(folder), folder),
              new StringValue(StringMatch.EXACT, Folding.cut(uri), uri))));
    }
    return all.size() == 1 ? all.getFirst() : new Criterion.AnyOf(all);
  }

  static List<Range> ranges(String code, String value) {
    return alternatives(value).stream().map(one -> range(code, one)).toList();
  }

  private static Range range(String code, String value) {
    Prefixed prefixed = Prefixed.of(value);
    // A '+' of a time zone that was not percent-encoded arrives as a space.
    return DateInterval.parse(prefixed.rest().replace(' ', '+'))
        .map(interval -> new Range(prefixed.prefix(), interval))
        .orElseThrow(() -> unreadable(
            "'%s' of '%s' is not a date; write yyyy, yyyy-mm, yyyy-mm-dd or yyyy-mm-ddThh:mm:ssZ, with one of the"
                + " prefixes eq ne gt lt ge le sa eb ap if needed",
            value, code));
  }

  static NumberValue number(Parameter parameter, String value) {
    Prefixed prefixed = Prefixed.of(value);
    List<String> parts = SearchValues.split(prefixed.rest(), '|');
    boolean quantity = parameter.kind() == RestSearchParameterTypeEnum.QUANTITY;
    if (parts.size() == 1 || (quantity && parts.size() == 3)) {
      Optional<BigDecimal> number = decimal(parts.getFirst());
      if (number.isPresent()) {
        String system = parts.size() == 3 ? unescape(parts.get(1)) : "";
        String code = parts.size() == 3 ? unescape(parts.get(2)) : "";
        return new NumberValue(
            prefixed.prefix(),
            number.get(),
            system.isEmpty() ? null : system,
            code.isEmpty() ? null : code);
      }
    }
    throw unreadable(
        "'%s' of '%s' is not a %s, with one of the prefixes eq ne gt lt ge le sa eb ap if needed",
        value, parameter.code(), quantity ? "number or number|system|code" : "number");
  }

  /** Numbers as FHIR writes them; an exponent as large as a million would be a number as long. */
  static Optional<BigDecimal> decimal(String text) {
    return text.matches("-?[0-9]{1,40}(\\.[0-9]{1,40})?([eE][+-]?[0-9]{1,2})?")
        ? Optional.of(new BigDecimal(text))
        : Optional.empty();
  }

  private record Prefixed(Prefix prefix, String rest) {
    static Prefixed of(String value) {
      if (value.length() > 2 && Character.isLetter(value.charAt(0))) {
        String letters = value.substring(0, 2);
        for (Prefix prefix : Prefix.values()) {
          if (prefix.name().toLowerCase(Locale.ROOT).equals(letters.toLowerCase(Locale.ROOT))) {
            return new Prefixed(prefix, value.substring(2));
          }
        }
      }
      return new Prefixed(Prefix.EQ, value);
    }
  }

  static UnreadableParameterException unreadable(String message, Object... parts) {
    return new UnreadableParameterException(message.formatted(parts));
  }
}
