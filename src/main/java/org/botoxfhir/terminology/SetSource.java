package org.botoxfhir.terminology;

import org.hl7.fhir.r4.model.ValueSet;
import org.jspecify.annotations.Nullable;

/** Which value set a request is about. */
public sealed interface SetSource {
  /** @param url canonical URL, with or without a version */
  record Named(String url, @Nullable String version) implements SetSource {}

  /** One that comes with the request, or was read by its id. */
  record Given(ValueSet set) implements SetSource {}
}
