package io.github.einkorn.nn;

import io.github.einkorn.Tensor;

/** (prediction - target)², for equal shapes. */
public final class MSELoss extends BuiltInLoss<MSELoss> {
  @Override
  MSELoss self() {
    return this;
  }

  @Override
  Tensor compute(Tensor prediction, Tensor target, Reduction reduction) {
    return Functional.mseLoss(prediction, target, reduction);
  }
}
