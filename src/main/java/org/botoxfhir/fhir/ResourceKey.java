package org.botoxfhir.fhir;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Type and logical id of a resource on this server, e.g. {@code Procedure/123}.
 *
 * @param type FHIR resource type
 * @param id logical id, as the R4 datatype {@code id} allows: 1 to 64 of {@code A-Z a-z 0-9 - .}
 */
public record ResourceKey(String type, String id) {
  private static final Pattern TYPE = Pattern.compile("[A-Z][A-Za-z]{1,63}");
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9.\\-]{1,64}");

  public ResourceKey {
    if (!TYPE.matcher(type).matches() || !ID.matcher(id).matches()) {
      throw new IllegalArgumentException("not the type and id of a resource");
    }
  }

  /** Whether R4 allows this text as a logical id. */
  public static boolean isId(String text) {
    return ID.matcher(text).matches();
  }

  /** The key in a relative reference such as {@code Patient/1} or {@code Patient/1/_history/2}; empty for any other text. */
  public static Optional<ResourceKey> ofReference(String reference) {
    String[] parts = reference.split("/", -1);
    boolean plain = parts.length == 2 || (parts.length == 4 && parts[2].equals("_history"));
    return plain && TYPE.matcher(parts[0]).matches() && isId(parts[1])
        ? Optional.of(new ResourceKey(parts[0], parts[1]))
        : Optional.empty();
  }

  /** {@code type/id}, the relative reference. */
  @Override
  public String toString() {
    return type + "/" + id;
  }
}
