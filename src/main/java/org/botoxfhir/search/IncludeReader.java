package org.botoxfhir.search;

import ca.uhn.fhir.rest.api.RestSearchParameterTypeEnum;
import java.util.ArrayList;
import java.util.List;
import org.botoxfhir.fhir.ServedTypes;
import org.botoxfhir.search.SearchQuery.Include;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** From {@code _include=Procedure:patient} to what shall come with a page. */
@Component
final class IncludeReader {
  private final SearchParameters parameters;
  private final ServedTypes types;

  IncludeReader(SearchParameters parameters, ServedTypes types) {
    this.parameters = parameters;
    this.types = types;
  }

  /**
   * @param searched types of the matches
   * @param value {@code *}, {@code Type:*}, {@code Type:parameter} or {@code Type:parameter:Target}
   * @throws UnreadableParameterException when it is none of these, or nothing that it names can ever come along
   */
  Include read(List<String> searched, String value, boolean reverse, boolean iterate) {
    if (value.equals("*")) {
      return new Include(reverse, iterate, null, null, null);
    }
    String[] parts = value.split(":", -1);
    if (parts.length < 2 || parts.length > 3 || !types.serves(parts[0])) {
      throw unreadable(searched, value, reverse);
    }
    if (!reverse && !iterate && !searched.contains(parts[0])) {
      throw new UnreadableParameterException(
          "'%s' is about references of %s, and the search finds only %s; it may be meant as _include:iterate"
              .formatted(value, parts[0], String.join(", ", searched)));
    }
    String code = parts[1].equals("*") ? null : parts[1];
    @Nullable
    Parameter parameter = code == null ? null : parameters.of(parts[0]).get(code);
    if (code != null
        && (parameter == null || parameter.kind() != RestSearchParameterTypeEnum.REFERENCE)) {
      throw unreadable(searched, value, reverse);
    }
    String target = parts.length == 3 ? parts[2] : null;
    if (target != null && !types.serves(target)) {
      throw unreadable(searched, value, reverse);
    }
    return new Include(reverse, iterate, parts[0], code, target);
  }

  private UnreadableParameterException unreadable(
      List<String> searched, String value, boolean reverse) {
    return new UnreadableParameterException(
        "'%s' names no reference that could be followed; write one of: %s"
            .formatted(value, String.join(", ", reverse ? reverse(searched) : forward(searched))));
  }

  List<String> forward(List<String> searched) {
    List<String> all = new ArrayList<>(List.of("*"));
    for (String type : searched) {
      references(type).forEach(p -> all.add(type + ":" + p.code()));
    }
    return all;
  }

  List<String> reverse(List<String> searched) {
    List<String> all = new ArrayList<>(List.of("*"));
    for (String source : types.all()) {
      references(source).stream()
          .filter(p -> p.targets().isEmpty() || searched.stream().anyMatch(p.targets()::contains))
          .forEach(p -> all.add(source + ":" + p.code()));
    }
    return all;
  }

  private List<Parameter> references(String type) {
    return parameters.of(type).values().stream()
        .filter(p -> p.kind() == RestSearchParameterTypeEnum.REFERENCE)
        .toList();
  }
}
