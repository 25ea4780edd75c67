package io.github.einkorn.ops;

import static io.github.einkorn.global.einkorn.ek_elu;
import static io.github.einkorn.global.einkorn.ek_elu_grad;

import io.github.einkorn.Check;
import io.github.einkorn.Graph;
import io.github.einkorn.Native;
import io.github.einkorn.Op;
import io.github.einkorn.Tensor;

/** y = x where x > 0, else alpha (eˣ - 1). Keeps x: gx = gy where x > 0, else gy alpha eˣ. */
public record Elu(Tensor x, float alpha) implements Op {
  public static Tensor apply(Tensor x, float alpha) {
    Check.floats("elu", x);
    Tensor y = Tensor.like(x);
    Native.check(ek_elu(x.address(), alpha, y.address(), x.size()));
    return Graph.record(new Elu(x, alpha), y, in -> apply(in[0], alpha), x);
  }

  @Override
  public Tensor[] backward(Tensor gy) {
    Tensor gx = Tensor.like(x);
    Native.check(ek_elu_grad(x.address(), alpha, gy.to(x.format()).address(), gx.address(), x.size()));
    return new Tensor[] {gx};
  }
}
