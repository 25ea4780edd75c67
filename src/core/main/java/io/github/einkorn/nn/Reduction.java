package io.github.einkorn.nn;

import io.github.einkorn.Tensor;

/** What a loss does with the losses of the single elements. The order is that of {@code ek_reduction}. */
public enum Reduction {
  /** Keeps them all. */
  NONE,
  /** Their mean: the default everywhere. */
  MEAN,
  /** Their sum. */
  SUM;

  /** This of the losses of the elements. */
  Tensor of(Tensor losses) {
    return switch (this) {
      case NONE -> losses;
      case MEAN -> losses.mean();
      case SUM -> losses.sum();
    };
  }
}
