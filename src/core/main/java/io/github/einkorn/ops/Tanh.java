package io.github.einkorn.ops;

import static io.github.einkorn.global.einkorn.ek_tanh;
import static io.github.einkorn.global.einkorn.ek_tanh_grad;

import io.github.einkorn.Check;
import io.github.einkorn.Graph;
import io.github.einkorn.Native;
import io.github.einkorn.Op;
import io.github.einkorn.Tensor;

/** y = tanh x. Keeps y: gx = gy (1 - y²). */
public record Tanh(Tensor y) implements Op {
  public static Tensor apply(Tensor x) {
    Check.floats("tanh", x);
    Tensor y = Tensor.like(x);
    Native.check(ek_tanh(x.address(), y.address(), x.size()));
    return Graph.record(new Tanh(y), y, in -> apply(in[0]), x);
  }

  @Override
  public Tensor[] backward(Tensor gy) {
    Tensor gx = Tensor.like(y);
    Native.check(ek_tanh_grad(y.address(), gy.to(y.format()).address(), gx.address(), y.size()));
    return new Tensor[] {gx};
  }
}
