package io.github.einkorn.plan;

import io.github.einkorn.Format;
import io.github.einkorn.Scope;
import io.github.einkorn.Shape;
import io.github.einkorn.Tensor;
import io.github.einkorn.Tensors;
import java.util.HashMap;
import java.util.Map;

/** Copies of what does not depend on the input, as it was when it was used; equal states have one copy. */
final class Constants {
  private record State(long stamp, Shape shape, Format format) {}

  private final Map<State, Tensor> copies = new HashMap<>();
  private final Scope scope;

  Constants(Scope scope) {
    this.scope = scope;
  }

  Tensor copy(Tensor x) {
    return copies.computeIfAbsent(new State(x.stamp(), x.shape(), x.format()), s -> Tensors.move(x.copy(), scope));
  }
}
