package io.github.einkorn.ops;

import io.github.einkorn.Replay;

/** How an operation that can take an activation behind it along is applied again. */
public interface Activated extends Replay {
  /** The activation it takes along, or IDENTITY. */
  Activation activation();

  /** The same with another one. */
  Activated with(Activation wanted);

  /** Whether it can take this one along; most take rectifiers. */
  default boolean takes(Activation wanted) {
    return wanted.isRectifier();
  }
}
