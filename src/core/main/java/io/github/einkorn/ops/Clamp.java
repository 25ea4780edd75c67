package io.github.einkorn.ops;

import static io.github.einkorn.global.einkorn.ek_clamp;
import static io.github.einkorn.global.einkorn.ek_clamp_grad;

import io.github.einkorn.Check;
import io.github.einkorn.Graph;
import io.github.einkorn.Native;
import io.github.einkorn.Op;
import io.github.einkorn.Tensor;

/** y = min(max(x, low), high). Keeps x: gx = gy where low <= x <= high, as {@code torch.clamp}. */
public record Clamp(Tensor x, float low, float high) implements Op {
  public static Tensor apply(Tensor x, float low, float high) {
    Check.floats("clamp", x);
    if (!(low <= high)) throw new IllegalArgumentException("clamp: low " + low + " must not exceed high " + high);
    Tensor y = Tensor.like(x);
    Native.check(ek_clamp(x.address(), low, high, y.address(), x.size()));
    return Graph.record(new Clamp(x, low, high), y, in -> apply(in[0], low, high), x);
  }

  @Override
  public Tensor[] backward(Tensor gy) {
    Tensor gx = Tensor.like(x);
    Native.check(ek_clamp_grad(x.address(), low, high, gy.to(x.format()).address(), gx.address(), x.size()));
    return new Tensor[] {gx};
  }
}
