package org.botoxfhir.store;

/** The current version with its internal key. */
public record CurrentRow(long rid, StoredVersion version) {}
