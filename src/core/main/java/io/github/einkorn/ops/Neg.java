package io.github.einkorn.ops;

import static io.github.einkorn.global.einkorn.ek_neg;

import io.github.einkorn.Check;
import io.github.einkorn.Graph;
import io.github.einkorn.Native;
import io.github.einkorn.Op;
import io.github.einkorn.Tensor;

/** y = -x. Keeps nothing: gx = -gy. */
public record Neg() implements Op {
  public static Tensor apply(Tensor x) {
    Check.floats("neg", x);
    return Graph.record(new Neg(), negated(x), in -> apply(in[0]), x);
  }

  private static Tensor negated(Tensor x) {
    Tensor y = Tensor.like(x);
    Native.check(ek_neg(x.address(), y.address(), x.size()));
    return y;
  }

  @Override
  public Tensor[] backward(Tensor gy) {
    return new Tensor[] {negated(gy)};
  }
}
