package io.github.einkorn.ops;

import static io.github.einkorn.global.einkorn.ek_sqrt;
import static io.github.einkorn.global.einkorn.ek_sqrt_grad;

import io.github.einkorn.Check;
import io.github.einkorn.Graph;
import io.github.einkorn.Native;
import io.github.einkorn.Op;
import io.github.einkorn.Tensor;

/** y = √x. Keeps y: gx = gy / 2y. */
public record Sqrt(Tensor y) implements Op {
  public static Tensor apply(Tensor x) {
    Check.floats("sqrt", x);
    Tensor y = Tensor.like(x);
    Native.check(ek_sqrt(x.address(), y.address(), x.size()));
    return Graph.record(new Sqrt(y), y, in -> apply(in[0]), x);
  }

  @Override
  public Tensor[] backward(Tensor gy) {
    Tensor gx = Tensor.like(y);
    Native.check(ek_sqrt_grad(y.address(), gy.to(y.format()).address(), gx.address(), y.size()));
    return new Tensor[] {gx};
  }
}
