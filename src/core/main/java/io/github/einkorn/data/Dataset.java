package io.github.einkorn.data;

import io.github.einkorn.Check;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;

/**
 * A number of samples that can be taken in any order. A data set of one's own needs {@link #size()} and
 * {@link #get(int)}; both may be called from a background thread.
 */
public interface Dataset {
  /** Number of samples. */
  int size();

  /**
   * A sample, as new tensors or ones that were {@linkplain io.github.einkorn.Tensor#keep() kept}.
   *
   * @throws IndexOutOfBoundsException unless 0 &lt;= index &lt; size()
   */
  Sample get(int index);

  /** The samples with these indices, stacked, as new tensors. Data sets in memory do this in one go. */
  default Batch batch(int[] indices) {
    List<Sample> samples = new ArrayList<>(indices.length);
    for (int i : indices) samples.add(get(i));
    return Batch.of(samples);
  }

  /**
   * Two parts in an order shuffled by the seed: the first gets round(fraction · size) samples, the second the others.
   *
   * @throws IllegalArgumentException unless the fraction lies between 0 and 1 and both parts get samples
   */
  default List<Dataset> split(double fraction, long seed) {
    return split(new double[] {fraction, 1 - fraction}, seed);
  }

  /**
   * Parts in an order shuffled by the seed, of fractions that add up to 1.
   *
   * @throws IllegalArgumentException unless the fractions are positive, add up to 1, and every part gets samples
   */
  default List<Dataset> split(double[] fractions, long seed) {
    double total = 0;
    for (double f : fractions) {
      if (!(f > 0 && f < 1)) throw new IllegalArgumentException("split: a fraction must lie between 0 and 1, got " + f);
      total += f;
    }
    if (Math.abs(total - 1) > 1e-6) {
      throw new IllegalArgumentException("split: " + Arrays.toString(fractions) + " add up to " + total + ", not to 1");
    }
    int[] order = Order.shuffled(size(), seed);
    List<Dataset> parts = new ArrayList<>();
    double sum = 0;
    int from = 0;
    for (double f : fractions) {
      sum += f;
      int to = (int) Math.round(sum / total * size());
      if (to == from) {
        throw new IllegalArgumentException("split: " + Arrays.toString(fractions) + " of " + size()
            + " samples leaves part " + parts.size() + " empty");
      }
      parts.add(subset(Arrays.copyOfRange(order, from, to)));
      from = to;
    }
    return List.copyOf(parts);
  }

  /** The samples with these indices, in this order. */
  default Dataset subset(int[] indices) {
    int[] mine = indices.clone();
    int size = size();
    for (int i : mine) Objects.checkIndex(i, size);
    return new Views.Subset(this, mine);
  }

  /** The first n samples, or all if there are fewer. */
  default Dataset take(int n) {
    if (n < 0) throw new IllegalArgumentException("take: n must not be negative, got " + n);
    return subset(Order.range(0, Math.min(n, size())));
  }

  /** All but the first n samples. */
  default Dataset skip(int n) {
    if (n < 0) throw new IllegalArgumentException("skip: n must not be negative, got " + n);
    return subset(Order.range(Math.min(n, size()), size()));
  }

  /** This data set's samples, then the other's. */
  default Dataset concat(Dataset other) {
    return new Views.Concat(this, Objects.requireNonNull(other, "other"));
  }

  /**
   * Applies a function to every sample when it is taken. With prefetching it runs on a background thread, so random
   * numbers should depend on the sample alone for runs to be repeatable.
   */
  default Dataset map(UnaryOperator<Sample> function) {
    return new Views.Mapped(this, Objects.requireNonNull(function, "function"));
  }

  /**
   * The same samples, of which each counts as much in the loss as its weight says, times one that it had before:
   * Keras's {@code sample_weight}.
   *
   * @param weights one per sample, not negative; copied
   * @throws IllegalArgumentException if their number is another, or one is negative or not finite
   */
  default Dataset weighted(float... weights) {
    if (weights.length != size()) {
      throw new IllegalArgumentException("weighted: " + weights.length + " weights for " + size() + " samples");
    }
    for (float w : weights) Check.range("weighted: a weight", w, 0, Float.MAX_VALUE);
    return new Views.Weighted(this, weights.clone());
  }
}
