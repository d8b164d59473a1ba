package org.botoxfhir.store;

import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import org.botoxfhir.fhir.ResourceKey;
import org.springframework.stereotype.Component;

/** Current versions for requests that want one each: those that come at the same time share a round trip. */
@Component
public class CurrentReads {
  private final ResourceTables tables;
  private final Coalescer<ResourceKey, Map<ResourceKey, CurrentRow>> together;

  CurrentReads(ResourceTables tables, FreshReads fresh) {
    this.tables = tables;
    this.together =
        new Coalescer<>(keys -> fresh.read(() -> tables.currentRows(new LinkedHashSet<>(keys))));
  }

  /**
   * The current version, be it a deletion; empty when there never was one. It sees every write that was answered before this was
   * called, and within a transaction what that has written.
   */
  public Optional<CurrentRow> read(ResourceKey key) {
    return FreshReads.isPartOfMore()
        ? tables.current(key)
        : Optional.ofNullable(together.ask(key).get(key));
  }
}
