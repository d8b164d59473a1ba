package org.botoxfhir.symptom;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.hl7.fhir.r4.model.CodeableConcept;
import org.hl7.fhir.r4.model.Coding;
import org.jspecify.annotations.Nullable;

/**
 * What is known of the toxin product that a record names. Units of products that are equal by name add up: two vial sizes have two codes.
 * Codes of a substance do not tell products apart and are not here.
 *
 * @param name under which equal products are equal: of the code system {@code toxin-product} where one of its codings is known here, else its
 *     first code, or its text. A record that names several products has a name of its own, so that its units add to those of none
 * @param coding the one that names the product, else the first, or null when there is none
 */
record ToxinProduct(String name, @Nullable Coding coding) {
  private static final String ONABOTULINUMTOXIN_A = "onabotulinumtoxinA";
  private static final String ABOBOTULINUMTOXIN_A = "abobotulinumtoxinA";
  private static final String RIMABOTULINUMTOXIN_B = "rimabotulinumtoxinB";

  /** National drug codes, billing codes and RxNorm; none of these codes has another meaning in any of the three. */
  private static final Map<String, String> BY_CODE = Map.of(
      "0023-1145-01", ONABOTULINUMTOXIN_A,
      "0023-3921-02", ONABOTULINUMTOXIN_A,
      "J0585", ONABOTULINUMTOXIN_A,
      "1789958", ABOBOTULINUMTOXIN_A,
      "J0586", ABOBOTULINUMTOXIN_A,
      "860182", RIMABOTULINUMTOXIN_B,
      "J0587", RIMABOTULINUMTOXIN_B,
      "J0588", "incobotulinumtoxinA",
      "J0589", "daxibotulinumtoxinA-lanm");

  static ToxinProduct of(CodeableConcept product) {
    List<Coding> known =
        product.getCoding().stream().filter(coding -> knownAs(coding) != null).toList();
    if (!known.isEmpty()) {
      String names = known.stream()
          .map(ToxinProduct::knownAs)
          .distinct()
          .sorted()
          .collect(Collectors.joining(" and "));
      return new ToxinProduct(names, known.getFirst());
    }
    if (product.hasCoding()) {
      Coding first = product.getCodingFirstRep();
      return new ToxinProduct(first.getSystem() + "|" + first.getCode(), first);
    }
    return new ToxinProduct("text " + product.getText(), null);
  }

  private static @Nullable String knownAs(Coding coding) {
    if (!coding.hasCode()) {
      return null;
    }
    return LocalCodes.TOXIN_PRODUCT.equals(coding.getSystem())
        ? coding.getCode()
        : BY_CODE.get(coding.getCode());
  }
}
