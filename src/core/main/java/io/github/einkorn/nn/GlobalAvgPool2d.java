package io.github.einkorn.nn;

import io.github.einkorn.Tensor;

/** The mean of each channel: (N, C, H, W) to (N, C, 1, 1). */
public final class GlobalAvgPool2d extends BuiltIn {
  @Override
  Tensor compute(Tensor x) {
    return Functional.globalAvgPool2d(x);
  }

  @Override
  int inputRank() {
    return 4;
  }
}
