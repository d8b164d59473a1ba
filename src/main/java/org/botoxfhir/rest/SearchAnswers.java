package org.botoxfhir.rest;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.rest.annotation.Search;
import ca.uhn.fhir.rest.api.server.RequestDetails;
import java.util.List;
import java.util.regex.Pattern;
import org.botoxfhir.audit.AuditTrail;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.resource.Resources;
import org.botoxfhir.search.Compartments;
import org.botoxfhir.search.SearchQuery;
import org.botoxfhir.search.SearchQuery.Position;
import org.botoxfhir.search.SearchQuery.Used;
import org.botoxfhir.search.SearchQueryParser;
import org.botoxfhir.search.Searches;
import org.hl7.fhir.r4.model.Bundle;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Searches of one type, of all types and of a compartment (R4 search.html), by GET and by POST. HAPI finds no method for the path of a
 * compartment search, since it wants one for each pair of types; {@link #withinCompartment} makes it one of the type, or of all, that
 * remembers the compartment.
 */
@Component
final class SearchAnswers {
  private static final String COMPARTMENT = SearchAnswers.class.getName();
  private static final Pattern TYPE = Pattern.compile("[A-Z][A-Za-z]*");

  private final FhirContext context;
  private final Resources resources;
  private final SearchQueryParser queries;
  private final PageLinks links;

  SearchAnswers(
      FhirContext context, Resources resources, SearchQueryParser queries, PageLinks links) {
    this.context = context;
    this.resources = resources;
    this.queries = queries;
    this.links = links;
  }

  /** A compartment, and the type that is looked for in it. */
  private record Within(ResourceKey owner, String type) {}

  /** Remembers {@code Patient/1} of {@code Patient/1/Procedure} and leaves the request one of {@code Procedure}. */
  static void withinCompartment(RequestDetails request) {
    String type = request.getCompartmentName();
    String owner = request.getResourceName();
    String id = request.getId() == null ? null : request.getId().getIdPart();
    if (type == null
        || !(type.equals(Compartments.ALL) || TYPE.matcher(type).matches())
        || owner == null
        || !TYPE.matcher(owner).matches()
        || id == null
        || !ResourceKey.isId(id)) {
      return;
    }
    request.getUserData().put(COMPARTMENT, new Within(new ResourceKey(owner, id), type));
    request.setCompartmentName(null);
    request.setId(null);
    request.setResourceName(type.equals(Compartments.ALL) ? null : type);
  }

  /** Of all types, or of all in a compartment. */
  @Search(allowUnknownParams = true)
  public Bundle search(RequestDetails request) {
    return search(null, request);
  }

  /** @param type what is looked for; null for all types */
  Bundle search(@Nullable String type, RequestDetails request) {
    List<Used> given = ReadOnlyProvider.used(request);
    List<Used> asked = PageLinks.withoutCursor(given);
    Preferences preferences = Preferences.of(request);
    boolean lenient = preferences.lenient();
    SearchQuery query;
    if (request.getUserData().get(COMPARTMENT) instanceof Within within) {
      query = queries.parseWithin(within.owner(), within.type(), asked, lenient);
    } else {
      query = type == null ? queries.parseAll(asked, lenient) : queries.parse(type, asked, lenient);
    }
    preferences.handledAsPreferred(request);
    Position from = links.position(query.path(), query.used(), given);
    Searches.Page page = resources.search(ReadOnlyProvider.access(request), query, from);
    String base = request.getFhirServerBase();
    BundleJson json = new BundleJson(
        "searchset",
        page.total(),
        links.of(base, query.path(), query.used(), from, page.previous(), page.next()));
    page.matches().forEach(version -> json.match(base, version));
    page.included().forEach(version -> json.included(base, version));
    AuditTrail trail = Trails.of(request);
    page.matches().forEach(trail::concerns);
    page.included().forEach(trail::concerns);
    json.outcome(context, query.findings());
    return json.bundle();
  }
}
