package io.github.einkorn.nn;

import io.github.einkorn.Check;
import io.github.einkorn.Shape;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;

/**
 * -(w t ln σ(x) + (1 - t) ln(1 - σ(x))) for logits x and float targets t of the same shape: {@link BCELoss} behind a
 * {@link Sigmoid}, which the model leaves out, exact for the largest logits. {@code torch.nn.BCEWithLogitsLoss}.
 */
public final class BCEWithLogitsLoss extends BuiltInLoss<BCEWithLogitsLoss> {
  private Tensor posWeight;

  /**
   * What positive targets count: w, broadcast to the targets; above 1 for recall, below for precision. Default 1.
   *
   * @param weight such as (C) for targets (N, C); copied
   */
  public BCEWithLogitsLoss posWeight(Tensor weight) {
    Check.floats("BCEWithLogitsLoss posWeight", weight);
    posWeight = weight.detach().copy().keep();
    return this;
  }

  @Override
  BCEWithLogitsLoss self() {
    return this;
  }

  @Override
  Tensor compute(Tensor x, Tensor t, Reduction reduction) {
    if (posWeight == null) return Functional.bceWithLogitsLoss(x, t, reduction);
    if (!Shape.broadcast(x.shape(), posWeight.shape()).equals(x.shape())) {
      throw new ShapeException("posWeight " + posWeight.shape() + " cannot be broadcast to " + x.shape());
    }
    Tensor positive = Functional.bceWithLogitsLoss(x, Tensor.like(x).fillInPlace(1), Reduction.NONE);
    Tensor negative = Functional.bceWithLogitsLoss(x, Tensor.like(x).fillInPlace(0), Reduction.NONE);
    return reduction.of(t.mul(posWeight).mul(positive).add(t.rsub(1).mul(negative)));
  }
}
