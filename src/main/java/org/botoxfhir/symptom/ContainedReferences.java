package org.botoxfhir.symptom;

import org.botoxfhir.fhir.ElementWalk;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.Resource;

/** References to what is contained in the report: they mean nothing in the records that are derived from it. */
final class ContainedReferences {
  private ContainedReferences() {}

  /** Takes them out of a derived record, wherever they stand; identifiers and displays beside them stay. */
  static void remove(Resource derived) {
    ElementWalk.walk(derived, element -> {
      if (element instanceof Reference reference
          && reference.hasReference()
          && reference.getReference().startsWith("#")) {
        reference.setResource(null);
        reference.setReference(null);
      }
    });
  }
}
