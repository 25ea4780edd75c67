package io.github.einkorn.nn;

/** What a loss does with the losses of the single elements. The order is that of {@code ek_reduction}. */
public enum Reduction {
  /** Keeps them all. */
  NONE,
  /** Their mean: the default everywhere. */
  MEAN,
  /** Their sum. */
  SUM
}
