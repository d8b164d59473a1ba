package org.botoxfhir.store;

import java.util.Collection;
import java.util.stream.Stream;
import org.botoxfhir.fhir.ResourceKey;

/** Keys of resources as parameters of a statement: an array of ids, and one of their types. */
final class Keys {
  /** That a row of the table of resources is one of them. */
  static final String AMONG_THEM = "(id, type) in (select * from unnest(?::text[], ?::text[]))";

  private Keys() {}

  /** @param more parameters behind them */
  static Object[] parameters(Collection<ResourceKey> keys, Object... more) {
    return Stream.concat(
            Stream.of(
                keys.stream().map(ResourceKey::id).toArray(String[]::new),
                keys.stream().map(ResourceKey::type).toArray(String[]::new)),
            Stream.of(more))
        .toArray();
  }
}
