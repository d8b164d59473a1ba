package org.botoxfhir.resource;

import org.botoxfhir.fhir.ResourceKey;
import org.hl7.fhir.r4.model.Resource;
import org.jspecify.annotations.Nullable;

/** One change that is asked for. Its resource is given away: whoever passes it on may set id and meta in it. */
public sealed interface Write {
  ResourceKey key();

  /** The content to store; null for a deletion. */
  default @Nullable Resource written() {
    return switch (this) {
      case Create create -> create.resource();
      case Update update -> update.resource();
      case Delete delete -> null;
    };
  }

  /**
   * A new resource. The key was drawn with {@link Resources#newKey}, so that others in the same transaction can refer to it.
   *
   * @param resource what to store; its id and {@code meta.versionId}, {@code meta.lastUpdated} are set by the store
   */
  record Create(ResourceKey key, Resource resource) implements Write {}

  /**
   * A new version, or the first one under an id that the client chose.
   *
   * @param expectedVersion version that must be the current one ({@code If-Match}), or null for any
   */
  record Update(
      ResourceKey key, Resource resource, @Nullable String expectedVersion) implements Write {}

  /** A deletion, which is a version too. */
  record Delete(ResourceKey key, @Nullable String expectedVersion) implements Write {}
}
