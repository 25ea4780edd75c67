package io.github.einkorn.nn;

import io.github.einkorn.Tensor;

/** y = tanh x, for any shape. */
public final class Tanh extends BuiltIn {
  @Override
  Tensor compute(Tensor x) {
    return x.tanh();
  }
}
