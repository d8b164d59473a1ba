package org.botoxfhir.fhir;

import java.util.Optional;

/**
 * Type and logical id of a resource on this server, e.g. {@code Procedure/123}.
 *
 * @param type FHIR resource type
 * @param id logical id, as the R4 datatype {@code id} allows: 1 to 64 of {@code A-Z a-z 0-9 - .}
 */
public record ResourceKey(String type, String id) {
  private static final int MOST_CHARACTERS = 64;

  public ResourceKey {
    if (!isType(type) || !isId(id)) {
      throw new IllegalArgumentException("not the type and id of a resource");
    }
  }

  /** Whether R4 allows this text as a logical id. Asked for each row of a page, where a pattern took a sixth of reading it. */
  public static boolean isId(String text) {
    int length = text.length();
    if (length == 0 || length > MOST_CHARACTERS) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (!isLetter(c) && (c < '0' || c > '9') && c != '-' && c != '.') {
        return false;
      }
    }
    return true;
  }

  /** Whether a resource type could have this name. */
  private static boolean isType(String text) {
    int length = text.length();
    if (length < 2 || length > MOST_CHARACTERS || text.charAt(0) > 'Z') {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if (!isLetter(text.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  private static boolean isLetter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }

  /** The key in a relative reference such as {@code Patient/1} or {@code Patient/1/_history/2}; empty for any other text. */
  public static Optional<ResourceKey> ofReference(String reference) {
    String[] parts = reference.split("/", -1);
    boolean plain = parts.length == 2 || (parts.length == 4 && parts[2].equals("_history"));
    return plain && isType(parts[0]) && isId(parts[1])
        ? Optional.of(new ResourceKey(parts[0], parts[1]))
        : Optional.empty();
  }

  /** {@code type/id}, the relative reference. */
  @Override
  public String toString() {
    return type + "/" + id;
  }
}
