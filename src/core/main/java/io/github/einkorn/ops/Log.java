package io.github.einkorn.ops;

import static io.github.einkorn.global.einkorn.ek_log;
import static io.github.einkorn.global.einkorn.ek_log_grad;

import io.github.einkorn.Check;
import io.github.einkorn.Graph;
import io.github.einkorn.Native;
import io.github.einkorn.Op;
import io.github.einkorn.Tensor;

/** y = ln x. Keeps x: gx = gy / x. */
public record Log(Tensor x) implements Op {
  public static Tensor apply(Tensor x) {
    Check.floats("log", x);
    Tensor y = Tensor.like(x);
    Native.check(ek_log(x.address(), y.address(), x.size()));
    return Graph.record(new Log(x), y, in -> apply(in[0]), x);
  }

  @Override
  public Tensor[] backward(Tensor gy) {
    Tensor gx = Tensor.like(x);
    Native.check(ek_log_grad(x.address(), gy.to(x.format()).address(), gx.address(), x.size()));
    return new Tensor[] {gx};
  }
}
