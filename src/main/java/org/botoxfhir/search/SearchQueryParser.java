package org.botoxfhir.search;

import ca.uhn.fhir.rest.api.RestSearchParameterTypeEnum;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.fault.Finding;
import org.botoxfhir.fhir.FhirSettings;
import org.botoxfhir.fhir.ServedTypes;
import org.botoxfhir.search.SearchQuery.Criterion;
import org.botoxfhir.search.SearchQuery.Include;
import org.botoxfhir.search.SearchQuery.Sort;
import org.botoxfhir.search.SearchQuery.Used;
import org.springframework.stereotype.Component;

/** From the parameters of a URL to a query. What is unknown or unsupported is an error that lists what there is. */
@Component
public final class SearchQueryParser {
  /** Of one search, repeated ones counted each; planning a condition for each of a thousand takes seconds. */
  private static final int MOST_PARAMETERS = 100;

  /** Parameters that shape the answer, not the set; rest deals with them. */
  static final Set<String> PRESENTATION = Set.of("_format", "_pretty", "_elements");

  private final SearchParameters parameters;
  private final CriterionReader criteria;
  private final IncludeReader includes;
  private final ServedTypes types;
  private final FhirSettings settings;

  SearchQueryParser(
      SearchParameters parameters,
      CriterionReader criteria,
      IncludeReader includes,
      ServedTypes types,
      FhirSettings settings) {
    this.parameters = parameters;
    this.criteria = criteria;
    this.includes = includes;
    this.types = types;
    this.settings = settings;
  }

  /** Names and kinds of what a type can be searched by; what the CapabilityStatement says. */
  public List<Searchable> searchable(String type) {
    List<Searchable> all = new ArrayList<>();
    all.add(new Searchable("_id", RestSearchParameterTypeEnum.TOKEN));
    all.add(new Searchable("_lastUpdated", RestSearchParameterTypeEnum.DATE));
    if (types.serves("List")) {
      all.add(new Searchable("_list", RestSearchParameterTypeEnum.SPECIAL));
    }
    all.add(new Searchable("_has", RestSearchParameterTypeEnum.SPECIAL));
    parameters.of(type).values().forEach(p -> all.add(new Searchable(p.code(), p.kind())));
    return all;
  }

  /** A parameter that a type can be searched by. */
  public record Searchable(String code, RestSearchParameterTypeEnum kind) {}

  /** What {@code _include} takes in a search of a type, e.g. {@code Procedure:patient}. */
  public List<String> includable(String type) {
    return includes.forward(type);
  }

  /** What {@code _revinclude} takes in a search of a type, e.g. {@code Observation:subject}. */
  public List<String> reverseIncludable(String type) {
    return includes.reverse(type);
  }

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
      try {
        builder.take(one);
      } catch (UnreadableParameterException problem) {
        String text = Objects.requireNonNull(problem.getMessage());
        if (lenient) {
          builder.findings.add(Finding.warning("not-supported", text + " (left out)", null));
        } else {
          builder.problems.add(Finding.error("not-supported", text, null));
        }
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
    private final List<Criterion> wanted = new ArrayList<>();
    private final List<Sort> sorts = new ArrayList<>();
    private final List<Include> included = new ArrayList<>();
    private final List<Used> used = new ArrayList<>();
    private final List<Finding> findings = new ArrayList<>();
    private final List<Finding> problems = new ArrayList<>();
    private int count = settings.defaultCount();
    private boolean total;

    Builder(String type) {
      this.type = type;
    }

    SearchQuery build() {
      if (sorts.isEmpty()) {
        sorts.add(new Sort(
            parameters.timeline(type).isPresent()
                ? new Sort.Key.Timeline()
                : new Sort.Key.LastUpdated(),
            true));
      }
      return new SearchQuery(type, wanted, sorts, count, total, included, used, findings);
    }

    /** Takes one parameter in. */
    void take(Used one) {
      if (SearchValues.alternatives(one.value()).isEmpty()) {
        throw new UnreadableParameterException(
            "parameter '%s' has no value; give it one or leave it out".formatted(one.name()));
      }
      if (PRESENTATION.contains(one.name())) {
        return;
      }
      switch (one.name()) {
        case "_count" -> count(one.value());
        case "_total" -> {
          oneOf(one, "none", "estimate", "accurate");
          total |= !one.value().equals("none");
        }
        case "_summary" -> {
          oneOf(one, "true", "false", "text", "data", "count");
          if (one.value().equals("count")) {
            count = 0;
            total = true;
          }
        }
        case "_sort" -> SearchValues.alternatives(one.value()).forEach(this::sort);
        case "_include", "_include:iterate", "_include:recurse" ->
          included.add(includes.read(type, one.value(), false, one.name().contains(":")));
        case "_revinclude", "_revinclude:iterate", "_revinclude:recurse" ->
          included.add(includes.read(type, one.value(), true, one.name().contains(":")));
        default -> wanted.add(criteria.read(type, one.name(), one.value()));
      }
      used.add(one);
    }

    private void count(String value) {
      try {
        int number = Integer.parseInt(value);
        if (number >= 0) {
          count = Math.min(number, settings.maxCount());
          total |= number == 0;
          return;
        }
      } catch (NumberFormatException notANumber) {
        // said below
      }
      throw new UnreadableParameterException(
          "_count '%s' is not a number of resources; give 0 to %d"
              .formatted(value, settings.maxCount()));
    }

    private static void oneOf(Used one, String... values) {
      if (!Set.of(values).contains(one.value())) {
        throw new UnreadableParameterException(
            "%s '%s' is none of %s".formatted(one.name(), one.value(), String.join(", ", values)));
      }
    }

    private void sort(String value) {
      boolean descending = value.startsWith("-");
      String code = descending ? value.substring(1) : value;
      Sort.Key key = parameters.sortKey(type, code);
      if (key == null) {
        throw new UnreadableParameterException(
            "%s cannot be sorted by '%s'; it can by: %s, each with '-' in front for the greatest or latest first"
                .formatted(
                    type, code, String.join(", ", new TreeSet<>(parameters.sortable(type)))));
      }
      sorts.add(new Sort(key, descending));
    }
  }
}
