package io.github.einkorn.data;

import io.github.einkorn.Check;
import io.github.einkorn.Tensor;
import java.util.Objects;

/**
 * One example, without a batch dimension.
 *
 * @param x what the model is given, as an image of shape (C, H, W)
 * @param y what it should say of it, as a label of shape () and type int64
 * @param weight what it counts in the loss; 1 unless said otherwise
 */
public record Sample(Tensor x, Tensor y, float weight) {
  /** Refuses nulls, and weights that are negative or not finite. */
  public Sample {
    Objects.requireNonNull(x, "x");
    Objects.requireNonNull(y, "y");
    Check.range("a sample's weight", weight, 0, Float.MAX_VALUE);
  }

  /** Of weight 1. */
  public Sample(Tensor x, Tensor y) {
    this(x, y, 1);
  }

  /** The same with another weight. */
  public Sample weight(float other) {
    return new Sample(x, y, other);
  }
}
