package org.botoxfhir.rest;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.interceptor.api.Hook;
import ca.uhn.fhir.interceptor.api.Interceptor;
import ca.uhn.fhir.interceptor.api.Pointcut;
import ca.uhn.fhir.parser.DataFormatException;
import ca.uhn.fhir.rest.api.RequestTypeEnum;
import ca.uhn.fhir.rest.api.server.RequestDetails;
import java.util.Set;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.fhir.LimitSettings;
import org.botoxfhir.fhir.StrictJson;
import org.botoxfhir.fhir.StrictText;
import org.botoxfhir.fhir.StrictXml;
import org.botoxfhir.patch.Patches;
import org.springframework.stereotype.Component;

/** What is stored is what was sent, or nothing is: a body that the parser would tacitly change is refused before it comes to it. */
@Component
@Interceptor
public final class StrictBodies {
  private static final Set<RequestTypeEnum> WITH_BODY =
      Set.of(RequestTypeEnum.POST, RequestTypeEnum.PUT, RequestTypeEnum.PATCH);

  private final FhirContext context;
  private final int deepestXml;

  StrictBodies(FhirContext context, LimitSettings limits) {
    this.context = context;
    this.deepestXml = limits.maxNesting() / 2;
  }

  /** Checks the body of a request that is about to be carried out. */
  @Hook(Pointcut.SERVER_INCOMING_REQUEST_POST_PROCESSED)
  public void check(RequestDetails request) {
    String type = request.getHeader("Content-Type");
    if (type == null || !WITH_BODY.contains(request.getRequestType())) {
      return;
    }
    boolean json = MediaTypes.isJson(type);
    boolean xml = MediaTypes.isXml(type);
    if (!json && !xml && !type.startsWith(Patches.JSON_PATCH)) {
      return;
    }
    byte[] body = request.loadRequestContents();
    if (body.length == 0) {
      return; // the interaction says what it misses
    }
    try {
      if (json) {
        StrictJson.check(context, body);
      } else if (xml) {
        StrictXml.check(body, deepestXml);
      } else {
        StrictText.decode(body);
      }
    } catch (DataFormatException unfaithful) {
      throw new FaultException(Fault.invalid(
          "structure",
          "the %s body cannot be read: %s".formatted(xml ? "XML" : "JSON", unfaithful.getMessage()),
          null));
    }
  }
}
