package org.botoxfhir.store;

/**
 * The current version with its internal key.
 *
 * @param derived whether the service wrote the version itself, out of another record
 */
public record CurrentRow(long rid, StoredVersion version, boolean derived) {}
