package org.botoxfhir.examples.ehr;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.rest.api.MethodOutcome;
import ca.uhn.fhir.rest.client.api.IGenericClient;
import org.hl7.fhir.r4.model.AdverseEvent;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.QuestionnaireResponse;

/**
 * What was injected is sent, then what the patient reports.
 *
 * @param instruction what the patient should do now
 * @param adverseEvents what the patient's record has of them then
 */
public record FirstCalls(String instruction, Bundle adverseEvents) {

  /** @param base e.g. {@code http://localhost:8080/fhir} */
  public static FirstCalls make(String base, Bundle injection, QuestionnaireResponse report) {
    IGenericClient client = FhirContext.forR4().newRestfulGenericClient(base);

    client.transaction().withBundle(injection).execute();

    MethodOutcome sent = client.create().resource(report).execute();
    String instruction = ((QuestionnaireResponse) sent.getResource())
        .getExtensionByUrl("https://botoxfhir.org/fhir/StructureDefinition/triage-result")
        .getExtensionString("instruction");

    Bundle adverseEvents = client
        .search()
        .forResource(AdverseEvent.class)
        .where(AdverseEvent.SUBJECT.hasId("Patient/example-dystonia"))
        .returnBundle(Bundle.class)
        .execute();
    return new FirstCalls(instruction, adverseEvents);
  }
}
