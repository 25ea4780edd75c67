package io.github.einkorn.ops;

import static io.github.einkorn.global.einkorn.ek_square;
import static io.github.einkorn.global.einkorn.ek_square_grad;

import io.github.einkorn.Check;
import io.github.einkorn.Graph;
import io.github.einkorn.Native;
import io.github.einkorn.Op;
import io.github.einkorn.Tensor;

/** y = x². Keeps x: gx = 2 x gy. */
public record Square(Tensor x) implements Op {
  public static Tensor apply(Tensor x) {
    Check.floats("square", x);
    Tensor y = Tensor.like(x);
    Native.check(ek_square(x.address(), y.address(), x.size()));
    return Graph.record(new Square(x), y, in -> apply(in[0]), x);
  }

  @Override
  public Tensor[] backward(Tensor gy) {
    Tensor gx = Tensor.like(x);
    Native.check(ek_square_grad(x.address(), gy.to(x.format()).address(), gx.address(), x.size()));
    return new Tensor[] {gx};
  }
}
