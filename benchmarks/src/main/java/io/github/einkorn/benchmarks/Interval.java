package io.github.einkorn.benchmarks;

import java.util.Arrays;

/** A middle value between two ends. */
record Interval(double low, double middle, double high) {
  static final int FEWEST = 6; // their extremes hold the median with a probability of 97 %
  private static final double CONFIDENCE = 0.95;

  /** The median of samples between the smallest and the largest. */
  static Interval range(double... samples) {
    double[] x = sorted(samples);
    return new Interval(x[0], median(x), x[x.length - 1]);
  }

  /**
   * The median of samples, and an interval that holds the true one with a probability of 95 % at least, whatever the
   * distribution: between the k-th smallest and the k-th largest for the largest k with 2 P(Binomial(n, 1/2) &lt; k)
   * &le; 5 % (the sign test).
   *
   * @throws IllegalArgumentException for fewer than 6 samples
   */
  static Interval ofMedian(double... samples) {
    int n = samples.length, k = 0;
    if (n < FEWEST) throw new IllegalArgumentException("expected at least " + FEWEST + " samples, got " + n);
    double[] x = sorted(samples);
    double choose = Math.pow(0.5, n), below = choose; // P(= k), P(<= k)
    while (2 * below <= 1 - CONFIDENCE) {
      k++;
      choose *= (n - k + 1.0) / k;
      below += choose;
    }
    return new Interval(x[k - 1], median(x), x[n - k]);
  }

  static double median(double... samples) {
    double[] x = sorted(samples);
    return (x[(x.length - 1) / 2] + x[x.length / 2]) / 2;
  }

  private static double[] sorted(double[] samples) {
    double[] x = samples.clone();
    Arrays.sort(x);
    return x;
  }

  /** Half the width, in parts of the middle. */
  double spread() {
    return (high - low) / 2 / middle;
  }

  Interval exp() {
    return new Interval(Math.exp(low), Math.exp(middle), Math.exp(high));
  }
}
