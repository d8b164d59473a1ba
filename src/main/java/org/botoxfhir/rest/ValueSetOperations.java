package org.botoxfhir.rest;

import ca.uhn.fhir.rest.annotation.IdParam;
import ca.uhn.fhir.rest.annotation.Operation;
import ca.uhn.fhir.rest.annotation.ResourceParam;
import ca.uhn.fhir.rest.api.server.RequestDetails;
import ca.uhn.fhir.rest.server.IResourceProvider;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.botoxfhir.terminology.ExpandRequest;
import org.botoxfhir.terminology.SetSource;
import org.hl7.fhir.instance.model.api.IBaseResource;
import org.hl7.fhir.r4.model.IdType;
import org.hl7.fhir.r4.model.Parameters;
import org.hl7.fhir.r4.model.ValueSet;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** {@code $expand} and {@code $validate-code} of value sets; the OperationDefinitions in {@code fhir-profiles} describe them. */
@Component
final class ValueSetOperations implements IResourceProvider {
  static final String TYPE = "ValueSet";

  private static final Set<String> EXPAND = Set.of(
      "url",
      "valueSet",
      "valueSetVersion",
      "filter",
      "offset",
      "count",
      "includeDesignations",
      "includeDefinition",
      "activeOnly",
      "excludeNested",
      "displayLanguage");

  private static final Set<String> VALIDATE = Set.of(
      "url",
      "valueSet",
      "valueSetVersion",
      "code",
      "system",
      "systemVersion",
      "display",
      "coding",
      "codeableConcept",
      "abstract",
      "displayLanguage");

  private final TerminologyRequests requests;

  ValueSetOperations(TerminologyRequests requests) {
    this.requests = requests;
  }

  @Override
  public Class<? extends IBaseResource> getResourceType() {
    return ValueSet.class;
  }

  /** R4 valueset-operation-expand.html. The expansion has no levels, whatever {@code excludeNested} says. */
  @Operation(name = "$expand", idempotent = true)
  public ValueSet expand(
      @IdParam(optional = true) @Nullable IdType id,
      @ResourceParam @Nullable IBaseResource body,
      RequestDetails request) {
    var parameters = OperationParameters.read("ValueSet/$expand", EXPAND, Set.of(), body, request);
    parameters.flag("excludeNested");
    return requests
        .asked(TYPE, request)
        .expand(new ExpandRequest(
            source(parameters, id, request),
            parameters.text("filter").orElse(null),
            parameters.number("offset").orElse(0),
            parameters.number("count").orElse(null),
            parameters.flag("includeDesignations"),
            parameters.flag("includeDefinition"),
            parameters.flag("activeOnly"),
            CodingParameters.language(parameters)));
  }

  /** R4 valueset-operation-validate-code.html. */
  @Operation(name = "$validate-code", idempotent = true)
  public Parameters validateCode(
      @IdParam(optional = true) @Nullable IdType id,
      @ResourceParam @Nullable IBaseResource body,
      RequestDetails request) {
    var parameters =
        OperationParameters.read("ValueSet/$validate-code", VALIDATE, Set.of(), body, request);
    return requests
        .asked(TYPE, request)
        .validate(
            source(parameters, id, request),
            CodingParameters.checked(parameters, "system", "systemVersion"));
  }

  private SetSource source(
      OperationParameters parameters, @Nullable IdType id, RequestDetails request) {
    Optional<String> url = parameters.text("url");
    Optional<ValueSet> sent = parameters.value("valueSet", ValueSet.class);
    long named = Stream.of(url.isPresent(), sent.isPresent(), id != null)
        .filter(one -> one)
        .count();
    if (named != 1) {
      throw parameters.invalid(
          named == 0
              ? "there is no value set; give url or valueSet, or call ValueSet/[id]"
              : "there are several value sets; give url or valueSet, or call ValueSet/[id]");
    }
    if (url.isPresent()) {
      return new SetSource.Named(url.get(), parameters.text("valueSetVersion").orElse(null));
    }
    if (parameters.has("valueSetVersion")) {
      throw parameters.invalid("valueSetVersion goes with url");
    }
    return new SetSource.Given(
        id == null ? sent.orElseThrow() : (ValueSet) requests.stored(TYPE, id, request));
  }
}
