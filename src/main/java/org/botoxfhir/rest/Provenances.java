package org.botoxfhir.rest;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.interceptor.api.Hook;
import ca.uhn.fhir.interceptor.api.Interceptor;
import ca.uhn.fhir.interceptor.api.Pointcut;
import ca.uhn.fhir.parser.DataFormatException;
import ca.uhn.fhir.rest.api.RestOperationTypeEnum;
import ca.uhn.fhir.rest.api.server.RequestDetails;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.fhir.StrictJson;
import org.botoxfhir.resource.Resources;
import org.botoxfhir.resource.Write;
import org.hl7.fhir.r4.model.Provenance;
import org.hl7.fhir.r4.model.Reference;
import org.springframework.stereotype.Component;

/** What a client says of where its write comes from, in header {@code X-Provenance} (R4 provenance.html#header). */
@Component
@Interceptor
public final class Provenances {
  static final String HEADER = "X-Provenance";

  private static final Set<RestOperationTypeEnum> WITH_VERSIONS = EnumSet.of(
      RestOperationTypeEnum.CREATE,
      RestOperationTypeEnum.UPDATE,
      RestOperationTypeEnum.PATCH,
      RestOperationTypeEnum.TRANSACTION,
      RestOperationTypeEnum.READ,
      RestOperationTypeEnum.VREAD,
      RestOperationTypeEnum.SEARCH_TYPE,
      RestOperationTypeEnum.SEARCH_SYSTEM,
      RestOperationTypeEnum.HISTORY_INSTANCE,
      RestOperationTypeEnum.HISTORY_TYPE,
      RestOperationTypeEnum.HISTORY_SYSTEM,
      RestOperationTypeEnum.METADATA);

  private final FhirContext context;
  private final Resources resources;

  Provenances(FhirContext context, Resources resources) {
    this.context = context;
    this.resources = resources;
  }

  /**
   * The Provenance of the request; empty when it has none.
   *
   * @throws FaultException with {@link Fault.Invalid} when it cannot be stored as it is, whatever is written
   */
  Optional<Provenance> of(RequestDetails request) {
    String header = request.getHeader(HEADER);
    return header == null ? Optional.empty() : Optional.of(checked(request, parsed(header)));
  }

  /** Refuses a Provenance that nothing would become of: of a deletion or an operation. With reads it says nothing, and is left alone. */
  @Hook(Pointcut.SERVER_INCOMING_REQUEST_POST_PROCESSED)
  public void check(RequestDetails request) {
    RestOperationTypeEnum operation = request.getRestOperationType();
    if (request.getHeader(HEADER) != null && !WITH_VERSIONS.contains(operation)) {
      throw invalid("is taken with create, update, patch and transaction, not with %s; leave it out"
          .formatted(operation == null ? "this" : operation.getCode()));
    }
  }

  private Provenance parsed(String header) {
    // HTTP knows bytes; the container makes characters of them one by one.
    byte[] json = header.getBytes(StandardCharsets.ISO_8859_1);
    try {
      StrictJson.check(context, json);
      if (context.newJsonParser().parseResource(new String(json, StandardCharsets.UTF_8))
          instanceof Provenance provenance) {
        return provenance;
      }
    } catch (DataFormatException unreadable) {
      throw invalid("cannot be read: " + unreadable.getMessage());
    }
    throw invalid("is no Provenance");
  }

  private Provenance checked(RequestDetails request, Provenance given) {
    if (given.hasTarget()) {
      throw invalid("has a target; leave it out, it becomes what is written");
    }
    given.setIdElement(null);
    Provenance complete = given.copy();
    complete.addTarget(new Reference().setDisplay("what is written"));
    try {
      resources.check(
          ReadOnlyProvider.access(request),
          List.of(new Write.Create(resources.newKey(complete.fhirType()), complete)));
    } catch (FaultException refused) {
      throw refused.fault() instanceof Fault.Refused(var findings)
          ? new FaultException(new Fault.Invalid(
              findings.stream().map(finding -> finding.in(HEADER)).toList()))
          : refused;
    }
    return given;
  }

  private static FaultException invalid(String why) {
    return new FaultException(Fault.invalid("invalid", HEADER + " " + why, null));
  }
}
