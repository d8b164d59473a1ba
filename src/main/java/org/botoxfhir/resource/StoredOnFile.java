package org.botoxfhir.resource;

import java.util.List;
import java.util.Optional;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.search.SearchQueryParser;
import org.botoxfhir.search.Searches;
import org.botoxfhir.store.CurrentRow;
import org.botoxfhir.store.ResourceTables;
import org.hl7.fhir.r4.model.Resource;
import org.springframework.stereotype.Component;

/** Reads parsed resources over the connection of the running transaction, if one is. */
@Component
final class StoredOnFile implements WriteDerivation.OnFile {
  private final ResourceTables tables;
  private final Searches searches;
  private final SearchQueryParser queries;
  private final Json json;

  StoredOnFile(ResourceTables tables, Searches searches, SearchQueryParser queries, Json json) {
    this.tables = tables;
    this.searches = searches;
    this.queries = queries;
    this.json = json;
  }

  @Override
  public Optional<Resource> read(ResourceKey key) {
    return tables.current(key).map(CurrentRow::version).flatMap(json::resource);
  }

  @Override
  public List<WriteDerivation.Found> search(List<WriteDerivation.Search> asked) {
    return searches
        .pages(asked.stream().map(one -> queries.parse(one.type(), one.query())).toList())
        .stream()
        .map(page -> new WriteDerivation.Found(
            page.matches().stream().map(json::parse).toList(), page.next() != null))
        .toList();
  }
}
