package io.github.einkorn.data;

import io.github.einkorn.Tensor;

/**
 * One example, without a batch dimension.
 *
 * @param x what the model is given, as an image of shape (C, H, W)
 * @param y what it should say of it, as a label of shape () and type int64
 */
public record Sample(Tensor x, Tensor y) {
  /** Refuses nulls. */
  public Sample {
    java.util.Objects.requireNonNull(x, "x");
    java.util.Objects.requireNonNull(y, "y");
  }
}
