package io.github.einkorn.nn;

import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** A picture of a {@link Model} as SVG: a box for each call, placed by {@link Layered}, and an arrow for each value. */
final class Drawing {
  private static final double CHAR = 6.7, LINE = 16, MARGIN = 12, BOX = 3 * LINE + 10, GAP = 26, ROW = BOX + 44;
  private static final int LONGEST = 44;

  private final Wiring wiring;
  private final Map<Call, Layered.Vertex> places = new IdentityHashMap<>();
  private final Layered layout = new Layered(GAP);

  Drawing(Wiring wiring) {
    this.wiring = wiring;
    for (Call c : wiring.calls) {
      int longest = lines(c).stream().mapToInt(String::length).max().orElse(0);
      List<Layered.Vertex> sources = c.inputs.stream().map(n -> places.get(n.from)).distinct().toList();
      places.put(c, layout.add(longest * CHAR + 2 * MARGIN, sources));
    }
    layout.place();
  }

  private List<String> lines(Call c) {
    String details = c.layer == null ? "" : c.layer.details();
    String what = details.isEmpty() ? c.type : c.type + "(" + details + ")";
    if (what.length() > LONGEST) what = what.substring(0, LONGEST - 1) + "…";
    return List.of(wiring.name(c), what, c.outputs().stream().map(Node::batchShape).collect(Collectors.joining(", ")));
  }

  String svg() {
    double width = layout.width() + 2 * MARGIN, height = layout.rows() * ROW - (ROW - BOX) + 2 * MARGIN;
    var s = new StringBuilder(format("""
        <svg xmlns="http://www.w3.org/2000/svg" width="%1$.0f" height="%2$.0f" viewBox="0 0 %1$.0f %2$.0f" \
        font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="11" text-anchor="middle">
        <defs><marker id="tip" markerWidth="8" markerHeight="8" refX="7" refY="4" orient="auto">\
        <path d="M0 0 L8 4 L0 8 z" fill="#555"/></marker></defs>
        <rect width="100%%" height="100%%" fill="white"/>
        """, width, height));
    for (List<Layered.Vertex> way : layout.ways()) arrow(s, way);
    for (Call c : wiring.calls) box(s, c, places.get(c));
    return s.append("</svg>\n").toString();
  }

  private void box(StringBuilder s, Call c, Layered.Vertex v) {
    boolean out = c.outputs().stream().anyMatch(wiring.outputs::contains);
    String fill = c.isInput() ? "#dcebf9" : out ? "#fbe3d0" : c.layer == null ? "#eeeeee" : "#e3f2dd";
    double x = v.x + MARGIN, y = top(v);
    String rect = "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"6\" fill=\"%s\" stroke=\"#555\"/>\n";
    s.append(format(rect, x - v.width / 2, y, v.width, BOX, fill));
    String weight = " font-weight=\"bold\"";
    for (String line : lines(c)) {
      y += LINE;
      s.append(format("<text x=\"%.1f\" y=\"%.1f\"%s>%s</text>\n", x, y + 2, weight, escaped(line)));
      weight = "";
    }
  }

  private static double top(Layered.Vertex v) {
    return v.row * ROW + MARGIN;
  }

  /** From the lower edge of the first box to the upper edge of the last, straight down past the rows between. */
  private static void arrow(StringBuilder s, List<Layered.Vertex> way) {
    double x = way.get(0).x + MARGIN, y = top(way.get(0)) + BOX;
    var d = new StringBuilder(format("M%.1f %.1f", x, y));
    for (Layered.Vertex v : way.subList(1, way.size())) {
      double toX = v.x + MARGIN, toY = top(v), middle = (y + toY) / 2;
      d.append(format(" C%.1f %.1f %.1f %.1f %.1f %.1f", x, middle, toX, middle, toX, toY));
      x = toX;
      y = toY;
      if (v != way.get(way.size() - 1)) d.append(format(" V%.1f", y += BOX));
    }
    s.append("<path d=\"").append(d).append("\" fill=\"none\" stroke=\"#555\" marker-end=\"url(#tip)\"/>\n");
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  private static String format(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values);
  }
}
