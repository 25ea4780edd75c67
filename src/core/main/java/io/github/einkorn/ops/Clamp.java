package io.github.einkorn.ops;

import static io.github.einkorn.global.einkorn.ek_clamp;
import static io.github.einkorn.global.einkorn.ek_clamp_grad;

import io.github.einkorn.Check;
import io.github.einkorn.Graph;
import io.github.einkorn.Native;
import io.github.einkorn.Op;
import io.github.einkorn.Tensor;

/** y = min(max(x, low), high). Keeps x: gx = gy where from <= x <= to, which are the limits or next to them. */
public record Clamp(Tensor x, float from, float to) implements Op {
  /** With the gradient of what is between the limits at the limits, as {@code torch.clamp}. */
  public static Tensor apply(Tensor x, float low, float high) {
    return apply(x, low, high, low, high);
  }

  /** With the gradient 0 at the limits, as {@code torch.nn.functional.hardtanh}, to which ReLU6 belongs. */
  public static Tensor open(Tensor x, float low, float high) {
    return apply(x, low, high, Math.nextUp(low), Math.nextDown(high));
  }

  private static Tensor apply(Tensor x, float low, float high, float from, float to) {
    Check.floats("clamp", x);
    if (!(low <= high)) throw new IllegalArgumentException("clamp: low " + low + " must not exceed high " + high);
    Tensor y = Tensor.like(x);
    Native.check(ek_clamp(x.address(), low, high, y.address(), x.size()));
    return Graph.record(new Clamp(x, from, to), y, in -> apply(in[0], low, high, from, to), x);
  }

  @Override
  public Tensor[] backward(Tensor gy) {
    Tensor gx = Tensor.like(x);
    Native.check(ek_clamp_grad(x.address(), from, to, gy.to(x.format()).address(), gx.address(), x.size()));
    return new Tensor[] {gx};
  }
}
