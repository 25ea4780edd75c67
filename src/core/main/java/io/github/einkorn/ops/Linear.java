package io.github.einkorn.ops;

import static io.github.einkorn.global.einkorn.ek_linear;
import static io.github.einkorn.global.einkorn.ek_matmul;

import io.github.einkorn.Check;
import io.github.einkorn.Graph;
import io.github.einkorn.Native;
import io.github.einkorn.Op;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;

/**
 * y = x wᵀ + b with x (…, in), w (out, in), b (out) or null. Keeps x and w: gx = gy w, gw = gyᵀ x, gb = Σ gy over
 * rows.
 */
public record Linear(Tensor x, Tensor w, boolean needsX, boolean bias) implements Op {
  public static Tensor apply(Tensor x, Tensor w, Tensor b) {
    Check.floats("linear", x);
    Check.floats("linear", w);
    Check.rank("linear", w, 2, "a weight (out, in)");
    int in = w.dim(1), out = w.dim(0);
    if (x.rank() == 0 || x.dim(-1) != in) {
      String rows = x.rank() == 0 ? "1" : x.size() / x.dim(-1) + "x" + x.dim(-1);
      throw new ShapeException("mat1 and mat2 shapes cannot be multiplied (" + rows + " and " + in + "x" + out + ")");
    }
    Check.bias("linear", b, out);
    Tensor c = x.contiguous();
    Tensor y = Tensor.empty(x.shape().with(-1, out));
    long bias = b == null ? 0 : b.address();
    Native.check(ek_linear(x.size() / in, out, in, c.address(), w.address(), bias, y.address()));
    return Graph.record(new Linear(c, w, x.requiresGrad(), b != null), y,
        xs -> apply(xs[0], xs[1], xs[2]), x, w, b);
  }

  @Override
  public Tensor[] backward(Tensor gy) {
    Tensor g = gy.contiguous();
    int in = w.dim(1), out = w.dim(0);
    long rows = x.size() / in;
    Tensor gx = null, gw = null, gb = null;
    if (needsX) {
      gx = Tensor.empty(x.shape());
      Native.check(ek_matmul(1, rows, in, out, 0, 0, g.address(), 0, w.address(), 0, gx.address()));
    }
    if (w.requiresGrad()) {
      gw = Tensor.empty(w.shape());
      Native.check(ek_matmul(1, out, in, rows, 1, 0, g.address(), 0, x.address(), 0, gw.address()));
    }
    if (bias) gb = Sum.rows(g, out);
    return new Tensor[] {gx, gw, gb};
  }

  @Override
  public Tensor[] owned() {
    return new Tensor[] {x};
  }
}
