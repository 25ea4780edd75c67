package io.github.einkorn.ops;

import static io.github.einkorn.global.einkorn.ek_relu;
import static io.github.einkorn.global.einkorn.ek_relu_grad;

import io.github.einkorn.Check;
import io.github.einkorn.Graph;
import io.github.einkorn.Native;
import io.github.einkorn.Op;
import io.github.einkorn.Tensor;

/** y = max(x, 0). Keeps y: gx = gy where y > 0. */
public record Relu(Tensor y) implements Op {
  public static Tensor apply(Tensor x) {
    Check.floats("relu", x);
    Tensor y = Tensor.like(x);
    Native.check(ek_relu(x.address(), y.address(), x.size()));
    return Graph.record(new Relu(y), y, in -> apply(in[0]), x);
  }

  @Override
  public Tensor[] backward(Tensor gy) {
    return new Tensor[] {gradient(y, gy)};
  }

  /** gy where y > 0, in the format of y. */
  static Tensor gradient(Tensor y, Tensor gy) {
    Tensor gx = Tensor.like(y);
    Native.check(ek_relu_grad(y.address(), gy.to(y.format()).address(), gx.address(), y.size()));
    return gx;
  }
}
