package org.botoxfhir.search;

import ca.uhn.fhir.context.RuntimeSearchParam;
import ca.uhn.fhir.rest.api.RestSearchParameterTypeEnum;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** What composite parameters are made of, from their definitions. */
final class CompositeDefinitions {
  private CompositeDefinitions() {}

  /** The parameters of the whole resource that answer a composite together; none when it looks at repeating elements only. */
  static List<String> components(
      String type, RuntimeSearchParam composite, Map<String, RuntimeSearchParam> byCode) {
    List<String> roots = SearchParameters.alternatives(composite.getPath());
    if (!roots.contains(type)) {
      return List.of();
    }
    List<String> codes = new ArrayList<>();
    for (RuntimeSearchParam.Component part : composite.getComponents()) {
      RuntimeSearchParam component = component(type, part, byCode);
      List<String> whole = SearchParameters.alternatives(component.getPath()).stream()
          .filter(path ->
              roots.stream().noneMatch(root -> !root.equals(type) && path.contains(root + ".")))
          .toList();
      codes.add(byCode.values().stream()
          .filter(p -> p.getParamType() == component.getParamType())
          .filter(p ->
              p.getPath() != null && SearchParameters.alternatives(p.getPath()).equals(whole))
          .map(RuntimeSearchParam::getName)
          .findFirst()
          .orElse(component.getName()));
    }
    return codes;
  }

  private static RuntimeSearchParam component(
      String type, RuntimeSearchParam.Component part, Map<String, RuntimeSearchParam> byCode) {
    String url = part.getReference();
    return Objects.requireNonNull(
        byCode.get(url.substring(url.lastIndexOf('/') + 1).substring(type.length() + 1)), url);
  }

  /** Of the whole resource a composite needs no rows of its own: its components answer it together. */
  static List<Part> parts(
      String type, RuntimeSearchParam composite, Map<String, RuntimeSearchParam> byCode) {
    List<Part> parts = new ArrayList<>();
    for (String root : SearchParameters.alternatives(composite.getPath())) {
      if (root.equals(type)) {
        continue;
      }
      for (RuntimeSearchParam.Component part : composite.getComponents()) {
        RuntimeSearchParam component = component(type, part, byCode);
        List<String> all = SearchParameters.alternatives(component.getPath());
        List<String> within =
            all.stream().filter(path -> path.contains(root + ".")).toList();
        parts.add(
            within.isEmpty()
                ? new Part(component.getParamType(), root, all, true)
                : new Part(component.getParamType(), root, within, false));
      }
    }
    return parts;
  }

  /**
   * As {@link Parameter.Part}, unparsed.
   *
   * @param paths of the values, on the resource
   */
  record Part(
      RestSearchParameterTypeEnum kind, String root, List<String> paths, boolean onResource) {

    /** Paths of the values on the element, or on the resource when {@link #onResource}. */
    List<String> values() {
      return onResource
          ? paths
          : paths.stream().map(path -> path.replace(root + ".", "")).toList();
    }

    /** The same for all composites that say the same of the same element, so that they share its rows. */
    String name(String type) {
      return "%s$%s$%s"
          .formatted(type, root.substring(type.length() + 1), String.join("|", values()));
    }
  }
}
