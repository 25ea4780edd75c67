package io.github.einkorn.ops;

import static io.github.einkorn.global.einkorn.ek_reciprocal;
import static io.github.einkorn.global.einkorn.ek_reciprocal_grad;

import io.github.einkorn.Check;
import io.github.einkorn.Graph;
import io.github.einkorn.Native;
import io.github.einkorn.Op;
import io.github.einkorn.Tensor;

/** y = a / x for a number a. Keeps x and y: gx = -gy y / x. */
public record Reciprocal(Tensor x, Tensor y) implements Op {
  public static Tensor apply(Tensor x, double a) {
    Check.floats("reciprocal", x);
    Tensor y = Tensor.like(x);
    Native.check(ek_reciprocal(x.address(), (float) a, y.address(), x.size()));
    return Graph.record(new Reciprocal(x, y), y, in -> apply(in[0], a), x);
  }

  @Override
  public Tensor[] backward(Tensor gy) {
    Tensor gx = Tensor.like(x);
    Native.check(ek_reciprocal_grad(x.address(), y.address(), gy.to(x.format()).address(), gx.address(), x.size()));
    return new Tensor[] {gx};
  }
}
