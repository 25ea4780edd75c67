package io.github.einkorn.optim;

import io.github.einkorn.Check;
import io.github.einkorn.DType;
import io.github.einkorn.Shape;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** A saved state, of which tensors are taken by name; what is left over in the end is unknown. */
final class Saved {
  private final String who;
  private final Map<String, Tensor> state;
  private final Set<String> unknown;

  Saved(String who, Map<String, Tensor> state) {
    this.who = who;
    this.state = state;
    this.unknown = new TreeSet<>(state.keySet());
  }

  /** A double as a tensor that keeps all of its bits. */
  static Tensor real(double value) {
    return Tensor.of(Double.doubleToRawLongBits(value));
  }

  /** Whether a name ends so. */
  boolean has(String ending) {
    return state.keySet().stream().anyMatch(key -> key.endsWith(ending));
  }

  double real(String key) {
    return Double.longBitsToDouble(longs(key, 1)[0]);
  }

  long[] longs(String key, int count) {
    return take(key, DType.INT64, Shape.of(count)).toLongs();
  }

  Tensor take(String key, DType dtype, Shape shape) {
    Tensor t = state.get(key);
    if (t == null) throw new IllegalArgumentException(who + ": the state lacks \"" + key + "\"");
    Check.dtype(who + ": state \"" + key + "\"", t, dtype);
    if (!t.shape().equals(shape)) {
      throw new ShapeException(who + ": state \"" + key + "\" should have shape " + shape + ", got " + t.shape());
    }
    unknown.remove(key);
    return t;
  }

  void end() {
    if (!unknown.isEmpty()) throw new IllegalArgumentException(who + ": unknown state " + unknown);
  }
}
