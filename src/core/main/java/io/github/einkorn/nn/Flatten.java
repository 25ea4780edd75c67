package io.github.einkorn.nn;

import io.github.einkorn.Tensor;

/** (N, C, H, W) to (N, C·H·W): all dimensions from 1 on become one, in row-major order of the logical shape. */
public final class Flatten extends BuiltIn {
  @Override
  Tensor compute(Tensor x) {
    return x.flatten(1);
  }

  @Override
  protected String details() {
    return "start_dim=1, end_dim=-1";
  }

  @Override
  int inputRank() {
    return 4;
  }
}
