package org.botoxfhir.terminology;

import java.util.List;
import org.hl7.fhir.r4.model.Coding;
import org.jspecify.annotations.Nullable;

/**
 * What a {@code $validate-code} checks: one of the codings has to be right.
 *
 * @param codings each with a code, and a system where the code system is not said otherwise
 * @param allowsAbstract whether a code that only groups others is right
 * @param displayLanguage BCP 47 tag of the display to answer
 */
public record Checked(
    List<Coding> codings, boolean allowsAbstract, @Nullable String displayLanguage) {
  public Checked {
    codings = List.copyOf(codings);
    if (codings.isEmpty()) {
      throw new IllegalArgumentException("no coding to check");
    }
  }
}
