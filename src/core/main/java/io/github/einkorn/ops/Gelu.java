package io.github.einkorn.ops;

import static io.github.einkorn.global.einkorn.ek_gelu;
import static io.github.einkorn.global.einkorn.ek_gelu_grad;

import io.github.einkorn.Check;
import io.github.einkorn.Graph;
import io.github.einkorn.Native;
import io.github.einkorn.Op;
import io.github.einkorn.Tensor;

/** y = x Φ(x), or x (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2. Keeps x: gx = gy (Φ + x Φ'). */
public record Gelu(Tensor x, boolean approximate) implements Op {
  public static Tensor apply(Tensor x, boolean approximate) {
    Check.floats("gelu", x);
    Tensor y = Tensor.like(x);
    Native.check(ek_gelu(x.address(), approximate ? 1 : 0, y.address(), x.size()));
    return Graph.record(new Gelu(x, approximate), y, in -> apply(in[0], approximate), x);
  }

  @Override
  public Tensor[] backward(Tensor gy) {
    Tensor gx = Tensor.like(x);
    Native.check(ek_gelu_grad(x.address(), approximate ? 1 : 0, gy.to(x.format()).address(), gx.address(), x.size()));
    return new Tensor[] {gx};
  }
}
