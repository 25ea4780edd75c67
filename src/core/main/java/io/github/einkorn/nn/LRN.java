package io.github.einkorn.nn;

import io.github.einkorn.Tensor;

/**
 * y = x / (k + α Σ x²)^β for (N, C, …), the sum being over the channels c - radius … c + radius of the same pixel: as
 * in AlexNet (Krizhevsky, Sutskever and Hinton 2012: {@code new LRN(2)} with the defaults), and TensorFlow's
 * {@code tf.nn.local_response_normalization}, whose bias is k; the default of k is 2. {@link LocalResponseNorm} is
 * PyTorch's, which divides α by the size 2 · radius + 1.
 */
public final class LRN extends ResponseNorm<LRN> {
  private final int radius;

  /**
   * With windows of so many channels on either side.
   *
   * @throws IllegalArgumentException if it is negative
   */
  public LRN(int radius) {
    super(radius, 2);
    if (radius < 0) throw new IllegalArgumentException("LRN: radius must not be negative, got " + radius);
    this.radius = radius;
  }

  @Override
  LRN self() {
    return this;
  }

  @Override
  Tensor compute(Tensor x) {
    return Functional.lrn(x, radius, alpha, beta, k);
  }
}
