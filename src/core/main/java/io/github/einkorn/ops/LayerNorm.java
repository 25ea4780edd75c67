package io.github.einkorn.ops;

import static io.github.einkorn.global.einkorn.ek_layer_norm;
import static io.github.einkorn.global.einkorn.ek_layer_norm_grad;

import io.github.einkorn.Check;
import io.github.einkorn.Graph;
import io.github.einkorn.Native;
import io.github.einkorn.Op;
import io.github.einkorn.Shape;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;

/**
 * y = (x - mean) invstd gamma + beta with the mean and deviation of each row of n numbers, the last dimensions of x.
 * Keeps x contiguous, gamma, mean and invstd; gamma and beta, of the shape of a row, may be null.
 */
public record LayerNorm(Tensor x, Tensor gamma, boolean hasBeta, Tensor mean, Tensor invstd, Shape row)
    implements Op {
  public static Tensor apply(Tensor x, Shape row, Tensor gamma, Tensor beta, float eps) {
    check(x, row, gamma, beta);
    int rows = Math.toIntExact(x.size() / row.size());
    Tensor c = x.contiguous(), g = contiguous(gamma), b = contiguous(beta), y = Tensor.like(c);
    Tensor mean = Tensor.empty(Shape.of(rows)), invstd = Tensor.empty(Shape.of(rows));
    Native.check(ek_layer_norm(rows, row.size(), c.address(), Native.address(g), Native.address(b), eps, y.address(),
        mean.address(), invstd.address()));
    return Graph.record(new LayerNorm(c, g, beta != null, mean, invstd, row), y,
        in -> apply(in[0], row, in[1], in[2], eps), x, gamma, beta);
  }

  private static void check(Tensor x, Shape row, Tensor gamma, Tensor beta) {
    Check.floats("layerNorm", x);
    int skip = x.rank() - row.rank();
    boolean fits = row.rank() > 0 && skip >= 0;
    for (int i = 0; fits && i < row.rank(); i++) fits = x.dim(skip + i) == row.dim(i);
    if (!fits) {
      throw new ShapeException("layerNorm: expected the last dimensions to be " + row + ", got shape " + x.shape());
    }
    for (Tensor t : new Tensor[] {gamma, beta}) {
      if (t == null) continue;
      Check.floats("layerNorm", t);
      if (!t.shape().equals(row)) {
        throw new ShapeException("layerNorm: expected weight and bias of shape " + row + ", got " + t.shape());
      }
    }
  }

  private static Tensor contiguous(Tensor t) {
    return t == null ? null : t.contiguous();
  }

  @Override
  public Tensor[] backward(Tensor gy) {
    Tensor g = gy.contiguous(), gx = Tensor.like(x);
    boolean affine = gamma != null || hasBeta;
    Tensor gg = affine ? Tensor.empty(row) : null, gb = affine ? Tensor.empty(row) : null;
    Native.run(() -> ek_layer_norm_grad(mean.size(), row.size(), x.address(), g.address(), Native.address(gamma),
        mean.address(), invstd.address(), gx.address(), Native.address(gg), Native.address(gb)));
    return new Tensor[] {gx, gamma == null ? null : gg, hasBeta ? gb : null};
  }

  @Override
  public Tensor[] owned() {
    return new Tensor[] {x, gamma, mean, invstd};
  }
}
