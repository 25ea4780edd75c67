package io.github.einkorn.examples;

import java.util.Arrays;
import java.util.function.DoubleBinaryOperator;
import org.jfree.data.xy.XYSeries;
import org.jfree.data.xy.XYSeriesCollection;

/** Lines of equal height of a surface f(x, y), by marching squares. */
final class Contours {
  private static final int CELLS = 200;

  private Contours() {}

  /**
   * One series for each of {@code levels} heights, which leave equal areas between them, so that flat and steep
   * parts both get lines. The pieces of a line are separated by NaN.
   */
  static XYSeriesCollection of(DoubleBinaryOperator f, double[] x, double[] y, int levels) {
    double[][] z = new double[CELLS + 1][CELLS + 1];
    for (int i = 0; i <= CELLS; i++) {
      for (int j = 0; j <= CELLS; j++) z[i][j] = f.applyAsDouble(at(x, i), at(y, j));
    }
    double[] sorted = Arrays.stream(z).flatMapToDouble(Arrays::stream).filter(Double::isFinite).sorted().toArray();
    var all = new XYSeriesCollection();
    if (sorted.length == 0) return all;
    for (int k = 0; k < levels; k++) {
      double level = sorted[(int) ((k + 0.5) / levels * (sorted.length - 1))];
      var series = new XYSeries("level " + k, false, true);
      for (int i = 0; i < CELLS; i++) {
        for (int j = 0; j < CELLS; j++) cell(series, z, x, y, i, j, level);
      }
      all.addSeries(series);
    }
    return all;
  }

  private static double at(double[] range, double i) {
    return range[0] + (range[1] - range[0]) * i / CELLS;
  }

  /** Where the level crosses the four edges of a cell: two points are a piece of line, four are two. */
  private static void cell(XYSeries series, double[][] z, double[] x, double[] y, int i, int j, double level) {
    int[] di = {0, 1, 1, 0};
    int[] dj = {0, 0, 1, 1};
    int points = 0;
    for (int e = 0; e < 4; e++) {
      int n = (e + 1) % 4;
      double a = z[i + di[e]][j + dj[e]] - level;
      double b = z[i + di[n]][j + dj[n]] - level;
      if (a < 0 == b < 0 || !Double.isFinite(a) || !Double.isFinite(b)) continue;
      double t = a / (a - b);
      series.add(at(x, i + di[e] + t * (di[n] - di[e])), at(y, j + dj[e] + t * (dj[n] - dj[e])), false);
      if (++points % 2 == 0) series.add(Double.NaN, Double.NaN, false);
    }
    if (points % 2 == 1) series.add(Double.NaN, Double.NaN, false);
  }
}
