package org.botoxfhir.search;

import ca.uhn.fhir.rest.api.RestSearchParameterTypeEnum;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.fault.Finding;
import org.botoxfhir.fhir.FhirSettings;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.fhir.ServedTypes;
import org.botoxfhir.search.SearchQuery.Criterion;
import org.botoxfhir.search.SearchQuery.Prefix;
import org.botoxfhir.search.SearchQuery.Selectivity;
import org.botoxfhir.search.SearchQuery.Sort;
import org.botoxfhir.search.SearchQuery.TokenValue;
import org.botoxfhir.search.SearchQuery.Used;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** From the parameters of a URL to a query. What is unknown or unsupported is an error that lists what there is. */
@Component
public final class SearchQueryParser {
  /** Of one search, repeated ones counted each; planning a condition for each of a thousand takes seconds. */
  private static final int MOST_PARAMETERS = 100;

  private static final List<String> CONTROLS = List.of("_count", "_sort", "_total", "_summary");

  /** Parameters that shape the answer, not the set; rest deals with them. */
  private static final Set<String> PRESENTATION = Set.of("_format", "_pretty", "_elements");

  /** Kinds of parameter that can be searched by; the others are indexed already and wait for their query side. */
  private static final Set<RestSearchParameterTypeEnum> SEARCHABLE = Set.of(
      RestSearchParameterTypeEnum.TOKEN,
      RestSearchParameterTypeEnum.REFERENCE,
      RestSearchParameterTypeEnum.STRING,
      RestSearchParameterTypeEnum.DATE);

  private final SearchParameters parameters;
  private final ServedTypes types;
  private final FhirSettings settings;

  SearchQueryParser(SearchParameters parameters, ServedTypes types, FhirSettings settings) {
    this.parameters = parameters;
    this.types = types;
    this.settings = settings;
  }

  /** Names and kinds of what a type can be searched by; what the CapabilityStatement says. */
  public List<Searchable> searchable(String type) {
    List<Searchable> all = new ArrayList<>();
    all.add(new Searchable("_id", RestSearchParameterTypeEnum.TOKEN));
    all.add(new Searchable("_lastUpdated", RestSearchParameterTypeEnum.DATE));
    parameters.of(type).values().stream()
        .filter(p -> SEARCHABLE.contains(p.kind()))
        .forEach(p -> all.add(new Searchable(p.code(), p.kind())));
    return all;
  }

  /** A parameter that a type can be searched by. */
  public record Searchable(String code, RestSearchParameterTypeEnum kind) {}

  /**
   * @param given name and value of each parameter, decoded, in order
   * @param lenient whether what is not understood is dropped with a warning ({@code Prefer: handling=lenient}) instead of refused
   * @throws FaultException with {@link Fault.Invalid} that lists the valid parameters
   */
  public SearchQuery parse(String type, List<Used> given, boolean lenient) {
    if (!types.serves(type)) {
      throw new FaultException(new Fault.TypeNotServed(type, types.all()));
    }
    if (given.size() > MOST_PARAMETERS) {
      throw new FaultException(Fault.invalid(
          "too-costly",
          "the search has %d parameters; it may have %d. Alternatives of one parameter are separated by commas"
              .formatted(given.size(), MOST_PARAMETERS),
          null));
    }
    var builder = new Builder(type);
    for (Used one : given) {
      Optional<String> problem = alternatives(one.value()).isEmpty()
          ? Optional.of(
              "parameter '%s' has no value; give it one or leave it out".formatted(one.name()))
          : builder.take(one);
      if (problem.isEmpty()) {
        if (!PRESENTATION.contains(one.name())) {
          builder.used.add(one);
        }
      } else if (lenient) {
        builder.findings.add(Finding.warning("not-supported", problem.get() + " (left out)", null));
      } else {
        builder.problems.add(Finding.error("not-supported", problem.get(), null));
      }
    }
    if (!builder.problems.isEmpty()) {
      throw new FaultException(new Fault.Invalid(builder.problems));
    }
    return builder.build();
  }

  /**
   * The same for the query part of a URL, strictly.
   *
   * @param query e.g. {@code patient=Patient/1&_count=5}, percent-encoded where needed
   */
  public SearchQuery parse(String type, String query) {
    List<Used> given = new ArrayList<>();
    for (String pair : query.split("&", -1)) {
      if (!pair.isEmpty()) {
        int equals = pair.indexOf('=');
        String name = equals < 0 ? pair : pair.substring(0, equals);
        given.add(new Used(decode(name), equals < 0 ? "" : decode(pair.substring(equals + 1))));
      }
    }
    return parse(type, given, false);
  }

