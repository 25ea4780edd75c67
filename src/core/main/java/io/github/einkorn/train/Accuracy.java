package io.github.einkorn.train;

import io.github.einkorn.DType;
import io.github.einkorn.Scope;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;

/**
 * right / all: the share of predictions that are right. As in Keras, the shapes tell what that means:
 *
 * <ul>
 *   <li>scores (N, C, …) and class indices (N, …) or (N, 1): the largest score is at the index
 *   <li>scores (N, C, …) and one-hot targets of the same shape: both are largest at the same class
 *   <li>probabilities (N) or (N, 1, …) and targets of as many 0 and 1: p &gt; 0.5 is the target
 * </ul>
 */
public final class Accuracy implements Metric {
  private long right;
  private long all;
  private boolean smallest;

  /** Named {@code accuracy}. */
  public Accuracy() {}

  /** Takes the smallest score for the answer, as where scores are the distances of an RBF layer. Returns this. */
  public Accuracy smallest() {
    smallest = true;
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
      Tensor hits = hits(prediction, target);
      right += hits.sum().toLongs()[0];
      all += hits.size();
    }
  }

  private Tensor hits(Tensor p, Tensor t) {
    if (p.rank() > 0 && t.rank() > 0) {
      boolean binary = p.rank() == 1 || p.dim(1) == 1;
      Tensor p1 = binary && p.rank() > 1 ? p.squeeze(1) : p;
      Tensor t1 = t.rank() > 1 && t.dim(1) == 1 ? t.squeeze(1) : t;
      if (binary && p1.shape().equals(t1.shape())) {
        return p1.gt(0.5).to(DType.FLOAT32).eq(t1.to(DType.FLOAT32));
      }
      if (!binary && p.shape().without(1).equals(t1.shape())) return answer(p).eq(t1.to(DType.INT64));
      if (!binary && p.shape().equals(t.shape())) return answer(p).eq(t.to(DType.FLOAT32).argmax(1));
    }
    throw new ShapeException("accuracy: expected class indices, one-hot targets or 0 and 1 for predictions of shape "
        + p.shape() + ", got " + t.describe());
  }

  private Tensor answer(Tensor scores) {
    return smallest ? scores.argmin(1) : scores.argmax(1);
  }

  /** The share since the reset; NaN if there was no batch. */
  @Override
  public double result() {
    return (double) right / all;
  }
}
