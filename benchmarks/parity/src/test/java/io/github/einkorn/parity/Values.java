package io.github.einkorn.parity;

import java.util.Arrays;

/** What a library computed, in double and row-major order; `exact` where it is no float. */
record Values(int[] shape, double[] v, boolean exact) {
  /** The step from a float to the next one, relative: 2^-23. */
  static final double EPS = Math.ulp(1f);

  /** How an error is measured. */
  enum Norm {
    /**
     * Against the largest element: for sums, where what is rounded is as large as the terms. The error of a sum of K
     * terms grows with √K, and so does PyTorch's, which is the measure.
     */
    LARGEST,
    /** Against each element: for functions of single elements. */
    EACH,
    /** The whole array's distance against its length: for what many steps lead to. */
    WHOLE
  }

  String describe() {
    return (exact ? "integers " : "floats ") + Arrays.toString(shape);
  }

  /**
   * The largest distance of these floats from `exact` ones, in units of EPS. Not-a-number and infinity are at no
   * distance from themselves, and infinitely far from anything else.
   */
  double error(Values reference, Norm norm) {
    if (exact) return Arrays.equals(v, reference.v) ? 0 : Double.POSITIVE_INFINITY;
    double largest = Arrays.stream(reference.v).map(Math::abs).filter(Double::isFinite).max().orElse(0);
    if (norm == Norm.WHOLE) return distance(reference) / (EPS * Math.sqrt(square(reference.v)));
    double worst = 0;
    for (int i = 0; i < v.length; i++) {
      double r = reference.v[i];
      if (Double.compare(v[i], r) == 0 || v[i] == r) continue;
      if (overflows(v[i], r)) continue;
      double unit = Math.max(EPS * (norm == Norm.EACH ? Math.abs(r) : largest), Float.MIN_VALUE);
      double d = Math.abs(v[i] - r) / unit;
      worst = Math.max(worst, Double.isNaN(d) ? Double.POSITIVE_INFINITY : d);
    }
    return worst;
  }

  private double distance(Values reference) {
    double[] d = new double[v.length];
    for (int i = 0; i < d.length; i++) d[i] = v[i] - reference.v[i];
    return Math.sqrt(square(d));
  }

  private static double square(double[] x) {
    return Math.max(Arrays.stream(x).map(a -> a * a).sum(), Float.MIN_VALUE);
  }

  /** Whether a float has to be infinite where the double is not. */
  private static boolean overflows(double v, double reference) {
    return Double.isInfinite(v) && v == (float) reference;
  }
}
