package org.botoxfhir.store;

import org.jspecify.annotations.Nullable;

/**
 * A version and the one that it replaced.
 *
 * @param rid internal key of the resource
 * @param before null for the first version
 */
public record Succession(
    long rid, StoredVersion version, @Nullable StoredVersion before) {}
