package org.botoxfhir.terminology;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code CodeSystem/$lookup}.
 *
 * @param version null for the one that was written last
 * @param properties what is wanted beside name and display; empty for all there is
 * @param displayLanguage BCP 47 tag
 */
public record LookupRequest(
    Coded coded,
    @Nullable String version,
    Set<String> properties,
    @Nullable String displayLanguage) {
  public LookupRequest {
    properties = Set.copyOf(properties);
  }
}