  private static String decode(String text) {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException malformed) {
      throw new FaultException(
          Fault.invalid("invalid", "'%s' is not percent-encoded correctly".formatted(text), null));
    }
  }

  private final class Builder {
    private final String type;
    private final List<Criterion> criteria = new ArrayList<>();
    private final List<Used> used = new ArrayList<>();
    private final List<Finding> findings = new ArrayList<>();
    private final List<Finding> problems = new ArrayList<>();
    private Sort sort;
    private int count = settings.defaultCount();
    private boolean total;

    Builder(String type) {
      this.type = type;
      this.sort = new Sort(
          parameters.timeline(type).isPresent()
              ? new Sort.Key.Timeline()
              : new Sort.Key.LastUpdated(),
          true);
    }

    SearchQuery build() {
      return new SearchQuery(type, criteria, sort, count, total, used, findings);
    }

    /** Takes one parameter in; empty when it was understood, else what is wrong with it and the way out. */
    Optional<String> take(Used one) {
      int colon = one.name().indexOf(':');
      String code = colon < 0 ? one.name() : one.name().substring(0, colon);
      String modifier = colon < 0 ? null : one.name().substring(colon + 1);
      if (PRESENTATION.contains(one.name())) {
        return Optional.empty();
      }
      if (CONTROLS.contains(one.name())) {
        return control(one);
      }
      if (code.equals("_id") && modifier == null) {
        criteria.add(new Criterion.Ids(new LinkedHashSet<>(alternatives(one.value()))));
        return Optional.empty();
      }
      if (code.equals("_lastUpdated") && modifier == null) {
        return ranges(one).map(r -> criteria.add(new Criterion.LastUpdated(r))).isPresent()
            ? Optional.empty()
            : notADate(one);
      }
      Parameter parameter = parameters.of(type).get(code);
      if (parameter == null || !SEARCHABLE.contains(parameter.kind())) {
        return Optional.of("%s cannot be searched by '%s'; it can by: %s; and by %s"
            .formatted(type, code, String.join(", ", names()), String.join(", ", CONTROLS)));
      }
      return criterion(parameter, modifier, one);
    }

    private Optional<String> criterion(Parameter parameter, @Nullable String modifier, Used one) {
      if (modifier != null && !targetsType(parameter, modifier)) {
        return Optional.of("modifier ':%s' of '%s' is not supported; %s"
            .formatted(
                modifier,
                parameter.code(),
                parameter.kind() == RestSearchParameterTypeEnum.REFERENCE
                    ? "a reference takes the type that it points to, one of: "
                        + String.join(", ", new TreeSet<>(targets(parameter)))
                    : "leave it out"));
      }
      switch (parameter.kind()) {
        case TOKEN ->
          criteria.add(new Criterion.Tokens(
              parameter.number(),
              selectivity(parameter),
              alternatives(one.value()).stream().map(this::token).toList()));
        case REFERENCE ->
          criteria.add(new Criterion.Tokens(
              parameter.number(),
              Selectivity.REFERENCE,
              alternatives(one.value()).stream()
                  .flatMap(value -> reference(parameter, modifier, value).stream())
                  .toList()));
        case STRING -> {
          List<String> prefixes = alternatives(one.value()).stream()
              .map(SearchQueryParser::unescape)
              .map(Folding::fold)
              .toList();
          if (prefixes.stream().anyMatch(String::isEmpty)) {
            return Optional.of("'%s' of '%s' holds nothing to compare; give letters or digits"
                .formatted(one.value(), one.name()));
          }
          criteria.add(new Criterion.Strings(parameter.number(), prefixes));
        }
        case DATE -> {
          Optional<List<SearchQuery.Range>> ranges = ranges(one);
          if (ranges.isEmpty()) {
            return notADate(one);
          }
          boolean timeline = parameters.timeline(type).filter(parameter::equals).isPresent();
          criteria.add(new Criterion.Dates(parameter.number(), timeline, ranges.get()));
        }
        default -> throw new IllegalStateException("not searchable: " + parameter.kind());
      }
      return Optional.empty();
    }

    private Optional<String> control(Used one) {
      switch (one.name()) {
        case "_count" -> {
          Optional<Integer> number = number(one.value());
          if (number.isEmpty()) {
            return Optional.of("_count '%s' is not a number of resources; give 0 to %d"
                .formatted(one.value(), settings.maxCount()));
          }
          count = Math.min(number.get(), settings.maxCount());
          total |= count == 0;
        }
        case "_total" -> {
          if (!Set.of("none", "estimate", "accurate").contains(one.value())) {
            return Optional.of(
                "_total '%s' is none of none, estimate, accurate".formatted(one.value()));
          }
          total |= !one.value().equals("none");
        }
        case "_summary" -> {
          if (!Set.of("true", "false", "text", "data", "count").contains(one.value())) {
            return Optional.of(
                "_summary '%s' is none of true, false, text, data, count".formatted(one.value()));
          }
          if (one.value().equals("count")) {
            count = 0;
            total = true;
          }
        }
        default -> {
          return sort(one.value());
        }
      }
      return Optional.empty();
    }

    private Optional<String> sort(String value) {
      boolean descending = value.startsWith("-");
      String code = descending ? value.substring(1) : value;
      Parameter parameter = parameters.of(type).get(code);
      if (code.equals("_lastUpdated")) {
        sort = new Sort(new Sort.Key.LastUpdated(), descending);
      } else if (parameter != null && parameter.kind() == RestSearchParameterTypeEnum.DATE) {
        boolean timeline = parameters.timeline(type).filter(parameter::equals).isPresent();
        sort = new Sort(
            timeline ? new Sort.Key.Timeline() : new Sort.Key.Date(parameter.number()), descending);
      } else {
        return Optional.of(
            "%s cannot be sorted by '%s'; it can by one of: _lastUpdated%s, with '-' in front for the latest first"
                .formatted(
                    type,
                    code,
                    parameters.of(type).values().stream()
                        .filter(p -> p.kind() == RestSearchParameterTypeEnum.DATE)
                        .map(p -> ", " + p.code())
                        .reduce("", String::concat)));
      }
      return Optional.empty();
    }

    private List<String> names() {
      return searchable(type).stream().map(Searchable::code).toList();
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
            "intent" -> Selectivity.STATUS;
        default -> Selectivity.CODE;
      };
    }

    private TokenValue token(String value) {
      int bar = unescapedBar(value);
      if (bar < 0) {
        return new TokenValue(unescape(value), null);
      }
      String system = unescape(value.substring(0, bar));
      String code = unescape(value.substring(bar + 1));
      return code.isEmpty() ? new TokenValue(system + "|", null) : new TokenValue(code, system);
    }

    private boolean targetsType(Parameter parameter, String modifier) {
      return parameter.kind() == RestSearchParameterTypeEnum.REFERENCE
          && targets(parameter).contains(modifier);
    }

    private Set<String> targets(Parameter parameter) {
      return parameter.targets().isEmpty() ? new LinkedHashSet<>(types.all()) : parameter.targets();
    }

    /** An id alone may be that of any type that the parameter points to. */
    private List<TokenValue> reference(
        Parameter parameter, @Nullable String modifier, String escaped) {
      String value = unescape(escaped);
      Optional<ResourceKey> key = ResourceKey.ofReference(value);
      if (key.isPresent()) {
        return List.of(new TokenValue(key.get().toString(), null));
      }
      if (!ResourceKey.isId(value)) {
        return List.of(new TokenValue(value, null));
      }
      Set<String> targets = modifier == null ? targets(parameter) : Set.of(modifier);
      return targets.stream()
          .map(target -> new TokenValue(target + "/" + value, null))
          .toList();
    }

    private Optional<List<SearchQuery.Range>> ranges(Used one) {
      List<SearchQuery.Range> ranges = new ArrayList<>();
      for (String value : alternatives(one.value())) {
        Optional<SearchQuery.Range> range = range(value);
        if (range.isEmpty()) {
          return Optional.empty();
        }
        ranges.add(range.get());
      }
      return Optional.of(ranges);
    }

    private Optional<SearchQuery.Range> range(String value) {
      boolean prefixed = value.length() > 2 && Character.isLetter(value.charAt(0));
      Prefix prefix = Prefix.EQ;
      if (prefixed) {
        try {
          prefix = Prefix.valueOf(value.substring(0, 2).toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException unknown) {
          return Optional.empty();
        }
      }
      Prefix used = prefix;
      // A '+' of a time zone that was not percent-encoded arrives as a space.
      String text = (prefixed ? value.substring(2) : value).replace(' ', '+');
      return DateInterval.parse(text).map(interval -> new SearchQuery.Range(used, interval));
    }

    private Optional<String> notADate(Used one) {
      return Optional.of(
          ("'%s' of '%s' is not a date; write yyyy, yyyy-mm, yyyy-mm-dd or yyyy-mm-ddThh:mm:ssZ, with one of the"
                  + " prefixes eq ne gt lt ge le sa eb ap if needed")
              .formatted(one.value(), one.name()));
    }
  }

  private static Optional<Integer> number(String text) {
    try {
      int number = Integer.parseInt(text);
      return number < 0 ? Optional.empty() : Optional.of(number);
    } catch (NumberFormatException notANumber) {
      return Optional.empty();
    }
  }

  /** The comma-separated values; a comma that belongs to a value is written {@code \,}. */
  private static List<String> alternatives(String value) {
    List<String> parts = new ArrayList<>();
    StringBuilder part = new StringBuilder();
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '\\' && i + 1 < value.length()) {
        part.append(c).append(value.charAt(++i));
      } else if (c == ',') {
        parts.add(part.toString());
        part.setLength(0);
      } else {
        part.append(c);
      }
    }
    parts.add(part.toString());
    return parts.stream().filter(p -> !p.isEmpty()).toList();
  }

  private static int unescapedBar(String value) {
    for (int i = 0; i < value.length(); i++) {
      if (value.charAt(i) == '\\') {
        i++;
      } else if (value.charAt(i) == '|') {
        return i;
      }
    }
    return -1;
  }

  private static String unescape(String value) {
    if (value.indexOf('\\') < 0) {
      return value;
    }
    StringBuilder plain = new StringBuilder();
    for (int i = 0; i < value.length(); i++) {
      if (value.charAt(i) == '\\' && i + 1 < value.length()) {
        i++;
      }
      plain.append(value.charAt(i));
    }
    return plain.toString();
  }
}
