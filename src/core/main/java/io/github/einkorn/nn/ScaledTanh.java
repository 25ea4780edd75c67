package io.github.einkorn.nn;

import io.github.einkorn.Tensor;

/**
 * y = 1.7159 tanh(2/3 x), for any shape: the squashing function of LeNet-5 (LeCun et al. 1998, eq. 6 and appendix A).
 * It takes ±1 to ±1, where its curvature is largest, and has a gain near 1.
 */
public final class ScaledTanh extends BuiltIn {
  private static final double AMPLITUDE = 1.7159, SLOPE = 2.0 / 3;

  @Override
  Tensor compute(Tensor x) {
    return x.mul(SLOPE).tanh().mul(AMPLITUDE);
  }
}
