package io.github.einkorn.nn;

import io.github.einkorn.Tensor;

/** y = 1 / (1 + e⁻ˣ), for any shape. */
public final class Sigmoid extends BuiltIn {
  @Override
  Tensor compute(Tensor x) {
    return x.sigmoid();
  }
}
