package io.github.einkorn.nn;

import io.github.einkorn.Tensor;

/**
 * d²/2 where d = |prediction - target| &lt; δ, else δ (d - δ/2), for equal shapes: outliers pull with no more than δ.
 * {@code torch.nn.HuberLoss}.
 */
public final class HuberLoss extends BuiltInLoss<HuberLoss> {
  private final double delta;

  /** With δ = 1. */
  public HuberLoss() {
    this(1);
  }

  /** With a δ &gt; 0. */
  public HuberLoss(double delta) {
    if (!(delta > 0)) throw new IllegalArgumentException("HuberLoss: delta must be positive, got " + delta);
    this.delta = delta;
  }

  @Override
  HuberLoss self() {
    return this;
  }

  @Override
  Tensor compute(Tensor prediction, Tensor target, Reduction reduction) {
    return Functional.huberLoss(prediction, target, delta, reduction);
  }

  @Override
  String details() {
    return ", delta=" + BuiltIn.python(delta);
  }
}
