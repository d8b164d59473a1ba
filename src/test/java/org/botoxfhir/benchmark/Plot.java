package org.botoxfhir.benchmark;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A line through points, or bars, as SVG. */
final class Plot {
  private static final int WIDTH = 720;
  private static final int HEIGHT = 300;
  private static final int LEFT = 70;
  private static final int BOTTOM = 40;
  private static final int TOP = 30;
  private static final int BAR = 20;
  private static final int BARS_LEFT = 200;

  private Plot() {}

  record Point(double x, double y) {}

  /** Share of the events (percent) that arrived within a time (milliseconds, logarithmic). */
  static String distribution(String title, Latencies latencies) {
    List<Point> points = java.util.stream.DoubleStream.iterate(0.5, p -> p <= 100, p -> p + 0.5)
        .mapToObj(
            percent -> new Point(Math.log10(Math.max(0.1, latencies.percentile(percent))), percent))
        .toList();
    double from = Math.floor(points.getFirst().x());
    double to = Math.max(from + 1, Math.ceil(points.getLast().x()));
    var svg = start(title);
    for (double decade = from; decade <= to; decade++) {
      tick(svg, x(decade, from, to), label(Math.pow(10, decade)) + " ms");
    }
    for (int percent : new int[] {0, 50, 90, 100}) {
      line(svg, y(percent, 0, 100), percent + " %");
    }
    return end(svg, points, from, to, 0, 100);
  }

  /** A quantity over time (seconds). */
  static String overTime(String title, List<Point> points) {
    double seconds = Math.max(1, points.getLast().x());
    double highest = Math.max(1, points.stream().mapToDouble(Point::y).max().orElse(1));
    var svg = start(title);
    for (int i = 0; i <= 4; i++) {
      tick(svg, x(i / 4.0, 0, 1), label(seconds * i / 4) + " s");
      line(svg, y(i / 4.0, 0, 1), label(highest * i / 4));
    }
    return end(svg, points, 0, seconds, 0, highest);
  }

  /** A bar for each value, by its name. */
  static String bars(String title, Map<String, Double> values) {
    int height = TOP + values.size() * BAR + 10;
    double highest = Math.max(
        1, values.values().stream().mapToDouble(Double::doubleValue).max().orElse(1));
    var svg = start(title, height);
    int y = TOP;
    for (var bar : values.entrySet()) {
      double width = bar.getValue() / highest * (WIDTH - BARS_LEFT - LEFT);
      svg.append(String.format(
          Locale.ROOT,
          "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text><rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"#06c\"/><text x=\"%.1f\" y=\"%d\">%s</text>%n",
          BARS_LEFT - 6,
          y + 13,
          bar.getKey(),
          BARS_LEFT,
          y,
          width,
          BAR - 4,
          BARS_LEFT + width + 4,
          y + 13,
          label(bar.getValue())));
      y += BAR;
    }
    return svg.append("</svg>\n").toString();
  }

  private static StringBuilder start(String title) {
    return start(title, HEIGHT);
  }

  private static StringBuilder start(String title, int height) {
    return new StringBuilder("""
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12">
        <rect width="100%%" height="100%%" fill="white"/>
        <text x="%d" y="18" font-weight="bold">%s</text>
        """.formatted(WIDTH, height, LEFT, title));
  }

  private static void tick(StringBuilder svg, double x, String label) {
    svg.append(String.format(
        Locale.ROOT,
        "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\" stroke=\"#ddd\"/><text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>%n",
        x,
        x,
        TOP,
        HEIGHT - BOTTOM,
        x,
        HEIGHT - BOTTOM + 18,
        label));
  }

  private static void line(StringBuilder svg, double y, String label) {
    svg.append(String.format(
        Locale.ROOT,
        "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#ddd\"/><text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>%n",
        LEFT,
        WIDTH - 10,
        y,
        y,
        LEFT - 6,
        y + 4,
        label));
  }

  private static String end(
      StringBuilder svg, List<Point> points, double x0, double x1, double y0, double y1) {
    svg.append("<polyline fill=\"none\" stroke=\"#06c\" stroke-width=\"1.5\" points=\"");
    points.forEach(point -> svg.append(
        String.format(Locale.ROOT, "%.1f,%.1f ", x(point.x(), x0, x1), y(point.y(), y0, y1))));
    return svg.append("\"/>\n</svg>\n").toString();
  }

  private static double x(double value, double from, double to) {
    return LEFT + (value - from) / (to - from) * (WIDTH - 10 - LEFT);
  }

  private static double y(double value, double from, double to) {
    return HEIGHT - BOTTOM - (value - from) / (to - from) * (HEIGHT - BOTTOM - TOP);
  }

  private static String label(double value) {
    return value >= 10 || value == Math.rint(value)
        ? String.format(Locale.ROOT, "%,.0f", value)
        : String.format(Locale.ROOT, "%.1f", value);
  }
}
