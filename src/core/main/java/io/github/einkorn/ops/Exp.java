package io.github.einkorn.ops;

import static io.github.einkorn.global.einkorn.ek_exp;
import static io.github.einkorn.global.einkorn.ek_exp_grad;

import io.github.einkorn.Check;
import io.github.einkorn.Graph;
import io.github.einkorn.Native;
import io.github.einkorn.Op;
import io.github.einkorn.Tensor;

/** y = eˣ. Keeps y: gx = gy y. */
public record Exp(Tensor y) implements Op {
  public static Tensor apply(Tensor x) {
    Check.floats("exp", x);
    Tensor y = Tensor.like(x);
    Native.check(ek_exp(x.address(), y.address(), x.size()));
    return Graph.record(new Exp(y), y, in -> apply(in[0]), x);
  }

  @Override
  public Tensor[] backward(Tensor gy) {
    Tensor gx = Tensor.like(y);
    Native.check(ek_exp_grad(y.address(), gy.to(y.format()).address(), gx.address(), y.size()));
    return new Tensor[] {gx};
  }
}
