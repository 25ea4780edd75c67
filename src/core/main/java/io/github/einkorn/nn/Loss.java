package io.github.einkorn.nn;

import io.github.einkorn.Tensor;

/** What training makes small: a number for how far predictions are from targets. */
@FunctionalInterface
public interface Loss {
  /** The loss of a batch: a scalar, unless the loss keeps its elements apart. */
  Tensor forward(Tensor prediction, Tensor target);
}
