package org.botoxfhir.terminology;

import org.hl7.fhir.r4.model.CodeSystem;
import org.jspecify.annotations.Nullable;

/** Which code system a request is about. */
public sealed interface SystemSource {
  /** @param url canonical URL, with or without a version */
  record Named(String url, @Nullable String version) implements SystemSource {}

  /** One that comes with the request, or was read by its id. */
  record Given(CodeSystem system) implements SystemSource {}
}
