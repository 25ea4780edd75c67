package io.github.einkorn.ops;

import static io.github.einkorn.global.einkorn.ek_leaky_relu;
import static io.github.einkorn.global.einkorn.ek_leaky_relu_grad;

import io.github.einkorn.Check;
import io.github.einkorn.Graph;
import io.github.einkorn.Native;
import io.github.einkorn.Op;
import io.github.einkorn.Tensor;

/** y = x where x > 0, else slope x. Keeps x: gx = gy where x > 0, else slope gy. */
public record LeakyRelu(Tensor x, float slope) implements Op {
  public static Tensor apply(Tensor x, float slope) {
    Check.floats("leakyRelu", x);
    Tensor y = Tensor.like(x);
    Native.check(ek_leaky_relu(x.address(), slope, y.address(), x.size()));
    return Graph.record(new LeakyRelu(x, slope), y, in -> apply(in[0], slope), x);
  }

  @Override
  public Tensor[] backward(Tensor gy) {
    Tensor gx = Tensor.like(x);
    Native.check(ek_leaky_relu_grad(x.address(), slope, gy.to(x.format()).address(), gx.address(), x.size()));
    return new Tensor[] {gx};
  }
}
