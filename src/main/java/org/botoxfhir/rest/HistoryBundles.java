package org.botoxfhir.rest;

import ca.uhn.fhir.rest.api.server.RequestDetails;
import java.util.List;
import java.util.function.BiFunction;
import org.botoxfhir.audit.AuditTrail;
import org.botoxfhir.fhir.FhirSettings;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.resource.Resources;
import org.botoxfhir.search.Histories;
import org.botoxfhir.search.HistoryQuery;
import org.botoxfhir.search.SearchQuery.Position;
import org.botoxfhir.search.SearchQuery.Used;
import org.hl7.fhir.r4.model.Bundle;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Histories of a resource, a type or everything as bundles, R4 http.html#history. */
@Component
final class HistoryBundles {
  private final Resources resources;
  private final PageLinks links;
  private final FhirSettings settings;

  HistoryBundles(Resources resources, PageLinks links, FhirSettings settings) {
    this.resources = resources;
    this.links = links;
    this.settings = settings;
  }

  /** The history of one resource. */
  Bundle of(ResourceKey key, RequestDetails request) {
    return bundle(
        key + "/_history",
        request,
        (query, after) -> resources.history(ReadOnlyProvider.access(request), key, query, after));
  }

  /** The history of a type; of all served types when it is null. */
  Bundle of(@Nullable String type, RequestDetails request) {
    return bundle(
        type == null ? "_history" : type + "/_history",
        request,
        (query, after) -> resources.history(ReadOnlyProvider.access(request), type, query, after));
  }

  private Bundle bundle(
      String path,
      RequestDetails request,
      BiFunction<HistoryQuery, @Nullable Position, Histories.Page> read) {
    List<Used> given = ReadOnlyProvider.used(request);
    HistoryQuery query = HistoryQuery.read(PageLinks.withoutCursor(given), settings);
    Position after = links.position(path, query.used(), given);
    Histories.Page page = read.apply(query, after);
    String base = request.getFhirServerBase();
    BundleJson json = new BundleJson(
        "history", page.total(), links.of(base, path, query.used(), after, null, page.next()));
    AuditTrail trail = Trails.of(request);
    page.entries().forEach(entry -> {
      json.version(base, entry);
      trail.concerns(entry.version());
    });
    return json.bundle();
  }
}
