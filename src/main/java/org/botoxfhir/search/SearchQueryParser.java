package org.botoxfhir.search;

import ca.uhn.fhir.rest.api.RestSearchParameterTypeEnum;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.fault.Finding;
import org.botoxfhir.fhir.FhirSettings;
import org.botoxfhir.fhir.LimitSettings;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.fhir.ServedTypes;
import org.botoxfhir.search.SearchQuery.Criterion;
import org.botoxfhir.search.SearchQuery.Include;
import org.botoxfhir.search.SearchQuery.Part;
import org.botoxfhir.search.SearchQuery.Sort;
import org.botoxfhir.search.SearchQuery.Used;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** From the parameters of a URL to a query. What is unknown or unsupported is an error that lists what there is. */
@Component
public final class SearchQueryParser {
  /** Which types a search over several finds. */
  static final String TYPE = "_type";

  /** Parameters that shape the answer, not the set; rest deals with them. */
  static final Set<String> PRESENTATION = Set.of("_format", "_pretty", "_elements");

  private final SearchParameters parameters;
  private final CriterionReader criteria;
  private final IncludeReader includes;
  private final Compartments compartments;
  private final ServedTypes types;
  private final FhirSettings settings;
  private final int mostParameters;

  SearchQueryParser(
      SearchParameters parameters,
      CriterionReader criteria,
      IncludeReader includes,
      Compartments compartments,
      ServedTypes types,
      FhirSettings settings,
      LimitSettings limits) {
    this.mostParameters = limits.maxParameters();
    this.parameters = parameters;
    this.criteria = criteria;
    this.includes = includes;
    this.compartments = compartments;
    this.types = types;
    this.settings = settings;
  }

  /** Names and kinds of what a type can be searched by; what the CapabilityStatement says. */
  public List<Searchable> searchable(String type) {
    List<Searchable> all = new ArrayList<>();
    all.add(new Searchable("_id", RestSearchParameterTypeEnum.TOKEN, null));
    all.add(new Searchable("_lastUpdated", RestSearchParameterTypeEnum.DATE, null));
    if (types.serves("List")) {
      all.add(new Searchable("_list", RestSearchParameterTypeEnum.SPECIAL, null));
    }
    all.add(new Searchable("_has", RestSearchParameterTypeEnum.SPECIAL, null));
    parameters
        .of(type)
        .values()
        .forEach(p -> all.add(new Searchable(p.code(), p.kind(), parameters.url(type, p.code()))));
    return all;
  }

  /** What all served types together can be searched by. */
  public List<Searchable> searchableTogether() {
    Set<Searchable> common = new LinkedHashSet<>(searchable(types.all().getFirst()));
    types.all().forEach(type -> common.retainAll(searchable(type)));
    List<Searchable> all = new ArrayList<>(common);
    all.removeIf(one -> one.code().equals("_has")); // no parameter points to every type
    all.add(new Searchable(TYPE, RestSearchParameterTypeEnum.SPECIAL, null));
    return all;
  }

  /**
   * A parameter that a type can be searched by.
   *
   * @param url of its definition, where it is one of ours
   */
  public record Searchable(
      String code,
      RestSearchParameterTypeEnum kind,
      @Nullable String url) {}

  /** What {@code _include} takes in a search of a type, e.g. {@code Procedure:patient}. */
  public List<String> includable(String type) {
    return includes.forward(List.of(type));
  }

  /** What {@code _revinclude} takes in a search of a type, e.g. {@code Observation:subject}. */
  public List<String> reverseIncludable(String type) {
    return includes.reverse(List.of(type));
  }

  /**
   * A search of one type.
   *
   * @param given name and value of each parameter, decoded, in order
   * @param lenient whether what is not understood is dropped with a warning ({@code Prefer: handling=lenient}) instead of refused
   * @throws FaultException with {@link Fault.Invalid} that lists the valid parameters
   */
  public SearchQuery parse(String type, List<Used> given, boolean lenient) {
    requireServed(type);
    return parse(new Builder(type, List.of(type), null), given, lenient);
  }

  /** A search of all types, or of those that {@code _type} names; by what all of these can be searched by. */
  public SearchQuery parseAll(List<Used> given, boolean lenient) {
    return parse(new Builder("", types.all(), null), given, lenient);
  }

  /**
   * A search of a compartment (R4 search.html, contexts).
   *
   * @param type of the resources that are looked for; {@code *} for all of the compartment, or those that {@code _type} names
   */
  public SearchQuery parseWithin(
      ResourceKey owner, String type, List<Used> given, boolean lenient) {
    List<String> members = compartments.members(owner.type());
    if (members.isEmpty()) {
      throw new FaultException(Fault.invalid(
          "not-supported",
          "%s has no compartment; those that have one are: %s"
              .formatted(owner.type(), String.join(", ", compartments.owners())),
          null));
    }
    if (type.equals(Compartments.ALL)) {
      return parse(new Builder(owner + "/" + type, members, owner), given, lenient);
    }
    requireServed(type);
    if (!members.contains(type)) {
      throw new FaultException(Fault.invalid(
          "not-supported",
          "%s is never in the compartment of a %s; these can be: %s"
              .formatted(type, owner.type(), String.join(", ", members)),
          null));
    }
    return parse(new Builder(owner + "/" + type, List.of(type), owner), given, lenient);
  }

  private void requireServed(String type) {
    if (!types.serves(type)) {
      throw new FaultException(new Fault.TypeNotServed(type, types.all()));
    }
  }

