package org.botoxfhir.store;

import org.botoxfhir.fhir.ResourceKey;

/**
 * A resource that a write refers to.
 *
 * @param required whether the write must not happen while this is not on file
 */
public record ReferencedKey(ResourceKey key, boolean required) {}
