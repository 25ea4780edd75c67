package io.github.einkorn.nn;

import io.github.einkorn.Check;
import io.github.einkorn.Tensor;

/**
 * factor · Σ w²: keeps weights small. Keras's {@code regularizers.L2}, without a half.
 *
 * @param factor not negative; Keras's default is 0.01
 */
public record L2(double factor) implements Regularizer {
  /** Throws IllegalArgumentException unless the factor is finite and not negative. */
  public L2 {
    Check.range("L2: factor", factor, 0, Float.MAX_VALUE);
  }

  @Override
  public Tensor penalty(Tensor w) {
    return w.square().sum().mul(factor);
  }
}
