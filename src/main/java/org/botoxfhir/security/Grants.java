package org.botoxfhir.security;

import java.util.Collection;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a caller may do, as its token says.
 *
 * @param scopes as in the token, one by one
 * @param patient id of the patient that the app was launched for, or null
 */
public record Grants(Set<String> scopes, @Nullable String patient) {
  /** Everything: the service itself, and callers that are not authenticated here. */
  static final Grants ALL = new Grants(Set.of("system/*.cruds"), null);

  /** @param patient id of the launch context, or null */
  static Grants of(Collection<String> scopes, @Nullable String patient) {
    return new Grants(Set.copyOf(scopes), patient);
  }
}
