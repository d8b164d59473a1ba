package org.botoxfhir.rest;

import ca.uhn.fhir.rest.annotation.IdParam;
import ca.uhn.fhir.rest.annotation.Operation;
import ca.uhn.fhir.rest.api.server.RequestDetails;
import ca.uhn.fhir.rest.server.IResourceProvider;
import org.botoxfhir.resource.Resources;
import org.hl7.fhir.instance.model.api.IBaseResource;
import org.hl7.fhir.r4.model.IdType;
import org.hl7.fhir.r4.model.Meta;
import org.hl7.fhir.r4.model.Parameters;
import org.hl7.fhir.r4.model.Resource;

/** {@code $meta} of a resource or of one of its versions; {@code fhir-profiles/OperationDefinition-meta.json} describes it. */
class MetaProvider implements IResourceProvider {
  final StoredAnswers answers;
  final Resources resources;
  final String type;

  MetaProvider(StoredAnswers answers, Resources resources, String type) {
    this.answers = answers;
    this.resources = resources;
    this.type = type;
  }

  @Override
  public Class<? extends IBaseResource> getResourceType() {
    return answers.model(type);
  }

  /** R4 resource-operation-meta.html. */
  @Operation(name = "$meta", idempotent = true)
  public Parameters meta(@IdParam IdType id, RequestDetails request) {
    return answer(answers.parse(ReadOnlyProvider.read(resources, type, id, request)));
  }

  /** What the operations answer: what may be different from place to place is left out. */
  static Parameters answer(Resource resource) {
    var told = new Meta();
    told.setProfile(resource.getMeta().getProfile());
    told.setSecurity(resource.getMeta().getSecurity());
    told.setTag(resource.getMeta().getTag());
    var answer = new Parameters();
    answer.addParameter().setName("return").setValue(told);
    return answer;
  }
}
