package org.botoxfhir.symptom;

import java.util.Set;
import org.hl7.fhir.r4.model.Coding;

/**
 * Codes of muscles that move the face. A site that is only coded as muscle of the head is not among them: it may be at the back of the
 * head, and weakness of a face that was not injected may be a stroke.
 */
final class FaceMuscles {
  /** Numbers of ISO/IEEE 11073-10101: frontalis and orbicularis oculi, each for side unknown, left and right. */
  private static final Set<String> NUMBERS =
      Set.of("459040", "459041", "459042", "459044", "459045", "459046");

  private static final String NUMBERS_SYSTEM = "urn:iso:std:iso:11073:10101";

  /** Procerus, frontalis, orbicularis oculi. */
  private static final Set<String> UBERON = Set.of(
      "UBERON_0008588",
      "UBERON_0010952",
      "UBERON_0001578",
      "UBERON:0008588",
      "UBERON:0010952",
      "UBERON:0001578");

  private static final Set<String> AREAS = Set.of("procerus", "corrugator");

  private FaceMuscles() {}

  static boolean include(Coding site) {
    return UBERON.contains(site.getCode())
        || (NUMBERS_SYSTEM.equals(site.getSystem()) && NUMBERS.contains(site.getCode()))
        || (LocalCodes.INJECTION_AREA.equals(site.getSystem()) && AREAS.contains(site.getCode()));
  }
}
