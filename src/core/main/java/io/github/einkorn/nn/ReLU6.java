package io.github.einkorn.nn;

import io.github.einkorn.Tensor;

/** y = min(max(x, 0), 6), for any shape (Krizhevsky 2010); its gradient is 0 unless 0 &lt; x &lt; 6. */
public final class ReLU6 extends BuiltIn {
  @Override
  Tensor compute(Tensor x) {
    return Functional.relu6(x);
  }
}
