package org.botoxfhir.store;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one version of a resource is found by, and what it hides.
 *
 * @param timeline the date that the type is read by; null when the resource has none
 * @param patient id of the Patient whose record it is, or null
 * @param denials of a Consent, what it denies
 */
public record IndexRows(
    @Nullable Instant timeline,
    @Nullable String patient,
    List<Token> tokens,
    List<DateRange> dates,
    List<Text> strings,
    List<NumberRange> numbers,
    List<Denial> denials) {

  /** A resource that nothing finds, such as a deleted one. */
  public static final IndexRows NONE =
      new IndexRows(null, null, List.of(), List.of(), List.of(), List.of(), List.of());

  /**
   * @param param number of the search parameter, see {@link ParameterTable}
   * @param value code, {@code system|} (any code of the system), reference or URI
   * @param system code system, or null
   * @param occurrence repetition of the element that a composite parameter looks at, from 1; 0 outside composites
   */
  public record Token(short param, String value, @Nullable String system, short occurrence) {}

  /** Both ends belong to the range. */
  public record DateRange(short param, Instant low, Instant high, short occurrence) {}

  /**
   * @param value folded for comparison
   * @param exact as it stands in the resource
   */
  public record Text(short param, String value, String exact, short occurrence) {}

  /** Both ends belong to the range; unit system and code as UCUM or as the record gives them. */
  public record NumberRange(
      short param,
      @Nullable String system,
      @Nullable String code,
      BigDecimal low,
      BigDecimal high,
      short occurrence) {}
}
