package org.botoxfhir.store;

import java.time.Instant;
import org.botoxfhir.fhir.ResourceKey;

/**
 * One version of a resource as the store keeps it.
 *
 * @param version 1, 2, ...
 * @param lastUpdated when this version was written; millisecond precision, later than that of every older version
 * @param deleted whether this version is the deletion; its content is then empty
 * @param content the JSON that is served, UTF-8, with id, {@code meta.versionId} and {@code meta.lastUpdated} in it; not copied,
 *     never to be changed
 */
@SuppressWarnings("ArrayRecordComponent") // served as it is; nobody compares versions by content
public record StoredVersion(
    ResourceKey key, long version, Instant lastUpdated, boolean deleted, byte[] content) {}
