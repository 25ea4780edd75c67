package io.github.einkorn.ops;

import static io.github.einkorn.global.einkorn.ek_silu;
import static io.github.einkorn.global.einkorn.ek_silu_grad;

import io.github.einkorn.Check;
import io.github.einkorn.Graph;
import io.github.einkorn.Native;
import io.github.einkorn.Op;
import io.github.einkorn.Tensor;

/** y = x s for s = 1 / (1 + e⁻ˣ). Keeps x: gx = gy s (1 + x (1 - s)). */
public record Silu(Tensor x) implements Op {
  public static Tensor apply(Tensor x) {
    Check.floats("silu", x);
    Tensor y = Tensor.like(x);
    Native.check(ek_silu(x.address(), y.address(), x.size()));
    return Graph.record(new Silu(x), y, in -> apply(in[0]), x);
  }

  @Override
  public Tensor[] backward(Tensor gy) {
    Tensor gx = Tensor.like(x);
    Native.check(ek_silu_grad(x.address(), gy.to(x.format()).address(), gx.address(), x.size()));
    return new Tensor[] {gx};
  }
}
