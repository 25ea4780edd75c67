package io.github.einkorn.data;

import io.github.einkorn.data.transforms.Draws;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;

/** Draws samples with probabilities in proportion to their weights, as PyTorch's. */
public final class WeightedRandomSampler implements Sampler {
  private final double[] weights;
  private final int size;
  private final boolean replacement;

  /**
   * Draws n indices of 0..weights.length-1. With replacement each draw is from all of them; without, one that was drawn
   * does not come again.
   *
   * @throws IllegalArgumentException if a weight is negative or not finite, if all are 0, or if n is below 1, above
   *     what an array holds (2147483639) or, without replacement, above the number of positive weights
   */
  public WeightedRandomSampler(double[] weights, int n, boolean replacement) {
    this.weights = weights.clone();
    this.size = n;
    this.replacement = replacement;
    int positive = 0;
    double sum = 0;
    for (int i = 0; i < weights.length; i++) {
      if (!(weights[i] >= 0 && weights[i] < Double.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException("WeightedRandomSampler: weight " + i + " must be finite and not negative, "
            + "got " + weights[i]);
      }
      if (weights[i] > 0) positive++;
      sum += weights[i];
    }
    if (positive == 0 || sum == Double.POSITIVE_INFINITY) {
      throw new IllegalArgumentException("WeightedRandomSampler: the weights add up to " + sum);
    }
    if (n < 1 || n > Integer.MAX_VALUE - 8 || !replacement && n > positive) {
      throw new IllegalArgumentException("WeightedRandomSampler: cannot draw " + n + " indices "
          + (replacement ? "with" : "without") + " replacement from " + positive + " positive weights");
    }
  }

  /** As many draws, with replacement, as the data set has samples, every class being as likely as the others. */
  public static WeightedRandomSampler balanced(Dataset dataset) {
    long[] targets = dataset.targets();
    Map<Long, Integer> count = new HashMap<>();
    for (long y : targets) count.merge(y, 1, Integer::sum);
    double[] weights = Arrays.stream(targets).mapToDouble(y -> 1.0 / count.get(y)).toArray();
    return new WeightedRandomSampler(weights, targets.length, true);
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public int[] indices(long seed) {
    var draws = new Draws(seed, 0);
    return replacement ? withReplacement(draws) : withoutReplacement(draws);
  }

  private int[] withReplacement(Draws draws) {
    double[] sum = weights.clone();
    Arrays.parallelPrefix(sum, Double::sum);
    double total = sum[sum.length - 1];
    int[] chosen = new int[size];
    for (int i = 0; i < size; i++) {
      double at = draws.uniform() * total;
      int low = 0; // the first whose sum is above
      for (int high = sum.length - 1; low < high; ) {
        int mid = (low + high) >>> 1;
        if (sum[mid] > at) high = mid;
        else low = mid + 1;
      }
      chosen[i] = low;
    }
    return chosen;
  }

  /** The n first of independent exponential times with these rates (Efraimidis and Spirakis 2006). */
  private int[] withoutReplacement(Draws draws) {
    double[] time = new double[weights.length];
    for (int i = 0; i < time.length; i++) time[i] = -Math.log(1 - draws.uniform()) / weights[i];
    return IntStream.range(0, time.length).filter(i -> weights[i] > 0).boxed()
        .sorted(Comparator.comparingDouble(i -> time[i])).limit(size).mapToInt(Integer::intValue).toArray();
  }
}
