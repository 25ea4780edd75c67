package io.github.einkorn.ops;

import io.github.einkorn.Check;
import io.github.einkorn.DTypeException;
import io.github.einkorn.Graph;
import io.github.einkorn.Op;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;

/** y = tensors one after the other along a dimension. Keeps their extents: each gradient is cut out of gy. */
public record Cat(int axis, int[] extents) implements Op {
  public static Tensor apply(int dim, Tensor... xs) {
    if (xs.length == 0) throw new IllegalArgumentException("cat: expected at least one tensor");
    Tensor first = xs[0];
    int axis = Check.axis("cat", first, dim);
    int[] extents = new int[xs.length];
    long total = 0;
    for (int i = 0; i < xs.length; i++) {
      check(xs[i], first, axis);
      extents[i] = xs[i].dim(axis);
      total += extents[i];
    }
    if (total > Integer.MAX_VALUE) throw new ShapeException("cat: an extent of " + total + " is too large");
    Tensor y = Tensor.empty(first.dtype(), first.format(), first.shape().with(axis, (int) total));
    long step = Layout.strides(y)[axis], at = 0;
    for (Tensor x : xs) {
      Layout.paste(x, y, at * step);
      at += x.dim(axis);
    }
    return Graph.record(new Cat(axis, extents), y, in -> apply(axis, in), xs.clone());
  }

  private static void check(Tensor x, Tensor first, int axis) {
    if (x.dtype() != first.dtype()) {
      throw new DTypeException("cat: expected " + first.dtype() + " as in the first tensor, got " + x.describe());
    }
    if (x.rank() != first.rank() || !x.shape().with(axis, 1).equals(first.shape().with(axis, 1))) {
      throw new ShapeException("cat: shapes " + first.shape() + " and " + x.shape() + " differ outside dimension "
          + axis);
    }
  }

  @Override
  public Tensor[] backward(Tensor gy) {
    Tensor[] gxs = new Tensor[extents.length];
    long step = Layout.strides(gy)[axis], at = 0;
    for (int i = 0; i < gxs.length; i++) {
      gxs[i] = Layout.cut(gy, at * step, gy.shape().with(axis, extents[i]));
      at += extents[i];
    }
    return gxs;
  }
}
