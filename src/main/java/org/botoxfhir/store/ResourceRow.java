package org.botoxfhir.store;

import java.time.Instant;
import org.botoxfhir.fhir.ResourceKey;

/**
 * A version to be written.
 *
 * @param rid internal key: from {@link ResourceTables#newRid} for a new resource, else that of the current version
 * @param replaces version that must be current when this one is written; 0 when the resource is new
 * @param derived whether the service writes the version itself, out of another record
 * @param content the JSON that will be served; empty for a deletion
 */
public record ResourceRow(
    long rid,
    ResourceKey key,
    long replaces,
    long version,
    Instant lastUpdated,
    boolean deleted,
    boolean derived,
    String content,
    IndexRows index) {}
