package io.github.einkorn.ops;

import static io.github.einkorn.global.einkorn.ek_pow;
import static io.github.einkorn.global.einkorn.ek_pow_grad;

import io.github.einkorn.Check;
import io.github.einkorn.Graph;
import io.github.einkorn.Native;
import io.github.einkorn.Op;
import io.github.einkorn.Tensor;

/** y = xᵖ. Keeps x: gx = gy p xᵖ⁻¹. */
public record Pow(Tensor x, float p) implements Op {
  public static Tensor apply(Tensor x, float p) {
    Check.floats("pow", x);
    Tensor y = Tensor.like(x);
    Native.check(ek_pow(x.address(), p, y.address(), x.size()));
    return Graph.record(new Pow(x, p), y, in -> apply(in[0], p), x);
  }

  @Override
  public Tensor[] backward(Tensor gy) {
    Tensor gx = Tensor.like(x);
    Native.check(ek_pow_grad(x.address(), p, gy.to(x.format()).address(), gx.address(), x.size()));
    return new Tensor[] {gx};
  }
}
