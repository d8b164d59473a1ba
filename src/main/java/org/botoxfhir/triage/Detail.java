package org.botoxfhir.triage;

import java.util.Locale;
import java.util.Optional;

/** What a patient may add to a symptom where a rule depends on it; the codes of the code system {@code symptom-detail}. */
public enum Detail {
  CHOKING,
  CANNOT_SWALLOW_LIQUIDS,
  CANNOT_SWALLOW_SALIVA,
  TROUBLE_BREATHING,
  FACE_OR_AIRWAY_SWELLING,
  FAINTNESS,
  SUDDEN_ONSET,
  ONE_SIDED,
  SPREADING,
  PAINFUL_NO_URINE_PASSED,
  WORST_EVER;

  /** The code, e.g. {@code sudden-onset}. */
  public String code() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The detail with this code. */
  public static Optional<Detail> of(String code) {
    for (Detail detail : values()) {
      if (detail.code().equals(code)) {
        return Optional.of(detail);
      }
    }
    return Optional.empty();
  }
}
