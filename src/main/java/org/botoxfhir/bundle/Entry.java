package org.botoxfhir.bundle;

import org.botoxfhir.fhir.ResourceKey;
import org.hl7.fhir.r4.model.Resource;
import org.jspecify.annotations.Nullable;

/** What one entry of a transaction asks for. */
sealed interface Entry {
  /** Position in the bundle, from 0. */
  int index();

  /** Absolute URL that other entries call it by, or null. */
  @Nullable
  String fullUrl();

  /**
   * @param ifNoneExist {@code Type?parameters} under which the resource may exist already, or null
   * @param identity the same, implied by what the resource is, or null
   */
  record Create(
      int index,
      @Nullable String fullUrl,
      Resource resource,
      @Nullable String ifNoneExist,
      @Nullable String identity)
      implements Entry {}

  /** @param ifMatch version that must be the current one, or null for any */
  record Update(
      int index,
      @Nullable String fullUrl,
      ResourceKey key,
      Resource resource,
      @Nullable String ifMatch)
      implements Entry {}

  /** @param ifMatch version that must be the current one, or null for any */
  record Delete(
      int index,
      @Nullable String fullUrl,
      ResourceKey key,
      @Nullable String ifMatch) implements Entry {}

  /** Type of the resource. */
  default String type() {
    return switch (this) {
      case Create create -> create.resource().fhirType();
      case Update update -> update.key().type();
      case Delete delete -> delete.key().type();
    };
  }

  /** FHIRPath of this entry in the request. */
  default String path() {
    return path(index());
  }

  static String path(int index) {
    return "Bundle.entry[" + index + "]";
  }
}
