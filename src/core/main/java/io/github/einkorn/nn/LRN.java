package io.github.einkorn.nn;

import io.github.einkorn.Check;
import io.github.einkorn.Tensor;

/**
 * y = x / (k + α Σ x²)^β for (N, C, …), the sum being over the channels c - radius … c + radius of the same pixel: as
 * in AlexNet (Krizhevsky, Sutskever and Hinton 2012: {@code new LRN(2)} with the defaults), and TensorFlow's
 * {@code tf.nn.local_response_normalization}, whose bias is k. {@link LocalResponseNorm} is PyTorch's, which divides α
 * by the size 2 · radius + 1.
 */
public final class LRN extends BuiltIn {
  private final int radius;
  private double alpha = 1e-4;
  private double beta = 0.75;
  private double k = 2;

  /**
   * With windows of so many channels on either side.
   *
   * @throws IllegalArgumentException if it is negative
   */
  public LRN(int radius) {
    if (radius < 0) throw new IllegalArgumentException("LRN: radius must not be negative, got " + radius);
    this.radius = radius;
  }

  /**
   * The factor of the sum of squares; the default is 1e-4. Returns this.
   *
   * @throws IllegalArgumentException unless it is finite
   */
  public LRN alpha(double wanted) {
    Check.finite(type() + ": alpha", wanted);
    alpha = wanted;
    return this;
  }

  /**
   * The exponent; the default is 0.75. Returns this.
   *
   * @throws IllegalArgumentException unless it is finite
   */
  public LRN beta(double wanted) {
    Check.finite(type() + ": beta", wanted);
    beta = wanted;
    return this;
  }

  /**
   * What is added to the sum; the default is 2. Returns this.
   *
   * @throws IllegalArgumentException unless it is finite
   */
  public LRN k(double wanted) {
    Check.finite(type() + ": k", wanted);
    k = wanted;
    return this;
  }

  @Override
  Tensor compute(Tensor x) {
    return Functional.lrn(x, radius, alpha, beta, k);
  }

  @Override
  protected String details() {
    return radius + ", alpha=" + python(alpha) + ", beta=" + python(beta) + ", k=" + python(k);
  }
}
