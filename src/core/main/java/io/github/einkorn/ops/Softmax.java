package io.github.einkorn.ops;

import static io.github.einkorn.global.einkorn.ek_softmax;
import static io.github.einkorn.global.einkorn.ek_softmax_grad;

import io.github.einkorn.Check;
import io.github.einkorn.Format;
import io.github.einkorn.Graph;
import io.github.einkorn.Native;
import io.github.einkorn.Op;
import io.github.einkorn.Tensor;

/** y = eˣ / Σ eˣ along a dimension of n neighbours. Keeps y: gx = y (gy - Σ gy y). */
public record Softmax(Tensor y, int n) implements Op {
  public static Tensor apply(Tensor x, int dim) {
    Check.floats("softmax", x);
    int axis = Check.axis("softmax", x, dim);
    if (axis == (x.format() == Format.CHANNELS_LAST ? 1 : x.rank() - 1)) return along(x, x, axis);
    int last = x.rank() - 1;
    if (axis == last) return along(x.contiguous(), x, axis);
    return apply(x.transpose(axis, last), last).transpose(axis, last);
  }

  /** Along a dimension whose elements are neighbours in c, a conversion of x. */
  private static Tensor along(Tensor c, Tensor x, int axis) {
    int n = c.dim(axis);
    Tensor y = Tensor.like(c);
    Native.check(ek_softmax(c.size() / n, n, c.address(), y.address()));
    Layout.free(c, x);
    return Graph.record(new Softmax(y, n), y, in -> apply(in[0], axis), x);
  }

  @Override
  public Tensor[] backward(Tensor gy) {
    Tensor gx = Tensor.like(y);
    Tensor g = gy.to(y.format());
    Native.check(ek_softmax_grad(y.size() / n, n, y.address(), g.address(), gx.address()));
    return new Tensor[] {gx};
  }
}
