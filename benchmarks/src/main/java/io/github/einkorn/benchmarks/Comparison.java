package io.github.einkorn.benchmarks;

/**
 * A row in two builds, each timed by two processes in the same rounds.
 *
 * <p>Processes of one build differ by luck (where memory lies, what the compiler did), whatever the number of rounds. If
 * a and b are the logarithms of the ratios between the processes of either build, then the logarithm of the ratio
 * between the builds has the standard error √(a² + b²) / 2, with two degrees of freedom.
 *
 * @param nanos of the new build
 * @param ratio new time through old time: the median over rounds, and its interval of 95 %
 * @param noise the largest logarithm of the ratio that luck gives to equal builds in 95 % of runs
 */
record Comparison(String row, double nanos, Interval ratio, double noise) {
  private static final double STUDENT = 4.303; // two-sided 5 %, two degrees of freedom

  enum Verdict {
    FASTER, SLOWER, SAME
  }

  /** Times are (process, round), the two processes of the new build first. */
  static Comparison of(String row, double[][] times) {
    double[] ratios = logRatios(times[0], times[2]), others = logRatios(times[1], times[3]);
    for (int i = 0; i < ratios.length; i++) ratios[i] = (ratios[i] + others[i]) / 2;
    double a = Interval.median(logRatios(times[0], times[1])), b = Interval.median(logRatios(times[2], times[3]));
    return new Comparison(row, Interval.median(times[0]), Interval.ofMedian(ratios).exp(),
        STUDENT * Math.hypot(a, b) / 2);
  }

  private static double[] logRatios(double[] a, double[] b) {
    double[] ratios = new double[a.length];
    for (int i = 0; i < ratios.length; i++) ratios[i] = Math.log(a[i] / b[i]);
    return ratios;
  }

  /** Moved, if the interval leaves out 1 and the median is beyond the noise. */
  Verdict verdict(double usualNoise) {
    double moved = Math.log(ratio.middle());
    if (ratio.high() < 1 && moved < -noise(usualNoise)) return Verdict.FASTER;
    if (ratio.low() > 1 && moved > noise(usualNoise)) return Verdict.SLOWER;
    return Verdict.SAME;
  }

  /** Not less than the usual row's, because processes may agree by chance. */
  double noise(double usualNoise) {
    return Math.max(noise, usualNoise);
  }
}
