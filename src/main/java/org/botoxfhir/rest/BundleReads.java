package org.botoxfhir.rest;

import ca.uhn.fhir.rest.annotation.OperationParam;
import ca.uhn.fhir.rest.api.Constants;
import ca.uhn.fhir.rest.api.RequestTypeEnum;
import ca.uhn.fhir.rest.api.server.RequestDetails;
import ca.uhn.fhir.rest.server.method.BaseMethodBinding;
import ca.uhn.fhir.rest.server.method.BaseResourceReturningMethodBinding;
import ca.uhn.fhir.rest.server.servlet.ServletRequestDetails;
import ca.uhn.fhir.rest.server.servlet.ServletSubRequestDetails;
import ca.uhn.fhir.util.UrlUtil;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.botoxfhir.bundle.Reads;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.hl7.fhir.r4.model.Resource;

/** Reads, searches and operations inside a bundle: each goes to the method that would answer it alone. */
final class BundleReads implements Reads {
  /** Where HAPI looks for the parameters of an operation that was posted; it has no name for it that could be used here. */
  private static final String PARSED_BODY = OperationParam.class.getName() + "_PARSED_RESOURCE";

  private final ServletRequestDetails bundle;
  private final RequestChecks checks;
  private final StoredAnswers answers;

  BundleReads(RequestDetails bundle, RequestChecks checks, StoredAnswers answers) {
    this.bundle = (ServletRequestDetails) bundle;
    this.checks = checks;
    this.answers = answers;
  }

  @Override
  public Found read(Request request) {
    try {
      ServletSubRequestDetails details = details(request);
      checks.requireMethod(
          bundle.getServer(), details.getRequestPath(), request.method().name());
      BaseMethodBinding method =
          bundle.getServer().determineResourceMethod(details, details.getRequestPath());
      details.setRestOperationType(method.getRestOperationType(details));
      if (!(method instanceof BaseResourceReturningMethodBinding readable)) {
        throw new FaultException(Fault.refused(
            "not-supported",
            "'%s' cannot be asked for inside a bundle; send it on its own".formatted(request.url()),
            null));
      }
      Resource found = (Resource) readable.doInvokeServer(bundle.getServer(), details);
      return answers.inBundle(details, found, request);
    } catch (RuntimeException e) {
      throw FaultAnswers.unwrap(e) instanceof FaultException fault ? fault : e;
    }
  }

  private ServletSubRequestDetails details(Request request) {
    int mark = request.url().indexOf('?');
    String path = mark < 0 ? request.url() : request.url().substring(0, mark);
    var details = new EntryDetails(bundle);
    details.setServer(bundle.getServer());
    details.setFhirServerBase(bundle.getFhirServerBase());
    details.setRequestType(
        request.method() == Method.POST ? RequestTypeEnum.POST : RequestTypeEnum.GET);
    details.setRequestId(bundle.getRequestId());
    details.setRequestPath(path);
    details.setCompleteUrl(bundle.getFhirServerBase() + "/" + request.url());
    details.setParameters(
        UrlUtil.parseQueryString(mark < 0 ? "" : request.url().substring(mark + 1)));
    // What the bundle was asked with, and its body, say nothing about its entries.
    details.setHeaders("If-None-Match", List.of(""));
    details.setHeaders(
        "Content-Type", List.of(request.body() == null ? "" : Constants.CT_FHIR_JSON_NEW));
    details.setRequestContents(
        request.body() == null
            ? new byte[0]
            : bundle
                .getFhirContext()
                .newJsonParser()
                .encodeResourceToString(request.body())
                .getBytes(StandardCharsets.UTF_8));
    details.getUserData().put(PARSED_BODY, request.body());
    bundle.getServer().populateRequestDetailsFromRequestPath(details, path);
    return details;
  }

  /** What is noted of one entry is no business of the next. */
  private static final class EntryDetails extends ServletSubRequestDetails {
    private final Map<Object, Object> notes = new HashMap<>();

    EntryDetails(ServletRequestDetails bundle) {
      super(bundle);
    }

    @Override
    public Charset getCharset() {
      return StandardCharsets.UTF_8;
    }

    @Override
    public Map<Object, Object> getUserData() {
      return notes;
    }
  }
}
