package org.botoxfhir.rest;

import ca.uhn.fhir.rest.api.server.RequestDetails;
import org.botoxfhir.resource.Resources;
import org.botoxfhir.terminology.Terminology;
import org.hl7.fhir.instance.model.api.IBaseResource;
import org.hl7.fhir.r4.model.IdType;
import org.springframework.stereotype.Component;

/** Who may ask what of code systems and value sets. */
@Component
final class TerminologyRequests {
  private final StoredAnswers answers;
  private final Resources resources;
  private final Terminology terminology;

  TerminologyRequests(StoredAnswers answers, Resources resources, Terminology terminology) {
    this.answers = answers;
    this.resources = resources;
    this.terminology = terminology;
  }

  /**
   * Who answers the request. What another server passes on is answered here: two that ask each other would never end.
   *
   * @param type that the caller has to be allowed to read
   */
  Terminology asked(String type, RequestDetails request) {
    resources.requireReadable(ReadOnlyProvider.access(request), type);
    return request.getHeaders(Terminology.FORWARDED).stream()
            .anyMatch(by -> by.contains(Terminology.FORWARDED_BY))
        ? terminology.here()
        : terminology;
  }

  /** The resource on file that the request names. */
  IBaseResource stored(String type, IdType id, RequestDetails request) {
    return answers.parse(ReadOnlyProvider.read(resources, type, id, request));
  }
}
