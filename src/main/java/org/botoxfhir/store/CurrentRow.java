package org.botoxfhir.store;

/**
 * The current version with its internal key.
 *
 * @param derived whether the service wrote the version itself, out of another record
 * @param erased whether a record was erased here: while the version is a deletion, nothing but it is left
 * @param guarded whether a Consent of the patient whose record it is part of denies anything to anybody; says nothing of a deletion
 */
public record CurrentRow(
    long rid, StoredVersion version, boolean derived, boolean erased, boolean guarded) {}
