package io.github.einkorn.nn;

import io.github.einkorn.Check;
import io.github.einkorn.Tensor;

/**
 * factor · Σ |w|: drives weights to 0. Keras's {@code regularizers.L1}.
 *
 * @param factor not negative; Keras's default is 0.01
 */
public record L1(double factor) implements Regularizer {
  /** Throws IllegalArgumentException unless the factor is finite and not negative. */
  public L1 {
    Check.range("L1: factor", factor, 0, Float.MAX_VALUE);
  }

  @Override
  public Tensor penalty(Tensor w) {
    return w.abs().sum().mul(factor);
  }
}
