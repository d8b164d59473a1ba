package org.botoxfhir.store;

/**
 * The current version with its internal key.
 *
 * @param derived whether the service wrote the version itself, out of another record
 * @param erased whether a record was erased here: while the version is a deletion, nothing but it is left
 */
public record CurrentRow(long rid, StoredVersion version, boolean derived, boolean erased) {}
