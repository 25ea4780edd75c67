package io.github.einkorn.examples;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.geom.AffineTransform;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** A confusion matrix as a table of shaded cells. */
final class Confusion {
  static final int CELL = 56;
  static final int TOP = 96;

  private Confusion() {}

  static Path write(Path file, String title, int[][] counts, List<String> classes) throws IOException {
    int n = counts.length;
    boolean square = n > 0 && Arrays.stream(counts).allMatch(row -> row.length == n);
    if (!square || classes.size() != n) {
      throw new IllegalArgumentException("a confusion matrix needs as many rows and columns as classes: got " + n
          + " rows for " + classes.size() + " classes");
    }
    int longest = classes.stream().mapToInt(String::length).max().orElse(1);
    int left = left(longest);
    int width = left + n * CELL + 40;
    boolean slanted = longest > 6;
    int bottom = slanted ? 40 + 6 * longest : 60;
    return Canvas.write(file, Math.max(width, 400), TOP + n * CELL + bottom + 20, g -> {
      Canvas.centre(g, Canvas.TITLE, title, Math.max(width, 400) / 2.0, 34);
      for (int r = 0; r < n; r++) row(g, counts[r], r, left);
      g.setColor(Color.BLACK);
      for (int i = 0; i < n; i++) names(g, classes.get(i), i, left, TOP + n * CELL, slanted);
      Canvas.centre(g, Canvas.LABEL, "predicted class", left + n * CELL / 2.0, TOP + n * CELL + bottom);
      AffineTransform upright = g.getTransform();
      g.rotate(-Math.PI / 2);
      Canvas.centre(g, Canvas.LABEL, "true class", -(TOP + n * CELL / 2.0), 28);
      g.setTransform(upright);
      g.setFont(Canvas.SMALL);
      g.drawString("counts; the darker, the greater the share of its row", left, TOP - 14);
    });
  }

  /** Where the cells begin, right of the names. */
  static int left(int longestName) {
    return 60 + 8 * longestName;
  }

  private static void row(Graphics2D g, int[] counts, int r, int left) {
    double total = Math.max(1, Arrays.stream(counts).sum());
    for (int c = 0; c < counts.length; c++) {
      double share = counts[c] / total;
      // a root, so that the few mistakes of a good model are seen too
      float dark = (float) Math.sqrt(share);
      g.setColor(new Color(1 - dark, 1 - 0.55f * dark, 1 - 0.3f * dark));
      g.fillRect(left + c * CELL, TOP + r * CELL, CELL, CELL);
      g.setColor(Color.LIGHT_GRAY);
      g.drawRect(left + c * CELL, TOP + r * CELL, CELL, CELL);
      g.setColor(dark > 0.6 ? Color.WHITE : Color.BLACK);
      Canvas.centre(g, Canvas.LABEL, Integer.toString(counts[c]), left + (c + 0.5) * CELL, TOP + (r + 0.5) * CELL + 5);
    }
  }

  private static void names(Graphics2D g, String name, int i, int left, int below, boolean slanted) {
    g.setFont(Canvas.LABEL);
    double width = g.getFontMetrics().getStringBounds(name, g).getWidth();
    g.drawString(name, (float) (left - 8 - width), (float) (TOP + (i + 0.5) * CELL + 5));
    if (!slanted) {
      Canvas.centre(g, Canvas.LABEL, name, left + (i + 0.5) * CELL, below + 20);
      return;
    }
    AffineTransform upright = g.getTransform();
    g.translate(left + (i + 0.5) * CELL + 5, below + 14);
    g.rotate(-Math.PI / 4);
    g.drawString(name, (float) -width, 0f);
    g.setTransform(upright);
  }
}
