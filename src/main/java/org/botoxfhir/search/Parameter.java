package org.botoxfhir.search;

import ca.uhn.fhir.fhirpath.IFhirPath.IParsedExpression;
import ca.uhn.fhir.rest.api.RestSearchParameterTypeEnum;
import java.util.List;
import java.util.Set;

/**
 * A search parameter of one type.
 *
 * @param type resource type
 * @param code name in a query, e.g. {@code reason-reference}
 * @param kind parameter type
 * @param number what stands for it in index rows; 0 when it has none of its own (a composite)
 * @param path FHIRPath of its values, from the R4 definition
 * @param expressions the alternatives of the path, parsed; empty when it adds no rows: a composite, or one that reads the rows of
 *     another
 * @param targets types that a reference parameter may point to; empty means any
 * @param parts a composite's components within a repeating element; empty when the components of the whole resource will do
 */
record Parameter(
    String type,
    String code,
    RestSearchParameterTypeEnum kind,
    short number,
    String path,
    List<IParsedExpression> expressions,
    Set<String> targets,
    List<Part> parts) {

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
