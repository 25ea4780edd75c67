package io.github.einkorn.ops;

import static io.github.einkorn.global.einkorn.ek_div_scalar;

import io.github.einkorn.Check;
import io.github.einkorn.Graph;
import io.github.einkorn.Native;
import io.github.einkorn.Op;
import io.github.einkorn.Tensor;

/** y = x / a for a number a. Keeps a: gx = gy / a. */
public record DivScalar(float a) implements Op {
  public static Tensor apply(Tensor x, double a) {
    Check.floats("div", x);
    return Graph.record(new DivScalar((float) a), divide(x, (float) a), in -> apply(in[0], a), x);
  }

  private static Tensor divide(Tensor x, float a) {
    Tensor y = Tensor.like(x);
    Native.check(ek_div_scalar(x.address(), a, y.address(), x.size()));
    return y;
  }

  @Override
  public Tensor[] backward(Tensor gy) {
    return new Tensor[] {divide(gy, a)};
  }
}
