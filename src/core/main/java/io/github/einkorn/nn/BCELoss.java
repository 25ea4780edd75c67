package io.github.einkorn.nn;

import io.github.einkorn.Tensor;
import io.github.einkorn.ops.Bce;

/**
 * -(t ln x + (1 - t) ln(1 - x)) for predictions x in 0..1, as {@link Sigmoid} gives, and float targets t of the same
 * shape. Logarithms do not fall below -100, as in PyTorch.
 *
 * <p>A prediction outside 0..1, or NaN, is an IllegalArgumentException.
 */
public final class BCELoss extends BuiltInLoss<BCELoss> {
  @Override
  BCELoss self() {
    return this;
  }

  @Override
  Tensor compute(Tensor prediction, Tensor target, Reduction reduction) {
    return Bce.apply("BCELoss", prediction, target, reduction);
  }
}
