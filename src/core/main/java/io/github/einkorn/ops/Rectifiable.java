package io.github.einkorn.ops;

import io.github.einkorn.Replay;

/** How an operation that can take the ReLU behind it along is applied again. */
public interface Rectifiable extends Replay {
  /** Whether it does. */
  boolean relu();

  /** The same with or without. */
  Rectifiable relu(boolean wanted);
}
