package org.botoxfhir.resource;

import org.botoxfhir.fhir.ResourceKey;
import org.hl7.fhir.r4.model.Resource;
import org.jspecify.annotations.Nullable;

/**
 * What a version changes.
 *
 * @param version number of the version that the change makes, deletions included
 * @param before the version that it replaces; null when there was none, or a deletion
 * @param after what is stored then; null when the version is a deletion
 */
public record Change(
    ResourceKey key,
    long version,
    @Nullable Resource before,
    @Nullable Resource after) {}
