package org.botoxfhir.search;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.fhirpath.IFhirPathEvaluationContext;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.hl7.fhir.instance.model.api.IBase;
import org.hl7.fhir.instance.model.api.IIdType;
import org.jspecify.annotations.Nullable;

/** Answers {@code resolve()} with an empty resource of the type that the reference names: the expressions ask for no more. */
final class TypeOfReference implements IFhirPathEvaluationContext {
  private final FhirContext context;
  private final Map<String, IBase> empty = new ConcurrentHashMap<>();

  TypeOfReference(FhirContext context) {
    this.context = context;
  }

  @Override
  public @Nullable IBase resolveReference(IIdType reference, @Nullable IBase element) {
    String type = reference.getResourceType();
    return type == null || !context.getResourceTypes().contains(type)
        ? null
        : empty.computeIfAbsent(type, t -> context.getResourceDefinition(t).newInstance());
  }
}
