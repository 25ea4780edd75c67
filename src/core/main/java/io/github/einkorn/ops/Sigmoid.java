package io.github.einkorn.ops;

import static io.github.einkorn.global.einkorn.ek_sigmoid;
import static io.github.einkorn.global.einkorn.ek_sigmoid_grad;

import io.github.einkorn.Check;
import io.github.einkorn.Graph;
import io.github.einkorn.Native;
import io.github.einkorn.Op;
import io.github.einkorn.Tensor;

/** y = 1 / (1 + e⁻ˣ). Keeps y: gx = gy y (1 - y). */
public record Sigmoid(Tensor y) implements Op {
  public static Tensor apply(Tensor x) {
    Check.floats("sigmoid", x);
    Tensor y = Tensor.like(x);
    Native.check(ek_sigmoid(x.address(), y.address(), x.size()));
    return Graph.record(new Sigmoid(y), y, in -> apply(in[0]), x);
  }

  @Override
  public Tensor[] backward(Tensor gy) {
    Tensor gx = Tensor.like(y);
    Native.check(ek_sigmoid_grad(y.address(), gy.to(y.format()).address(), gx.address(), y.size()));
    return new Tensor[] {gx};
  }
}