  private SearchQuery parse(Builder builder, List<Used> given, boolean lenient) {
    if (given.size() > mostParameters) {
      throw new FaultException(Fault.invalid(
          "too-costly",
          "the search has %d parameters; it may have %d. Alternatives of one parameter are separated by commas"
              .formatted(given.size(), mostParameters),
          null));
    }
    // Which types there are decides what the other parameters mean.
    for (boolean ofTypes : List.of(true, false)) {
      for (Used one : given) {
        if (builder.namesTypes(one) == ofTypes) {
          builder.takeOrSay(one, lenient);
        }
      }
    }
    if (!builder.problems.isEmpty()) {
      throw new FaultException(new Fault.Invalid(builder.problems));
    }
    return builder.build(given);
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
    private final String path;
    private final List<String> searchable;
    private final boolean several;
    private final @Nullable ResourceKey owner;
    private final Map<String, List<Criterion>> wanted = new LinkedHashMap<>();
    private final List<Sort> sorts = new ArrayList<>();
    private final List<Include> included = new ArrayList<>();
    private final Set<Used> used = new LinkedHashSet<>();
    private final List<Finding> findings = new ArrayList<>();
    private final List<Finding> problems = new ArrayList<>();
    private int count = settings.defaultCount();
    private boolean total;

    /** @param owner whose compartment is searched; null for none */
    Builder(String path, List<String> types, @Nullable ResourceKey owner) {
      this.path = path;
      this.searchable = types;
      this.several = types.size() > 1;
      this.owner = owner;
      types.forEach(type -> wanted.put(type, new ArrayList<>()));
    }

    SearchQuery build(List<Used> given) {
      if (sorts.isEmpty()) {
        sorts.add(new Sort(defaultSort(), true));
      }
      List<Part> parts = new ArrayList<>();
      wanted.forEach((type, criteria) -> {
        if (owner == null) {
          parts.add(new Part(type, criteria));
        } else {
          for (Criterion way : compartments.ways(owner, type)) {
            List<Criterion> all = new ArrayList<>(List.of(way));
            all.addAll(criteria);
            parts.add(new Part(type, all));
          }
        }
      });
      List<Used> inOrder = given.stream().filter(used::contains).toList();
      return new SearchQuery(path, parts, sorts, count, total, included, inOrder, findings);
    }

    /** Newest first; a record of several types by when things happened, as far as they say. */
    private Sort.Key defaultSort() {
      boolean timeline = several
          ? owner != null
          : wanted.keySet().stream().anyMatch(type -> parameters.timeline(type).isPresent());
      return timeline ? new Sort.Key.Timeline() : new Sort.Key.LastUpdated();
    }

    boolean namesTypes(Used one) {
      return several && one.name().equals(TYPE);
    }

    void takeOrSay(Used one, boolean lenient) {
      try {
        take(one);
      } catch (UnreadableParameterException problem) {
        String text = Objects.requireNonNull(problem.getMessage());
        if (lenient) {
          findings.add(Finding.warning("not-supported", text + " (left out)", null));
        } else {
          problems.add(Finding.error("not-supported", text, null));
        }
      }
    }

    private void take(Used one) {
      if (SearchValues.alternatives(one.value()).isEmpty()) {
        throw new UnreadableParameterException(
            "parameter '%s' has no value; give it one or leave it out".formatted(one.name()));
      }
      if (PRESENTATION.contains(one.name())) {
        used.add(one); // the next page shall look like this one
        return;
      }
      if (namesTypes(one)) {
        types(one.value());
        used.add(one);
        return;
      }
      List<String> searched = List.copyOf(wanted.keySet());
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
          included.add(includes.read(searched, one.value(), false, one.name().contains(":")));
        case "_revinclude", "_revinclude:iterate", "_revinclude:recurse" ->
          included.add(includes.read(searched, one.value(), true, one.name().contains(":")));
        default -> criterion(one);
      }
      used.add(one);
    }

    private void types(String value) {
      List<String> named = SearchValues.alternatives(value);
      for (String type : named) {
        if (!searchable.contains(type)) {
          throw new UnreadableParameterException(
              "%s '%s' is none of: %s".formatted(TYPE, type, String.join(", ", searchable)));
        }
      }
      if (Collections.disjoint(wanted.keySet(), named)) {
        throw new UnreadableParameterException(
            "no resource is of one type and of another; the alternatives of one %s are separated by commas"
                .formatted(TYPE));
      }
      wanted.keySet().retainAll(named);
    }

    private void criterion(Used one) {
      Map<String, Criterion> read = new LinkedHashMap<>();
      for (String type : wanted.keySet()) {
        try {
          read.put(type, criteria.read(type, one.name(), one.value()));
        } catch (UnreadableParameterException problem) {
          if (wanted.size() == 1) {
            throw problem;
          }
          throw new UnreadableParameterException(
              "a search of several types takes what all of them know, and " + problem.getMessage());
        }
      }
      read.forEach((type, criterion) -> Objects.requireNonNull(wanted.get(type)).add(criterion));
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
      Set<Sort.@Nullable Key> keys = new HashSet<>();
      wanted.keySet().forEach(type -> keys.add(parameters.sortKey(type, code)));
      Sort.Key key = keys.iterator().next();
      if (keys.size() > 1 || key == null) {
        String type = wanted.size() == 1 ? wanted.keySet().iterator().next() : null;
        throw new UnreadableParameterException(
            "%s cannot be sorted by '%s'; it can by: %s, each with '-' in front for the greatest or latest first"
                .formatted(
                    type == null ? "a search of several types" : type,
                    code,
                    String.join(
                        ", ",
                        type == null
                            ? List.of("_id", "_lastUpdated")
                            : parameters.sortable(type))));
      }
      sorts.add(new Sort(key, descending));
    }
  }
}
