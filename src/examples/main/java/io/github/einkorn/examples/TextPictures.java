package io.github.einkorn.examples;

import io.github.einkorn.Scope;
import io.github.einkorn.data.Dataset;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Images and tables as plain text. */
final class TextPictures {
  private static final String SHADES = " .:-=+*#%@";

  private TextPictures() {}

  /** What a model said of an image: which one, its label, the class said, and with which probability. */
  record Guess(int index, int label, int said, float probability) {}

  /** Grey images in [0, 1] of shape (1, H, W) side by side, with what was said of them below. */
  static String draw(Dataset images, List<Guess> guesses, List<String> classes) {
    List<List<String>> columns = new ArrayList<>();
    for (Guess g : guesses) {
      try (var scope = new Scope()) {
        var x = images.get(g.index()).x();
        int width = x.dim(2);
        List<String> lines = shade(x.toFloats(), x.dim(1), width);
        String said = "%s (%.0f %%)".formatted(classes.get(g.said()), 100 * g.probability());
        if (g.said() != g.label()) said += ", is " + classes.get(g.label());
        lines.add(("%-" + width + "s").formatted(said));
        columns.add(lines);
      }
    }
    StringBuilder s = new StringBuilder();
    int rows = columns.stream().mapToInt(List::size).max().orElse(0);
    for (int r = 0; r < rows; r++) {
      int row = r;
      s.append(columns.stream().map(c -> c.get(row)).collect(Collectors.joining("   ")).stripTrailing()).append('\n');
    }
    return s.toString();
  }

  /** A character for two pixels above each other: letters are twice as high as they are wide. */
  private static List<String> shade(float[] x, int height, int width) {
    List<String> lines = new ArrayList<>();
    for (int r = 0; r + 1 < height; r += 2) {
      StringBuilder line = new StringBuilder();
      for (int c = 0; c < width; c++) {
        float v = (x[r * width + c] + x[(r + 1) * width + c]) / 2;
        line.append(SHADES.charAt(Math.round(v * (SHADES.length() - 1))));
      }
      lines.add(line.toString());
    }
    return lines;
  }

  /** Rows are true classes, columns what was said; a dot is zero. */
  static String confusion(int[][] counts, List<String> classes) {
    int width = classes.stream().mapToInt(String::length).max().orElse(1);
    StringBuilder s = new StringBuilder("Confusion matrix (rows: what it is, columns: what was said)\n");
    s.append(" ".repeat(width + 2));
    for (int c = 0; c < counts.length; c++) s.append("%6s".formatted(shorten(classes.get(c))));
    for (int r = 0; r < counts.length; r++) {
      s.append('\n').append(("  %" + width + "s").formatted(classes.get(r)));
      for (int n : counts[r]) s.append(n == 0 ? "     ." : "%6d".formatted(n));
    }
    return s.append('\n').toString();
  }

  private static String shorten(String name) {
    return name.length() <= 5 ? name : name.substring(0, 5);
  }
}
