package org.botoxfhir.rest;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.rest.annotation.History;
import ca.uhn.fhir.rest.annotation.IdParam;
import ca.uhn.fhir.rest.annotation.Read;
import ca.uhn.fhir.rest.annotation.Search;
import ca.uhn.fhir.rest.api.server.RequestDetails;
import ca.uhn.fhir.rest.server.IResourceProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.patch.Patches;
import org.botoxfhir.resource.Resources;
import org.botoxfhir.search.SearchQuery.Used;
import org.botoxfhir.security.Access;
import org.botoxfhir.store.StoredVersion;
import org.hl7.fhir.instance.model.api.IBaseResource;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.IdType;
import org.hl7.fhir.r4.model.Resource;
import org.jspecify.annotations.Nullable;

/** Read, version read, histories and search of one type. */
class ReadOnlyProvider implements IResourceProvider {
  final Parts parts;
  final String type;

  /** What the providers of all types share. */
  record Parts(
      FhirContext context,
      Resources resources,
      Patches patches,
      StoredAnswers answers,
      SearchAnswers searches,
      HistoryBundles histories) {}

  ReadOnlyProvider(Parts parts, String type) {
    this.parts = parts;
    this.type = type;
  }

  @Override
  public Class<? extends IBaseResource> getResourceType() {
    return parts.context().getResourceDefinition(type).getImplementingClass();
  }

  /** R4 http.html#read and #vread. */
  @Read(version = true)
  public Resource read(@IdParam IdType id, RequestDetails request) {
    return parts.answers().carry(read(parts.resources(), type, id, request));
  }

  /** The version that a URL names; the current one where it names none. */
  static StoredVersion read(Resources resources, String type, IdType id, RequestDetails request) {
    ResourceKey key = key(type, id);
    return id.hasVersionIdPart()
        ? resources.read(access(request), key, id.getVersionIdPart())
        : resources.read(access(request), key);
  }

  /** R4 http.html#history, of an instance; newest first. */
  @History
  public Bundle history(@IdParam IdType id, RequestDetails request) {
    return parts.histories().of(key(id), request);
  }

  /** R4 http.html#history, of the type; newest first. */
  @History
  public Bundle history(RequestDetails request) {
    return parts.histories().of(type, request);
  }

  /** R4 search.html; GET and POST. */
  @Search(allowUnknownParams = true)
  public Bundle search(RequestDetails request) {
    return parts.searches().search(type, request);
  }

  /** Who asks. */
  static Access access(RequestDetails request) {
    return Callers.of(request);
  }

  /** The parameters of the request, repeated ones one by one. */
  static List<Used> used(RequestDetails request) {
    List<Used> used = new ArrayList<>();
    for (Map.Entry<String, String[]> parameter :
        new TreeMap<>(request.getParameters()).entrySet()) {
      for (String value : parameter.getValue()) {
        used.add(new Used(parameter.getKey(), value));
      }
    }
    return used;
  }

  ResourceKey key(@Nullable IdType id) {
    return key(type, id);
  }

  /** The key that a URL names. */
  static ResourceKey key(String type, @Nullable IdType id) {
    if (id == null) {
      throw new FaultException(Fault.invalid(
          "required", "the URL names no resource; write %s/[id]".formatted(type), null));
    }
    if (id.getIdPart() == null || !ResourceKey.isId(id.getIdPart())) {
      throw new FaultException(Fault.invalid(
          "invalid",
          "'%s' is no logical id; R4 allows 1 to 64 of A-Z a-z 0-9 - .".formatted(id.getIdPart()),
          null));
    }
    return new ResourceKey(type, id.getIdPart());
  }
}
