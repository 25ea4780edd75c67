package io.github.einkorn.ops;

import io.github.einkorn.Op;
import io.github.einkorn.Tensor;

/** y = x with its elements in another order of memory: gx = gy. */
public record ToFormat() implements Op {
  @Override
  public Tensor[] backward(Tensor gy) {
    return new Tensor[] {gy};
  }
}
