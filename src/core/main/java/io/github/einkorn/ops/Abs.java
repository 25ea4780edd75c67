package io.github.einkorn.ops;

import static io.github.einkorn.global.einkorn.ek_abs;
import static io.github.einkorn.global.einkorn.ek_abs_grad;

import io.github.einkorn.Check;
import io.github.einkorn.Graph;
import io.github.einkorn.Native;
import io.github.einkorn.Op;
import io.github.einkorn.Tensor;

/** y = |x|. Keeps x: gx = gy sign(x), 0 at 0. */
public record Abs(Tensor x) implements Op {
  public static Tensor apply(Tensor x) {
    Check.floats("abs", x);
    Tensor y = Tensor.like(x);
    Native.check(ek_abs(x.address(), y.address(), x.size()));
    return Graph.record(new Abs(x), y, in -> apply(in[0]), x);
  }

  @Override
  public Tensor[] backward(Tensor gy) {
    Tensor gx = Tensor.like(x);
    Native.check(ek_abs_grad(x.address(), gy.to(x.format()).address(), gx.address(), x.size()));
    return new Tensor[] {gx};
  }
}
