package io.github.einkorn.nn;

import io.github.einkorn.NoGrad;
import io.github.einkorn.Scope;
import io.github.einkorn.Tensor;

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
    checkRange(prediction);
    return Functional.bceLoss(prediction, target, reduction);
  }

  private static void checkRange(Tensor x) {
    try (var off = new NoGrad(); var scope = new Scope()) {
      float low = x.min().item(), high = x.max().item();
      if (!(low >= 0 && high <= 1)) {
        throw new IllegalArgumentException("BCELoss: predictions must lie in [0, 1], as a sigmoid gives; got "
            + low + " to " + high);
      }
    }
  }
}
