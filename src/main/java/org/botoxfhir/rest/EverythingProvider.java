package org.botoxfhir.rest;

import ca.uhn.fhir.rest.annotation.IdParam;
import ca.uhn.fhir.rest.annotation.Operation;
import ca.uhn.fhir.rest.annotation.ResourceParam;
import ca.uhn.fhir.rest.api.server.RequestDetails;
import ca.uhn.fhir.rest.server.IResourceProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.botoxfhir.audit.AuditTrail;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.fhir.FhirSettings;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.fhir.ServedTypes;
import org.botoxfhir.resource.Resources;
import org.botoxfhir.search.Everything;
import org.botoxfhir.search.EverythingQuery;
import org.botoxfhir.search.SearchQuery.Position;
import org.botoxfhir.search.SearchQuery.Used;
import org.hl7.fhir.instance.model.api.IBaseResource;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.IdType;
import org.hl7.fhir.r4.model.Parameters;
import org.hl7.fhir.r4.model.Parameters.ParametersParameterComponent;
import org.hl7.fhir.r4.model.Patient;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** {@code $everything} of a Patient; {@code fhir-profiles/OperationDefinition-everything.json} describes it. */
@Component
final class EverythingProvider implements IResourceProvider {
  static final String TYPE = "Patient";

  private final Resources resources;
  private final PageLinks links;
  private final ServedTypes types;
  private final FhirSettings settings;

  EverythingProvider(
      Resources resources, PageLinks links, ServedTypes types, FhirSettings settings) {
    this.resources = resources;
    this.links = links;
    this.types = types;
    this.settings = settings;
  }

  @Override
  public Class<? extends IBaseResource> getResourceType() {
    return Patient.class;
  }

  /** The parameters come in the URL, or with POST also as Parameters. */
  @Operation(name = "$everything", idempotent = true)
  public Bundle everything(
      @IdParam IdType id, @ResourceParam @Nullable IBaseResource body, RequestDetails request) {
    ResourceKey patient = ReadOnlyProvider.key(TYPE, id);
    List<Used> given = new ArrayList<>(ReadOnlyProvider.used(request));
    if (body instanceof Parameters sent) {
      sent.getParameter().forEach(one -> given.add(used(one)));
    } else if (body != null) {
      throw new FaultException(Fault.invalid(
          "invalid",
          "the body is a %s; send Parameters, or none".formatted(body.fhirType()),
          null));
    }
    EverythingQuery query = EverythingQuery.read(PageLinks.withoutCursor(given), settings, types);
    String path = patient + "/$everything";
    Position after = links.position(path, query.used(), given);
    Everything.Page page =
        resources.everything(ReadOnlyProvider.access(request), patient, query, after);
    String base = request.getFhirServerBase();
    BundleJson json = new BundleJson(
        "searchset",
        OptionalLong.empty(),
        links.of(base, path, query.used(), after, null, page.next()));
    page.members().forEach(version -> json.match(base, version));
    page.referredTo().forEach(version -> json.included(base, version));
    AuditTrail trail = Trails.of(request);
    page.members().forEach(trail::concerns);
    page.referredTo().forEach(trail::concerns);
    return json.bundle();
  }

  private static Used used(ParametersParameterComponent parameter) {
    if (!parameter.hasValue() || !parameter.getValue().isPrimitive()) {
      throw new FaultException(Fault.invalid(
          "invalid", "parameter '%s' has no simple value".formatted(parameter.getName()), null));
    }
    return new Used(parameter.getName(), parameter.getValue().primitiveValue());
  }
}
