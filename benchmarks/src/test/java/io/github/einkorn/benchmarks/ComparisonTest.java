package io.github.einkorn.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.einkorn.benchmarks.Comparison.Verdict;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ComparisonTest {
  /** Processes that differ by luck, in rounds of a machine whose speed drifts. */
  private static Comparison compare(double newNanos, double oldNanos, double luck, long seed) {
    var random = new Random(seed);
    double[][] times = new double[2 * Comparison.PROCESSES][15];
    for (int process = 0; process < times.length; process++) {
      double own = Math.exp(luck * random.nextGaussian());
      for (int round = 0; round < 15; round++) {
        double drift = 1 + 0.5 * Math.sin(round), jitter = Math.exp(0.005 * random.nextGaussian());
        times[process][round] = (process < Comparison.PROCESSES ? newNanos : oldNanos) * own * drift * jitter;
      }
    }
    return Comparison.of("relu", times);
  }

  @Test
  void aRealDifferenceIsSeenThroughDrift() {
    assertThat(compare(90, 100, 0.01, 1).verdict(0.01)).isEqualTo(Verdict.FASTER);
    assertThat(compare(110, 100, 0.01, 2).verdict(0.01)).isEqualTo(Verdict.SLOWER);
    assertThat(compare(90, 100, 0.01, 3).ratio().middle()).isBetween(0.86, 0.94);
  }

  @Test
  void luckIsNoMove() {
    double luck = 0.03;
    var rows = LongStream.range(0, 2000).mapToObj(seed -> compare(100, 100, luck, seed)).toList();
    double usual = Interval.median(rows.stream().mapToDouble(Comparison::noise).toArray());
    assertThat(moved(rows, 0)).isBetween(0.02, 0.07); // a row by itself: 5 %
    assertThat(moved(rows, usual)).isLessThan(0.01); // among its like
  }

  private static double moved(List<Comparison> rows, double usual) {
    return rows.stream().filter(c -> c.verdict(usual) != Verdict.SAME).count() / (double) rows.size();
  }

  @Test
  void aMoveWithinTheUsualNoiseIsNone() {
    assertThat(compare(95, 100, 0, 4).verdict(0)).isEqualTo(Verdict.FASTER);
    assertThat(compare(95, 100, 0, 4).verdict(0.1)).isEqualTo(Verdict.SAME);
  }
}
