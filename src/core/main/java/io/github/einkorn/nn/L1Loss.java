package io.github.einkorn.nn;

import io.github.einkorn.Tensor;

/** |prediction - target|, for equal shapes. */
public final class L1Loss extends BuiltInLoss<L1Loss> {
  @Override
  L1Loss self() {
    return this;
  }

  @Override
  Tensor compute(Tensor prediction, Tensor target, Reduction reduction) {
    return Functional.l1Loss(prediction, target, reduction);
  }
}
