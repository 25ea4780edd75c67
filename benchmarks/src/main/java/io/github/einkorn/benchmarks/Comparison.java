package io.github.einkorn.benchmarks;

import java.util.stream.IntStream;

/**
 * A row in two builds, each timed by a few processes in the same rounds.
 *
 * <p>Processes of one build differ by luck (where memory lies, what the compiler did), whatever the number of rounds.
 * With p processes for a build and s the standard deviation of the logarithms of their times around those of their
 * build, the logarithm of the ratio between the builds has the standard error s √(2 / p), with 2 (p - 1) degrees of
 * freedom.
 *
 * @param nanos of the new build
 * @param ratio new time through old time: the median over rounds, and its interval of 95 %
 * @param noise the largest logarithm of the ratio that luck gives to equal builds in 95 % of runs
 */
record Comparison(String row, double nanos, Interval ratio, double noise) {
  static final int PROCESSES = 3; // for a build
  private static final double STUDENT = 2.776; // two-sided 5 %, four degrees of freedom

  enum Verdict {
    FASTER, SLOWER, SAME
  }

  /** Times are (process, round), the processes of the new build first. */
  static Comparison of(String row, double[][] times) {
    int rounds = times[0].length;
    double[] ratios = new double[rounds];
    double[][] luck = new double[times.length][rounds]; // logarithm of a process's time to that of its build
    for (int round = 0; round < rounds; round++) {
      double now = build(times, round, 0), old = build(times, round, PROCESSES);
      ratios[round] = now - old;
      for (int i = 0; i < times.length; i++) luck[i][round] = Math.log(times[i][round]) - (i < PROCESSES ? now : old);
    }
    double squares = 0;
    for (double[] process : luck) squares += Math.pow(Interval.median(process), 2);
    double s = Math.sqrt(squares / (2 * (PROCESSES - 1)));
    return new Comparison(row, Interval.median(times[0]), Interval.ofMedian(ratios).exp(),
        STUDENT * s * Math.sqrt(2.0 / PROCESSES));
  }

  /** The mean logarithm of the times of a build in a round. */
  private static double build(double[][] times, int round, int first) {
    return IntStream.range(first, first + PROCESSES).mapToDouble(i -> Math.log(times[i][round])).average()
        .orElseThrow();
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
