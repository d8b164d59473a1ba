package org.botoxfhir.search;

import ca.uhn.fhir.fhirpath.IFhirPath.IParsedExpression;
import ca.uhn.fhir.rest.api.RestSearchParameterTypeEnum;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A search parameter of one type.
 *
 * @param type resource type
 * @param code name in a query, e.g. {@code reason-reference}
 * @param kind parameter type
 * @param number what stands for it in index rows; 0 when it has none of its own (a composite)
 * @param path FHIRPath of its values, from the R4 definition
 * @param expression the same, parsed; null when it adds no rows: a composite, or one that reads the rows of another
 * @param targets types that a reference parameter may point to; empty means any
 * @param parts a composite's components within a repeating element; empty when the components of the whole resource will do
 */
record Parameter(
    String type,
    String code,
    RestSearchParameterTypeEnum kind,
    short number,
    String path,
    @Nullable IParsedExpression expression,
    Set<String> targets,
    List<Part> parts) {

  /**
   * A component of a composite parameter, as seen from the repeating element.
   *
   * @param root expression of the repeating element, on the resource
   * @param value expression of the component: on the element, or on the resource when {@code onResource}
   */
  record Part(
      RestSearchParameterTypeEnum kind,
      short number,
      IParsedExpression root,
      IParsedExpression value,
      boolean onResource) {}
}
