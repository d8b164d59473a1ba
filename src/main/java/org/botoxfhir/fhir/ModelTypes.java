package org.botoxfhir.fhir;

import ca.uhn.fhir.context.BaseRuntimeElementDefinition;
import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.RuntimePrimitiveDatatypeDefinition;
import ca.uhn.fhir.context.support.IValidationSupport;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.hl7.fhir.instance.model.api.IBaseResource;
import org.hl7.fhir.r4.model.Enumerations.PublicationStatus;
import org.hl7.fhir.r4.model.StructureDefinition;
import org.hl7.fhir.r4.model.StructureDefinition.StructureDefinitionKind;
import org.hl7.fhir.r4.model.StructureDefinition.TypeDerivationRule;
import org.jspecify.annotations.Nullable;

/**
 * The names of the R4 types, which is all that the FHIRPath engine asks of the definitions when it evaluates {@code as} and {@code
 * is}. The definitions themselves would take seconds to read and a hundred megabytes to keep.
 */
final class ModelTypes implements IValidationSupport {
  private static final String URL = "http://hl7.org/fhir/StructureDefinition/";

  private final FhirContext context;
  private final Map<String, StructureDefinition> byUrl = new HashMap<>();

  ModelTypes(FhirContext context) {
    this.context = context;
    for (BaseRuntimeElementDefinition<?> datatype : context.getElementDefinitions()) {
      add(
          datatype.getName(),
          datatype instanceof RuntimePrimitiveDatatypeDefinition
              ? StructureDefinitionKind.PRIMITIVETYPE
              : StructureDefinitionKind.COMPLEXTYPE);
    }
    for (String resource : context.getResourceTypes()) {
      add(resource, StructureDefinitionKind.RESOURCE);
    }
  }

  private void add(String name, StructureDefinitionKind kind) {
    StructureDefinition definition = new StructureDefinition();
    definition
        .setUrl(URL + name)
        .setName(name)
        .setStatus(PublicationStatus.ACTIVE)
        .setKind(kind)
        .setType(name);
    definition.setDerivation(TypeDerivationRule.SPECIALIZATION);
    byUrl.put(definition.getUrl(), definition);
  }

  @Override
  public FhirContext getFhirContext() {
    return context;
  }

  @Override
  @SuppressWarnings(
      "unchecked") // the interface leaves the type to the caller, who asks an R4 context for R4
  // definitions
  public <T extends IBaseResource> List<T> fetchAllStructureDefinitions() {
    return (List<T>) List.copyOf(byUrl.values());
  }

  @Override
  public @Nullable IBaseResource fetchStructureDefinition(String url) {
    return byUrl.get(url);
  }
}
