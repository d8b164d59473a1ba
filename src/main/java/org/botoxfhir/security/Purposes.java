package org.botoxfhir.security;

import java.util.Set;

/**
 * Why a caller asks.
 *
 * @param stated by the token and the request; empty when neither says
 * @param mayBreakTheGlass whether the token has the scope by which a request may say so
 */
public record Purposes(Set<PurposeOfUse> stated, boolean mayBreakTheGlass) {
  /** Nothing is said. */
  public static final Purposes NONE = new Purposes(Set.of(), false);

  public Purposes {
    stated = Set.copyOf(stated);
  }
}
