package io.github.einkorn.train;

import io.github.einkorn.Scope;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;

/**
 * right / all: the share of predictions that are right. As in Keras, the shapes tell what that means:
 *
 * <ul>
 *   <li>scores (N, C, …) and class indices (N, …) or (N, 1, …): the largest score is at the index
 *   <li>scores (N, C, …) and one-hot targets of the same shape: both are largest at the same class
 *   <li>probabilities (N) or (N, 1, …) and targets of as many 0 and 1: p &gt; 0.5 is the target
 * </ul>
 *
 * <p>A target that is none of these is never right. The other metrics of this package understand the same shapes.
 */
public final class Accuracy implements Metric {
  private double threshold = 0.5;
  private long ignored = Answers.NOT_A_CLASS;
  private long right;
  private long all;
  private boolean smallest;

  /** Named {@code accuracy}. */
  public Accuracy() {}

  /** What a single score must exceed to mean 1: 0.5 for probabilities, the default; 0 for logits. */
  public Accuracy threshold(double value) {
    threshold = value;
    return this;
  }

  /** Takes the smallest score for the answer, as where scores are the distances of an RBF layer. Returns this. */
  public Accuracy smallest() {
    smallest = true;
    return this;
  }

  /** A class index that does not count, as if it were not there. Default -100, as of the losses. Returns this. */
  public Accuracy ignoreIndex(long label) {
    ignored = label;
    return this;
  }

  @Override
  public String name() {
    return "accuracy";
  }

  @Override
  public void reset() {
    right = 0;
    all = 0;
  }

  /**
   * Counts a batch.
   *
   * @throws ShapeException if the shapes are of none of the three kinds
   */
  @Override
  public void update(Tensor prediction, Tensor target) {
    try (var scope = new Scope()) {
      boolean distances = smallest && prediction.rank() > 1 && prediction.dim(1) > 1;
      Answers a = Answers.of(name(), distances ? prediction.neg() : prediction, target, threshold, ignored);
      all += a.counted();
      right += a.right();
    }
  }

  /** The share since the reset; NaN if there was nothing to count. */
  @Override
  public double result() {
    return (double) right / all;
  }
}
