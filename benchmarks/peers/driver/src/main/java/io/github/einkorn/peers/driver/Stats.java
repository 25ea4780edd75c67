package io.github.einkorn.peers.driver;

import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** Order statistics of the rounds. */
final class Stats {
  private Stats() {}

  /** The value below which a share q of the samples lies, linear between neighbours. */
  static double quantile(List<Double> samples, double q) {
    double[] sorted = samples.stream().mapToDouble(d -> d).sorted().toArray();
    if (sorted.length == 0) throw new IllegalArgumentException("no samples");
    double at = q * (sorted.length - 1);
    int low = (int) at, high = Math.min(low + 1, sorted.length - 1);
    return sorted[low] + (at - low) * (sorted[high] - sorted[low]);
  }

  static double median(List<Double> samples) {
    return quantile(samples, 0.5);
  }

  /**
   * How many times longer one takes than another: the ratio of the medians, and a range that holds it, the quartiles of
   * the ratios round by round, in which what slows both down cancels, and the ratios process by process, which differ
   * by where their memory happens to lie. Two runs agree if their ranges overlap.
   */
  record Ratio(double value, double low, double high) {
    static Ratio of(List<Double> samples, List<Double> base, int perProcess) {
      int n = Math.min(samples.size(), base.size());
      List<Double> rounds = IntStream.range(0, n).mapToObj(i -> samples.get(i) / base.get(i)).toList();
      double value = median(samples) / median(base);
      double low = Math.min(value, quantile(rounds, 0.25)), high = Math.max(value, quantile(rounds, 0.75));
      for (int i = 0; i + perProcess <= n; i += perProcess) {
        double process = median(samples.subList(i, i + perProcess)) / median(base.subList(i, i + perProcess));
        low = Math.min(low, process);
        high = Math.max(high, process);
      }
      return new Ratio(value, low, high);
    }

    @Override
    public String toString() {
      return String.format(Locale.ROOT, "%.2f [%.2f .. %.2f]", value, low, high);
    }
  }
}
