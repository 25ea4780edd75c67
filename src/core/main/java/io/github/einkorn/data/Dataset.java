package io.github.einkorn.data;

import io.github.einkorn.Check;
import io.github.einkorn.EinkornException;
import io.github.einkorn.Scope;
import io.github.einkorn.Tensor;
import io.github.einkorn.data.transforms.Transform;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;

/**
 * A number of samples that can be taken in any order. A data set of one's own needs {@link #size()} and
 * {@link #get(int)}; both may be called from a background thread, and from several at once with several workers.
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
    for (int i : indices) samples.add(Views.sample(this, i));
    return Batch.of(samples, indices);
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
    return Splits.cut("split", Order.shuffled(size(), seed), fractions).stream().map(this::subset).toList();
  }

  /** As {@link #stratifiedSplit(double[], long)}, into two parts: fraction, and 1 - fraction. */
  default List<Dataset> stratifiedSplit(double fraction, long seed) {
    return stratifiedSplit(new double[] {fraction, 1 - fraction}, seed);
  }

  /**
   * Parts as of {@link #split(double[], long)} in each of which every class has the same share as in the whole, to
   * within a sample, or, of more than two parts, two. Needs {@link #targets()}.
   *
   * @throws IllegalArgumentException unless the fractions are positive, add up to 1, and every part gets samples
   */
  default List<Dataset> stratifiedSplit(double[] fractions, long seed) {
    return Splits.stratified("stratifiedSplit", targets(), fractions, seed).stream().map(this::subset).toList();
  }

  /**
   * The label of every sample. Data sets that know them without making the samples give them at once; the others make
   * each sample.
   *
   * @throws io.github.einkorn.EinkornException if the targets are not labels: int64 of shape ()
   */
  default long[] targets() {
    if (size() < 0) throw new EinkornException("targets: the data set has " + size() + " samples");
    long[] all = new long[size()];
    for (int i = 0; i < all.length; i++) {
      try (var scope = new Scope()) {
        all[i] = Views.label(Views.sample(this, i).targets(), i);
      }
    }
    return all;
  }

  /** The samples with these indices, in this order. */
  default Dataset subset(int[] indices) {
    int[] mine = indices.clone();
    int size = size();
    for (int i : mine) Objects.checkIndex(i, size);
    return new Subset(this, mine);
  }

  /**
   * The first n samples, or all if there are fewer.
   *
   * @throws IllegalArgumentException if n is negative
   */
  default Dataset take(int n) {
    if (n < 0) throw new IllegalArgumentException("take: n must not be negative, got " + n);
    return subset(Order.range(0, Math.min(n, size())));
  }

  /**
   * All but the first n samples.
   *
   * @throws IllegalArgumentException if n is negative
   */
  default Dataset skip(int n) {
    if (n < 0) throw new IllegalArgumentException("skip: n must not be negative, got " + n);
    return subset(Order.range(Math.min(n, size()), size()));
  }

  /** This data set's samples, then the other's. */
  default Dataset concat(Dataset other) {
    return new Views.Concat(this, Objects.requireNonNull(other, "other"));
  }

  /**
   * Applies a function to every sample when it is taken, on the threads of the {@link DataLoader}: random numbers
   * should depend on the sample alone for runs to be repeatable. A new sample without a weight has that of the old one.
   * For images see {@link #transform}.
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

  /**
   * Applies a function to each target of every sample when it is taken; inputs are left alone, so that whole batches of
   * them are still made in one go.
   */
  default Dataset mapTargets(UnaryOperator<Tensor> function) {
    return new Views.Targets(this, Objects.requireNonNull(function, "function"));
  }

  /**
   * The same samples with targets that are 1 at the label and 0 elsewhere, (classes).
   *
   * @throws IllegalArgumentException when a sample is taken whose label is not in 0..classes-1
   */
  default Dataset oneHot(int classes) {
    if (classes < 1) throw new IllegalArgumentException("oneHot: classes must be at least 1, got " + classes);
    return mapTargets(y -> Tensor.oneHot(y, classes));
  }

  /**
   * Transforms every input, an image of floats (C, H, W), when it is taken. Random transforms draw from the sample's
   * index and the seed of {@link #seeded}, which is another one in each iteration of a {@link DataLoader}.
   */
  default Dataset transform(Transform transform) {
    return new Transformed(new Transformed.Tensors(this), transform, 0);
  }

  /**
   * This data set with another seed of its random transforms: sample i is then always the same. Itself if nothing in it
   * is random.
   */
  default Dataset seeded(long seed) {
    return this;
  }
}
