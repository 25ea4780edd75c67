package io.github.einkorn.ops;

import io.github.einkorn.Replay;

/** How an operation that can take a rectifier behind it along is applied again. */
public interface Rectifiable extends Replay {
  /** The rectifier it takes along, or IDENTITY. */
  Activation activation();

  /** The same with another one. */
  Rectifiable with(Activation wanted);

  /** Whether it can take this one along. */
  default boolean takes(Activation rectifier) {
    return rectifier.isRectifier();
  }
}
