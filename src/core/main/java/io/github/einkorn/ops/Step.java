package io.github.einkorn.ops;

import static io.github.einkorn.global.einkorn.ek_step;

import io.github.einkorn.Check;
import io.github.einkorn.Graph;
import io.github.einkorn.Native;
import io.github.einkorn.Op;
import io.github.einkorn.Tensor;

/** y = 1 where x > 0, else 0. Keeps y for its shape: gx = 0, as it is wherever y has a derivative. */
public record Step(Tensor y) implements Op {
  public static Tensor apply(Tensor x) {
    Check.floats("step", x);
    Tensor y = Tensor.like(x);
    Native.check(ek_step(x.address(), y.address(), x.size()));
    return Graph.record(new Step(y), y, in -> apply(in[0]), x);
  }

  @Override
  public Tensor[] backward(Tensor gy) {
    return new Tensor[] {Tensor.like(y).fillInPlace(0)};
  }
}
