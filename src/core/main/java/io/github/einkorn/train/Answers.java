package io.github.einkorn.train;

import io.github.einkorn.DType;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;

/**
 * What a model said and what was right, as classes; see {@link Accuracy} for the shapes that are understood.
 *
 * @param binary whether the scores were single probabilities
 * @param classes number of classes
 */
record Answers(Tensor predicted, Tensor actual, boolean binary, int classes) {
  static Answers of(String who, Tensor p, Tensor t, double threshold) {
    if (p.rank() > 0 && t.rank() > 0) {
      boolean binary = p.rank() == 1 || p.dim(1) == 1;
      Tensor p1 = binary && p.rank() > 1 ? p.squeeze(1) : p;
      Tensor t1 = t.rank() > 1 && t.dim(1) == 1 ? t.squeeze(1) : t;
      if (binary && p1.shape().equals(t1.shape())) {
        return new Answers(p1.gt(threshold).to(DType.FLOAT32), t1.to(DType.FLOAT32), true, 2);
      }
      Tensor label = binary ? null : label(p, t, t1);
      if (label != null) return new Answers(p.argmax(1), label, false, p.dim(1));
    }
    throw new ShapeException(who + ": expected class indices, one-hot targets or 0 and 1 for predictions of shape "
        + p.shape() + ", got " + t.describe());
  }

  private static Tensor label(Tensor p, Tensor t, Tensor t1) {
    if (p.shape().without(1).equals(t1.shape())) return t1.to(DType.INT64);
    return p.shape().equals(t.shape()) ? t.to(DType.FLOAT32).argmax(1) : null;
  }
}
