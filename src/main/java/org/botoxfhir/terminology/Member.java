package org.botoxfhir.terminology;

import java.util.List;
import org.hl7.fhir.r4.model.ValueSet.ConceptReferenceDesignationComponent;
import org.jspecify.annotations.Nullable;

/**
 * A code that a value set holds.
 *
 * @param version of its code system, where that is known
 * @param display as the value set has it, else the code system
 * @param isAbstract whether it only groups others and is no code for a record
 * @param inactive whether its code system has ended its use
 */
record Member(
    Coded coded,
    @Nullable String version,
    @Nullable String display,
    List<ConceptReferenceDesignationComponent> designations,
    boolean isAbstract,
    boolean inactive) {

  /** The display in a language: a designation in it, else the usual one. @param language BCP 47 tag, or null for the usual one */
  @Nullable
  String display(@Nullable String language) {
    return language == null
        ? display
        : designations.stream()
            .filter(one -> Languages.fits(language, one.getLanguage()))
            .map(ConceptReferenceDesignationComponent::getValue)
            .findFirst()
            .orElse(display);
  }
}
