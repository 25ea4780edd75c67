package io.github.einkorn.nn;

import io.github.einkorn.Tensor;

/**
 * l1 · Σ |w| + l2 · Σ w². Keras's {@code regularizers.L1L2}.
 *
 * @param l1 not negative
 * @param l2 not negative
 */
public record L1L2(double l1, double l2) implements Regularizer {
  /** Throws IllegalArgumentException unless both factors are finite and not negative. */
  public L1L2 {
    new L1(l1);
    new L2(l2);
  }

  @Override
  public Tensor penalty(Tensor w) {
    return new L1(l1).penalty(w).add(new L2(l2).penalty(w));
  }
}
