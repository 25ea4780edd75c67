package io.github.einkorn.nn;

import io.github.einkorn.Check;
import io.github.einkorn.Tensor;

/**
 * y = x / (k + α / size · Σ x²)^β for (N, C, …), the sum being over {@code size} neighbouring channels of the same
 * pixel: PyTorch's layer, with its defaults. {@link LRN} is the same as AlexNet's paper and TensorFlow have it, where α
 * is not divided by the size.
 */
public final class LocalResponseNorm extends BuiltIn {
  private final int size;
  private double alpha = 1e-4;
  private double beta = 0.75;
  private double k = 1;

  /**
   * With windows of so many channels, of which channel c sees c - size / 2 and those that follow.
   *
   * @throws IllegalArgumentException unless it is at least 1
   */
  public LocalResponseNorm(int size) {
    this.size = positive("size", size);
  }

  /**
   * The factor of the mean square; the default is 1e-4. Returns this.
   *
   * @throws IllegalArgumentException unless it is finite
   */
  public LocalResponseNorm alpha(double wanted) {
    Check.finite(type() + ": alpha", wanted);
    alpha = wanted;
    return this;
  }

  /**
   * The exponent; the default is 0.75. Returns this.
   *
   * @throws IllegalArgumentException unless it is finite
   */
  public LocalResponseNorm beta(double wanted) {
    Check.finite(type() + ": beta", wanted);
    beta = wanted;
    return this;
  }

  /**
   * What is added to the sum; the default is 1. Returns this.
   *
   * @throws IllegalArgumentException unless it is finite
   */
  public LocalResponseNorm k(double wanted) {
    Check.finite(type() + ": k", wanted);
    k = wanted;
    return this;
  }

  @Override
  Tensor compute(Tensor x) {
    return Functional.localResponseNorm(x, size, alpha, beta, k);
  }

  @Override
  protected String details() {
    return size + ", alpha=" + python(alpha) + ", beta=" + python(beta) + ", k=" + python(k);
  }
}
