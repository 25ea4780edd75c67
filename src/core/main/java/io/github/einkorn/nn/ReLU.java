package io.github.einkorn.nn;

import io.github.einkorn.Tensor;

/** y = max(x, 0), for any shape. */
public final class ReLU extends BuiltIn {
  @Override
  Tensor compute(Tensor x) {
    return x.relu();
  }
}
