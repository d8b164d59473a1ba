package org.botoxfhir.bundle;

import java.util.regex.Pattern;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.patch.Patch;
import org.hl7.fhir.r4.model.Resource;
import org.jspecify.annotations.Nullable;

/** What one entry of a transaction or batch asks for. */
sealed interface Entry {
  /** Position in the bundle, from 0. */
  int index();

  /** Absolute URL that other entries call it by, or null. */
  @Nullable
  String fullUrl();

  /** Which resource an entry is about. */
  sealed interface Target {
    /** {@code Type?parameters}. */
    Pattern CRITERIA = Pattern.compile("[A-Z][A-Za-z]{1,63}\\?.+");

    /** Type of the resource. */
    String type();

    /** Whether a text says which resource is meant by search criteria. */
    static boolean isCriteria(String text) {
      return CRITERIA.matcher(text).matches();
    }

    /** The resource under this key. */
    record One(ResourceKey key) implements Target {
      @Override
      public String type() {
        return key.type();
      }
    }

    /** The resource that criteria match. @param text {@code Type?parameters} */
    record Matching(String text) implements Target {
      @Override
      public String type() {
        return text.substring(0, text.indexOf('?'));
      }

      /** What stands behind the question mark. */
      String parameters() {
        return text.substring(text.indexOf('?') + 1);
      }
    }
  }

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

  /**
   * @param ifMatch version that must be the current one, or null for any
   * @param first whether there must be no resource under the key yet ({@code If-None-Match: *})
   */
  record Update(
      int index,
      @Nullable String fullUrl,
      Target target,
      Resource resource,
      @Nullable String ifMatch,
      boolean first)
      implements Entry {}

  /**
   * @param body the resource that holds the patch; links in a FHIRPath Patch are links of the entry
   * @param ifMatch version that must be the current one, or null for any
   */
  record Change(
      int index,
      @Nullable String fullUrl,
      Target target,
      Patch patch,
      Resource body,
      @Nullable String ifMatch)
      implements Entry {}

  /** @param ifMatch version that must be the current one, or null for any */
  record Delete(
      int index,
      @Nullable String fullUrl,
      Target target,
      @Nullable String ifMatch) implements Entry {}

  /** GET, HEAD, a search or an operation by POST. */
  record Read(int index, @Nullable String fullUrl, Reads.Request request) implements Entry {}

  /** Type of the resource that is written; null for a read. */
  default @Nullable String writtenType() {
    return switch (this) {
      case Create create -> create.resource().fhirType();
      case Update update -> update.target().type();
      case Change change -> change.target().type();
      case Delete delete -> delete.target().type();
      case Read ignored -> null;
    };
  }

  /** The resource in the entry; null when it has none. */
  default @Nullable Resource sent() {
    return switch (this) {
      case Create create -> create.resource();
      case Update update -> update.resource();
      case Change change -> change.body();
      case Delete ignored -> null;
      case Read ignored -> null;
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
