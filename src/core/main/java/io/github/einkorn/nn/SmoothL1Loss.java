package io.github.einkorn.nn;

import io.github.einkorn.Tensor;

/**
 * d²/(2β) where d = |prediction - target| &lt; β, else d - β/2, for equal shapes: {@link L1Loss} without its kink, and
 * {@link HuberLoss} divided by β. {@code torch.nn.SmoothL1Loss}.
 */
public final class SmoothL1Loss extends BuiltInLoss<SmoothL1Loss> {
  private final double beta;

  /** With β = 1. */
  public SmoothL1Loss() {
    this(1);
  }

  /** With a β &gt;= 0; 0 gives {@link L1Loss}. */
  public SmoothL1Loss(double beta) {
    if (!(beta >= 0)) throw new IllegalArgumentException("SmoothL1Loss: beta must not be negative, got " + beta);
    this.beta = beta;
  }

  @Override
  SmoothL1Loss self() {
    return this;
  }

  @Override
  Tensor compute(Tensor prediction, Tensor target, Reduction reduction) {
    return Functional.smoothL1Loss(prediction, target, beta, reduction);
  }

  @Override
  String details() {
    return ", beta=" + BuiltIn.python(beta);
  }
}
