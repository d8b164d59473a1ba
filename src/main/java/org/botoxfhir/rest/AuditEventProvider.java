package org.botoxfhir.rest;

import ca.uhn.fhir.rest.annotation.IdParam;
import ca.uhn.fhir.rest.annotation.Read;
import ca.uhn.fhir.rest.annotation.Search;
import ca.uhn.fhir.rest.api.server.RequestDetails;
import ca.uhn.fhir.rest.server.IResourceProvider;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.botoxfhir.audit.AuditLog;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.fhir.ServedTypes;
import org.botoxfhir.search.SearchQuery.Position;
import org.botoxfhir.search.SearchQuery.Used;
import org.botoxfhir.security.Permission;
import org.hl7.fhir.instance.model.api.IBaseResource;
import org.hl7.fhir.r4.model.AuditEvent;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.Bundle.BundleType;
import org.hl7.fhir.r4.model.Bundle.SearchEntryMode;
import org.hl7.fhir.r4.model.Enumerations.SearchParamType;
import org.hl7.fhir.r4.model.IdType;
import org.springframework.stereotype.Component;

/** Read and search of the audit log, for auditors; nobody writes to it from outside. */
@Component
final class AuditEventProvider implements IResourceProvider {
  /** What it can be searched by; the log knows the same names. */
  static final Map<String, SearchParamType> SEARCH_PARAMETERS = new TreeMap<>(Map.of(
      "_id", SearchParamType.TOKEN,
      "date", SearchParamType.DATE,
      "agent", SearchParamType.REFERENCE,
      "patient", SearchParamType.REFERENCE,
      "entity", SearchParamType.REFERENCE,
      "type", SearchParamType.TOKEN,
      "subtype", SearchParamType.TOKEN,
      "action", SearchParamType.TOKEN,
      "outcome", SearchParamType.TOKEN,
      "purpose", SearchParamType.TOKEN));

  /** Those that R4 defines for several types at once; all others it defines for this one. */
  private static final Map<String, String> SHARED_DEFINITIONS =
      Map.of("_id", "Resource-id", "date", "clinical-date", "patient", "clinical-patient");

  private final AuditLog log;
  private final PageLinks links;

  AuditEventProvider(AuditLog log, PageLinks links) {
    this.log = log;
    this.links = links;
  }

  /** Canonical URL of R4's definition of a parameter; that of {@code purpose} is R5's. */
  static String definition(String parameter) {
    return "http://hl7.org/fhir/SearchParameter/"
        + SHARED_DEFINITIONS.getOrDefault(parameter, ServedTypes.AUDIT + "-" + parameter);
  }

  @Override
  public Class<? extends IBaseResource> getResourceType() {
    return AuditEvent.class;
  }

  /** R4 http.html#read. */
  @Read
  public AuditEvent read(@IdParam IdType id, RequestDetails request) {
    log.requireAuditor(ReadOnlyProvider.access(request), Permission.READ);
    ResourceKey key = ReadOnlyProvider.key(ServedTypes.AUDIT, id);
    return log.read(key.id()).orElseThrow(() -> new FaultException(new Fault.NotFound(key)));
  }

  /** R4 search.html; GET and POST; newest first. */
  @Search(allowUnknownParams = true)
  public Bundle search(RequestDetails request) {
    log.requireAuditor(ReadOnlyProvider.access(request), Permission.SEARCH);
    List<Used> given = ReadOnlyProvider.used(request);
    List<Used> asked = PageLinks.withoutCursor(given);
    Position after = links.position(ServedTypes.AUDIT, asked, given);
    AuditLog.Page page = log.search(asked, after == null ? null : after.sortKey());
    String base = request.getFhirServerBase();
    Bundle bundle = new Bundle().setType(BundleType.SEARCHSET);
    bundle.setId(UUID.randomUUID().toString());
    page.total().ifPresent(total -> bundle.setTotal((int) Math.min(total, Integer.MAX_VALUE)));
    links
        .of(
            base,
            ServedTypes.AUDIT,
            asked,
            after,
            null,
            page.next() == null ? null : new Position(false, page.next(), 0))
        .forEach((relation, url) -> bundle.addLink().setRelation(relation).setUrl(url));
    for (AuditEvent event : page.events()) {
      bundle
          .addEntry()
          .setFullUrl(
              base + "/" + ServedTypes.AUDIT + "/" + event.getIdElement().getIdPart())
          .setResource(event)
          .getSearch()
          .setMode(SearchEntryMode.MATCH);
    }
    return bundle;
  }
}
