package io.github.einkorn.ops;

import static io.github.einkorn.global.einkorn.ek_relu6;
import static io.github.einkorn.global.einkorn.ek_relu6_grad;

import io.github.einkorn.Check;
import io.github.einkorn.Graph;
import io.github.einkorn.Native;
import io.github.einkorn.Op;
import io.github.einkorn.Tensor;

/** y = min(max(x, 0), 6). Keeps y: gx = gy where 0 < y < 6. */
public record Relu6(Tensor y) implements Op {
  public static Tensor apply(Tensor x) {
    Check.floats("relu6", x);
    Tensor y = Tensor.like(x);
    Native.check(ek_relu6(x.address(), y.address(), x.size()));
    return Graph.record(new Relu6(y), y, in -> apply(in[0]), x);
  }

  @Override
  public Tensor[] backward(Tensor gy) {
    return new Tensor[] {gradient(y, gy)};
  }

  /** gy where 0 < y < 6, in the format of y. */
  static Tensor gradient(Tensor y, Tensor gy) {
    Tensor gx = Tensor.like(y);
    Native.check(ek_relu6_grad(y.address(), gy.to(y.format()).address(), gx.address(), y.size()));
    return gx;
  }
}
