package org.botoxfhir.search;

import ca.uhn.fhir.fhirpath.IFhirPath.IParsedExpression;
import ca.uhn.fhir.rest.api.RestSearchParameterTypeEnum;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A search parameter of one type.
 *
 * @param type resource type
 * @param code name in a query, e.g. {@code reason-reference}
 * @param kind parameter type
 * @param numbers what stands for it in index rows: one number, several where it reads the rows of several others, none for a composite
 * @param path FHIRPath of its values, from the R4 definition
 * @param expressions the alternatives of the path, parsed; empty when it adds no rows: a composite, or one that reads the rows of
 *     another
 * @param jsonPaths where its values stand in the stored JSON; empty when the path is more than a way to an element
 * @param variants what stands for rows of it that only a modifier asks for, by modifier: {@code identifier} of a reference, {@code
 *     of-type} of an identifier; and for the longitudes of a place, whose latitudes have its own number
 * @param targets types that a reference parameter may point to; empty means any
 * @param components a composite's parameters of the whole resource that answer it together; empty when it is about a repeating
 *     element only
 * @param parts a composite's components within a repeating element; empty when there is none
 */
record Parameter(
    String type,
    String code,
    RestSearchParameterTypeEnum kind,
    List<Short> numbers,
    String path,
    List<IParsedExpression> expressions,
    Optional<List<String>> jsonPaths,
    Map<String, Short> variants,
    Set<String> targets,
    List<String> components,
    List<Part> parts) {
  /** R4's parameter by the sound of names; it is a string like others. */
  static final String PHONETIC = "phonetic";

  /** R4's parameter by the place of a Location. */
  static final String NEAR = "near";

  /** What stands for the longitudes of {@link #NEAR} among the variants. */
  static final String LONGITUDE = "longitude";

  /** What stands for it in index rows, of a kind of which every parameter has one number. */
  short number() {
    return numbers.getFirst();
  }

  /** Whether its rows are sounds. */
  boolean isPhonetic() {
    return code.equals(PHONETIC) && kind == RestSearchParameterTypeEnum.STRING;
  }

  /** Its name, which is the same on every replica: {@link SearchQuery#meaning} holds it. */
  @Override
  public String toString() {
    return type + "." + code;
  }

  /** The component as a parameter that reads the rows of the element's repetitions. */
  static Parameter ofPart(Parameter composite, Part part) {
    return new Parameter(
        composite.type(),
        composite.code(),
        part.kind(),
        List.of(part.number()),
        composite.path(),
        List.of(),
        Optional.empty(),
        Map.of(),
        Set.of(),
        List.of(),
        List.of());
  }

  /**
   * A component of a composite parameter, as seen from the repeating element.
   *
   * @param root expression of the repeating element, on the resource
   * @param values expressions of the component: on the element, or on the resource when {@code onResource}
   */
  record Part(
      RestSearchParameterTypeEnum kind,
      short number,
      IParsedExpression root,
      List<IParsedExpression> values,
      boolean onResource) {}
}
