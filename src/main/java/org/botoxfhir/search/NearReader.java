package org.botoxfhir.search;

import static org.botoxfhir.search.ValueReader.unreadable;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.botoxfhir.search.SearchQuery.Circle;
import org.botoxfhir.search.SearchQuery.Criterion;

/** Reads {@code near} of a Location: {@code latitude|longitude|distance|units} (R4 location.html#search). */
final class NearReader {
  /** Where the value gives no distance; R4 leaves it to the server. */
  private static final BigDecimal DISTANCE = BigDecimal.valueOf(50);

  /** Metres, by UCUM code. */
  private static final Map<String, BigDecimal> UNITS = Map.of(
      "km",
      BigDecimal.valueOf(1000),
      "m",
      BigDecimal.ONE,
      "[mi_i]",
      new BigDecimal("1609.344"),
      "[mi_us]",
      new BigDecimal("1609.347219"),
      "[nmi_i]",
      BigDecimal.valueOf(1852));

  private NearReader() {}

  static Criterion read(Parameter parameter, String value) {
    List<Circle> circles = new ArrayList<>();
    for (String one : ValueReader.alternatives(value)) {
      circles.add(circle(one)
          .orElseThrow(() -> unreadable(
              "'%s' of '%s' is not [latitude]|[longitude], |[distance] and |[units] behind it if needed; latitudes go"
                  + " from -90 to 90, longitudes from -180 to 180, units are km, m, [mi_i], [mi_us] or [nmi_i]",
              one, parameter.code())));
    }
    return new Criterion.Near(
        parameter.number(),
        Objects.requireNonNull(parameter.variants().get(Parameter.LONGITUDE)),
        circles);
  }

  private static Optional<Circle> circle(String value) {
    List<String> parts =
        SearchValues.split(value, '|').stream().map(SearchValues::unescape).toList();
    if (parts.size() < 2 || parts.size() > 4) {
      return Optional.empty();
    }
    Optional<BigDecimal> latitude = ValueReader.decimal(parts.getFirst());
    Optional<BigDecimal> longitude = ValueReader.decimal(parts.get(1));
    boolean anyDistance = parts.size() < 3 || parts.get(2).isEmpty();
    Optional<BigDecimal> distance =
        anyDistance ? Optional.of(DISTANCE) : ValueReader.decimal(parts.get(2));
    // Without a distance, its units say nothing (R4).
    String unit = anyDistance || parts.size() < 4 || parts.get(3).isEmpty() ? "km" : parts.get(3);
    BigDecimal metres = UNITS.get(unit);
    boolean valid = latitude.filter(one -> within(one, 90)).isPresent()
        && longitude.filter(one -> within(one, 180)).isPresent()
        && distance.filter(one -> one.signum() >= 0).isPresent()
        && metres != null;
    return valid
        ? Optional.of(new Circle(
            latitude.get().doubleValue(),
            longitude.get().doubleValue(),
            distance.get().multiply(metres).doubleValue()))
        : Optional.empty();
  }

  /** Whether it is an angle between its bounds, both included. */
  static boolean within(BigDecimal degrees, int bound) {
    return degrees.abs().compareTo(BigDecimal.valueOf(bound)) <= 0;
  }
}
