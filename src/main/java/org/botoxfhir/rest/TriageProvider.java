package org.botoxfhir.rest;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.rest.annotation.Operation;
import ca.uhn.fhir.rest.annotation.ResourceParam;
import ca.uhn.fhir.rest.api.server.RequestDetails;
import ca.uhn.fhir.rest.server.IResourceProvider;
import java.util.List;
import java.util.Objects;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.symptom.SymptomTriage;
import org.botoxfhir.symptom.SymptomTriage.Triaged;
import org.hl7.fhir.instance.model.api.IBaseResource;
import org.hl7.fhir.r4.model.Parameters;
import org.hl7.fhir.r4.model.Parameters.ParametersParameterComponent;
import org.hl7.fhir.r4.model.Resource;
import org.jspecify.annotations.Nullable;

/** {@code $triage} of a type by which symptoms are reported; {@code fhir-profiles/OperationDefinition-triage.json} describes it. */
final class TriageProvider implements IResourceProvider {
  static final List<String> TYPES = List.of("QuestionnaireResponse", "Observation");

  private final FhirContext context;
  private final SymptomTriage triage;
  private final String type;

  TriageProvider(FhirContext context, SymptomTriage triage, String type) {
    this.context = context;
    this.triage = triage;
    this.type = type;
  }

  @Override
  public Class<? extends IBaseResource> getResourceType() {
    return context.getResourceDefinition(type).getImplementingClass();
  }

  /** The body is the report itself, or Parameters with the report as {@code resource}. */
  @Operation(name = "$triage")
  public Parameters triage(@ResourceParam @Nullable IBaseResource body, RequestDetails request) {
    Resource resource = body instanceof Parameters parameters
        ? parameters.getParameter().stream()
            .filter(parameter -> "resource".equals(parameter.getName()))
            .map(ParametersParameterComponent::getResource)
            .filter(Objects::nonNull)
            .findFirst()
            .orElse(null)
        : (Resource) body;
    if (resource == null) {
      throw new FaultException(Fault.invalid(
          "required",
          "the request has no report; send a %s, or Parameters with it as 'resource'"
              .formatted(type),
          null));
    }
    if (!resource.fhirType().equals(type)) {
      throw new FaultException(Fault.invalid(
          "invalid",
          "the report is a %s; send it to %s/$triage".formatted(resource.fhirType(), type),
          null));
    }
    Triaged triaged = triage.triage(ReadOnlyProvider.access(request), resource);
    var answer = new Parameters();
    answer.addParameter().setName("report").setResource(triaged.report());
    answer.addParameter().setName("outcome").setResource(FaultAnswers.outcome(triaged.findings()));
    return answer;
  }
}
