package org.botoxfhir.symptom;

import java.util.Map;
import org.hl7.fhir.r4.model.CodeableConcept;
import org.hl7.fhir.r4.model.Coding;

/**
 * Which codes mean the same toxin product, whose units then add up: two vial sizes have two codes. Codes of a substance do not tell
 * products apart and are not here.
 */
final class ToxinProduct {
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

  private ToxinProduct() {}

  /** A name under which equal products are equal; by its first code, or by its text, when the product is not known here. */
  static String nameOf(CodeableConcept product) {
    for (Coding coding : product.getCoding()) {
      String known = coding.hasCode() ? BY_CODE.get(coding.getCode()) : null;
      if (known != null) {
        return known;
      }
    }
    return product.hasCoding()
        ? product.getCodingFirstRep().getSystem() + "|"
            + product.getCodingFirstRep().getCode()
        : "text " + product.getText();
  }
}
