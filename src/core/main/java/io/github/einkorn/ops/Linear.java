package io.github.einkorn.ops;

import static io.github.einkorn.global.einkorn.ek_linear;
import static io.github.einkorn.global.einkorn.ek_linear_grad;

import io.github.einkorn.Check;
import io.github.einkorn.Graph;
import io.github.einkorn.Native;
import io.github.einkorn.Op;
import io.github.einkorn.Shape;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;

/**
 * y = f(x wᵀ + b) with x (…, in), w (out, in), b (out) or null, and an activation f. Keeps x and w, and y where there
 * is an activation, else null: with gz the gradient through f, gx = gz w, gw = gzᵀ x, gb = Σ gz over rows.
 */
public record Linear(Tensor x, Tensor w, Tensor y, Activation activation, boolean needsX, boolean needsW, boolean bias)
    implements Op {
  private record Again(Activation activation) implements Activated {
    @Override
    public Again with(Activation wanted) {
      return new Again(wanted);
    }

    @Override
    public boolean takes(Activation wanted) {
      return true;
    }

    @Override
    public Tensor run(Tensor... in) {
      return apply(in[0], in[1], in[2], activation);
    }
  }

  public static Tensor apply(Tensor x, Tensor w, Tensor b, Activation activation) {
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
    Native.run(() -> ek_linear(x.size() / in, out, in, c.address(), w.address(), Native.address(b),
        activation.ordinal(), y.address()));
    Tensor kept = activation == Activation.IDENTITY ? null : y;
    return Graph.record(new Linear(c, w, kept, activation, x.requiresGrad(), w.requiresGrad(), b != null), y,
        new Again(activation), x, w, b);
  }

  @Override
  public Tensor[] backward(Tensor gy) {
    Tensor g = gy.contiguous();
    int in = w.dim(1), out = w.dim(0);
    Tensor gx = needsX ? Tensor.empty(x.shape()) : null;
    Tensor gw = needsW ? Tensor.empty(w.shape()) : null;
    Tensor gb = bias ? Tensor.empty(Shape.of(out)) : null;
    Native.run(() -> ek_linear_grad(x.size() / in, out, in, x.address(), w.address(), Native.address(y), g.address(),
        activation.ordinal(), Native.address(gx), Native.address(gw), Native.address(gb)));
    return new Tensor[] {gx, gw, gb};
  }

  @Override
  public Tensor[] owned() {
    return new Tensor[] {x};
  }
}
