package io.github.einkorn.nn;

import io.github.einkorn.Tensor;

/**
 * y = x / (k + α / size · Σ x²)^β for (N, C, …), the sum being over {@code size} neighbouring channels of the same
 * pixel: PyTorch's layer, with its defaults; that of k is 1. {@link LRN} is the same as AlexNet's paper and TensorFlow
 * have it, where α is not divided by the size.
 */
public final class LocalResponseNorm extends ResponseNorm<LocalResponseNorm> {
  private final int size;

  /**
   * With windows of so many channels, of which channel c sees c - size / 2 and those that follow.
   *
   * @throws IllegalArgumentException unless it is at least 1
   */
  public LocalResponseNorm(int size) {
    super(size, 1);
    this.size = positive("size", size);
  }

  @Override
  LocalResponseNorm self() {
    return this;
  }

  @Override
  Tensor compute(Tensor x) {
    return Functional.localResponseNorm(x, size, alpha, beta, k);
  }
}
