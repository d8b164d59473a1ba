package org.botoxfhir.search;

import java.math.BigDecimal;
import java.util.List;
import org.botoxfhir.search.SearchQuery.Circle;
import org.botoxfhir.search.SearchQuery.Criterion;

/** The condition that a place lies in one of several circles on the globe; bounded by degrees first, which an index can use. */
final class NearSql {
  /** Mean radius of the earth in metres. */
  private static final double RADIUS = 6_371_008.8;

  private NearSql() {}

  /**
   * @param rid internal key of the candidate, in SQL
   * @param alias of the two rows, each behind a letter
   */
  static void append(
      StringBuilder sql, List<Object> parameters, String rid, String alias, Criterion.Near near) {
    String latitude = alias + "y";
    String longitude = alias + "x";
    sql.append(
        ("exists (select from number_index %1$s join number_index %2$s on %2$s.rid = %1$s.rid"
                + " where %1$s.rid = %3$s and %1$s.param = ?::smallint and %2$s.param = ?::smallint and (")
            .formatted(latitude, longitude, rid));
    parameters.add(near.latitude());
    parameters.add(near.longitude());
    boolean first = true;
    for (Circle circle : near.circles()) {
      sql.append(first ? "" : " or ");
      first = false;
      double height = Math.toDegrees(circle.metres() / RADIUS);
      double width = width(circle, height);
      sql.append(
          "(%1$s.low between ? and ? and %2$s.low between ? and ?".formatted(latitude, longitude));
      parameters.add(BigDecimal.valueOf(circle.latitude() - height));
      parameters.add(BigDecimal.valueOf(circle.latitude() + height));
      parameters.add(BigDecimal.valueOf(width < 180 ? circle.longitude() - width : -180));
      parameters.add(BigDecimal.valueOf(width < 180 ? circle.longitude() + width : 180));
      // The haversine formula, which is exact for near places.
      sql.append(
          (" and %3$s * asin(least(1, sqrt(power(sin(radians(%1$s.low::float8 - ?::float8) / 2), 2)"
                  + " + cos(radians(?::float8)) * cos(radians(%1$s.low::float8))"
                  + " * power(sin(radians(%2$s.low::float8 - ?::float8) / 2), 2)))) <= ?::float8)")
              .formatted(latitude, longitude, 2 * RADIUS));
      parameters.add(BigDecimal.valueOf(circle.latitude()));
      parameters.add(BigDecimal.valueOf(circle.latitude()));
      parameters.add(BigDecimal.valueOf(circle.longitude()));
      parameters.add(BigDecimal.valueOf(circle.metres()));
    }
    sql.append("))");
  }

  /** Degrees of longitude to either side; 180 where the circle holds a pole or crosses the date line. */
  private static double width(Circle circle, double height) {
    if (Math.abs(circle.latitude()) + height >= 90) {
      return 180;
    }
    double width = Math.toDegrees(Math.asin(
        Math.sin(circle.metres() / RADIUS) / Math.cos(Math.toRadians(circle.latitude()))));
    return Math.abs(circle.longitude()) + width > 180 ? 180 : width;
  }
}
