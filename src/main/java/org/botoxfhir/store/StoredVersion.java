package org.botoxfhir.store;

import java.time.Instant;
import org.botoxfhir.fhir.ResourceKey;
import org.jspecify.annotations.Nullable;

/**
 * One version of a resource as the store keeps it.
 *
 * @param version 1, 2, ...
 * @param lastUpdated when this version was written; millisecond precision, later than that of every older version
 * @param deleted whether this version is the deletion; its content is then empty
 * @param patient id of the Patient whose record it is part of, as of the current version; null when it is part of none, or nobody
 *     asked
 * @param content the JSON that is served, UTF-8, with id, {@code meta.versionId} and {@code meta.lastUpdated} in it; not copied,
 *     never to be changed
 */
@SuppressWarnings("ArrayRecordComponent") // served as it is; nobody compares versions by content
public record StoredVersion(
    ResourceKey key,
    long version,
    Instant lastUpdated,
    boolean deleted,
    @Nullable String patient,
    byte[] content) {
  /** The same as part of a patient's record, or of none. */
  public StoredVersion of(@Nullable String owner) {
    return new StoredVersion(key, version, lastUpdated, deleted, owner, content);
  }
}
