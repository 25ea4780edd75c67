package io.github.einkorn.train;

import io.github.einkorn.Tensor;

/** A number that says how good predictions are, gathered batch by batch over an epoch. */
public interface Metric {
  /** Its name in logs and history, such as {@code accuracy}; the validation's gets {@code val_} before it. */
  String name();

  /** Forgets what was gathered. */
  void reset();

  /** Takes in a batch: the model's output and the targets. Nothing is recorded meanwhile. */
  void update(Tensor prediction, Tensor target);

  /** The number for all batches since the reset. */
  double result();
}
