package org.botoxfhir.store;

import java.util.Set;
import org.botoxfhir.fhir.ResourceKey;

/**
 * What the database said to a write.
 *
 * @param written false when a version to be replaced was not current any more, or a required resource is not on file; nothing is
 *     written then
 * @param conflict whether a version to be replaced was not current any more
 * @param missing referenced resources that are not on file
 */
public record WriteOutcome(boolean written, boolean conflict, Set<ResourceKey> missing) {}
