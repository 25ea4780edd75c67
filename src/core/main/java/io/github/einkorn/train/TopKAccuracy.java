package io.github.einkorn.train;

import io.github.einkorn.Scope;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;

/**
 * The share of samples whose class is among the k with the largest scores, for scores (N, C, …) and class indices or
 * one-hot targets as in {@link Accuracy}. As in Keras's {@code TopKCategoricalAccuracy}, all classes that share the
 * k-th place are in, and a sample with a NaN among its scores counts as wrong.
 */
public final class TopKAccuracy implements Metric {
  private final int k;
  private long ignored = Answers.NOT_A_CLASS;
  private long right;
  private long all;

  /** Named {@code top5_accuracy}, where k = 5. */
  public TopKAccuracy(int k) {
    if (k < 1) throw new IllegalArgumentException("TopKAccuracy: k must be at least 1, got " + k);
    this.k = k;
  }

  /** A class index that does not count, as if it were not there. Default -100, as of the losses. Returns this. */
  public TopKAccuracy ignoreIndex(long label) {
    ignored = label;
    return this;
  }

  @Override
  public String name() {
    return "top" + k + "_accuracy";
  }

  @Override
  public void reset() {
    right = 0;
    all = 0;
  }

  /**
   * Counts a batch.
   *
   * @throws ShapeException if the shapes do not fit
   * @throws IllegalArgumentException if a label is not one of the classes
   */
  @Override
  public void update(Tensor prediction, Tensor target) {
    try (var scope = new Scope()) {
      Answers a = Answers.of(name(), prediction, target, 0.5, ignored);
      if (prediction.rank() < 2 || prediction.dim(1) < 2) {
        throw new ShapeException(name() + ": expected a score for each class, (N, C), got " + prediction.shape());
      }
      int c = prediction.dim(1);
      Tensor rows = rows(prediction, c);
      long[] more = new long[2]; // right and all; none if one is refused
      a.pieces((from, predicted, actual) -> {
        try (var inner = new Scope()) {
          count(a, rows.narrow(0, from, actual.length), actual, more);
        }
      });
      right += more[0];
      all += more[1];
    }
  }

  private void count(Answers a, Tensor rows, double[] actual, long[] more) {
    int[] classes = new int[actual.length];
    long[] place = new long[actual.length];
    for (int i = 0; i < place.length; i++) {
      classes[i] = a.classOf(name(), actual[i]);
      place[i] = (long) i * rows.dim(1) + Math.max(classes[i], 0);
    }
    Tensor score = rows.reshape(-1).indexSelect(Tensor.of(place));
    long[] before = rows.gt(score.unsqueeze(1)).sum(1).toLongs();
    long[] unordered = rows.ne(rows).sum(1).toLongs(); // NaN is neither before nor after
    for (int i = 0; i < place.length; i++) {
      if (classes[i] < 0) continue;
      more[1]++;
      if (before[i] < k && unordered[i] == 0) more[0]++;
    }
  }

  /** (N, C, …) as (M, C). */
  private static Tensor rows(Tensor x, int c) {
    if (x.rank() == 2) return x;
    int[] order = new int[x.rank()];
    for (int i = 1; i < order.length - 1; i++) order[i] = i + 1;
    order[order.length - 1] = 1;
    return x.permute(order).reshape(-1, c);
  }

  /** The share since the reset; NaN if there was nothing to count. */
  @Override
  public double result() {
    return (double) right / all;
  }
}
