package org.botoxfhir.resource;

import java.util.List;
import java.util.Optional;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.fhir.StoredJson;
import org.botoxfhir.search.SearchQueryParser;
import org.botoxfhir.search.Searches;
import org.botoxfhir.search.Sight;
import org.botoxfhir.store.CurrentRow;
import org.botoxfhir.store.ResourceTables;
import org.botoxfhir.store.StoredVersion;
import org.springframework.stereotype.Component;

/** Reads records over the connection of the running transaction, if one is; with the service's own right. */
@Component
final class StoredOnFile implements WriteDerivation.OnFile {
  private final ResourceTables tables;
  private final Searches searches;
  private final SearchQueryParser queries;

  StoredOnFile(ResourceTables tables, Searches searches, SearchQueryParser queries) {
    this.tables = tables;
    this.searches = searches;
    this.queries = queries;
  }

  @Override
  public Optional<WriteDerivation.StoredRecord> read(ResourceKey key) {
    return tables
        .current(key)
        .map(CurrentRow::version)
        .filter(version -> !version.deleted())
        .map(StoredOnFile::record);
  }

  private static WriteDerivation.StoredRecord record(StoredVersion version) {
    return new WriteDerivation.StoredRecord(version.key(), StoredJson.read(version.content()));
  }

  @Override
  public List<WriteDerivation.Found> search(List<WriteDerivation.Search> asked) {
    return searches
        .pages(
            asked.stream().map(one -> queries.parse(one.type(), one.query())).toList(),
            Sight.OF_ALL)
        .stream()
        .map(page -> new WriteDerivation.Found(
            page.matches().stream().map(StoredOnFile::record).toList(), page.next() != null))
        .toList();
  }
}
